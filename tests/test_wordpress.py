"""WordPress sites: pages, edits, deletions, and sites that closed their interface."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from stands import wordpress as stand
from werkzeug import Request, Response

from connectors import wordpress
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return "127.0.0.1", 0


def visit(
    httpserver: HTTPServer, answer: Callable[[Request], Response], cursor: str | None = None, **more: Any
) -> Batch:
    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    options = wordpress.Options.model_validate(
        stand.options(httpserver.url_for("").rstrip("/")) | {"name": "blog"} | more
    )
    with Client("Redshank/0.1", ["127.0.0.1"], clock=lambda: NOW, timeout=5) as client:
        return wordpress.fetch(options, cursor, client)


def reply(value: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(value), status, headers=headers, content_type="application/json")


def test_posts_and_comments_are_plain_words_with_their_authors(httpserver: HTTPServer) -> None:
    found = {one.key: one for one in visit(httpserver, stand.answer).mentions}
    post, comment = found["posts-31"], found["comments-501"]
    assert post.title == "A visit to Oakfield House – “tea” & cake"
    assert post.text == "The staff at Oakfield House were kind.\n\nMy aunt said the soup was cold & grey."
    assert (post.author, post.kind, comment.author, comment.kind) == (
        "Jo Marsh",
        "article",
        "Sam & Kit",
        "comment",
    )
    assert comment.url == "https://blog.example/2026/p31/#comment-501"
    assert found["posts-12"].posted_at == datetime(2025, 1, 5, 10, tzinfo=UTC)


def test_an_old_post_that_is_edited_does_not_make_the_next_visit_read_years(httpserver: HTTPServer) -> None:
    first = visit(httpserver, stand.answer)
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.args.get("modified_after", ""))
        return stand.answer(request)

    visit(httpserver, answer, first.cursor)
    assert "2026-05-31T19:00:00Z" in asked
    assert not any(one.startswith(("2025", "2024")) for one in asked)


def test_a_page_too_far_is_the_end_and_another_refusal_is_none(httpserver: HTTPServer) -> None:
    def answer(request: Request, code: str) -> Response:
        good = stand.answer(request)
        if request.args.get("page") == "2":
            return reply({"code": code, "data": {"status": 400}}, 400)
        return good

    ended = visit(httpserver, lambda request: answer(request, "rest_post_invalid_page_number"))
    assert "posts-31" in {one.key for one in ended.mentions}
    assert not ended.missed
    broken = visit(httpserver, lambda request: answer(request, "rest_invalid_param"))
    assert "400" in broken.missed


def test_a_late_visit_turns_pages_until_it_knows_what_it_reads(httpserver: HTTPServer) -> None:
    posts = [
        {
            "id": number,
            "date_gmt": f"2026-05-31T10:{number // 60:02}:{number % 60:02}",
            "modified_gmt": "2026-05-31T10:00:00",
            "link": f"https://blog.example/?p={number}",
            "title": {"rendered": "Oakfield House"},
            "content": {"rendered": f"<p>{number}</p>"},
        }
        for number in range(250)
    ]

    def answer(request: Request) -> Response:
        if not request.path.endswith("/posts") or "include" in request.args:
            return reply([])
        page = int(request.args["page"]) - 1
        newest = sorted(posts, key=lambda post: str(post["date_gmt"]), reverse=True)
        return reply(newest[page * 100 : page * 100 + 100], **{"X-WP-TotalPages": "3"})

    assert len(visit(httpserver, answer, query="Oakfield").mentions) == 250


def test_what_is_no_longer_shown_is_gone_and_an_edited_comment_comes_again(httpserver: HTTPServer) -> None:
    first = visit(httpserver, stand.answer)

    def later(request: Request) -> Response:
        if "include" not in request.args:
            return reply([], **{"X-WP-TotalPages": "0"}) if "/wp-json" in request.path else Response("", 404)
        found = json.loads(stand.answer(request).get_data())
        if "comments" in request.path:
            found[0]["content"]["rendered"] = "<p>Taken back.</p>"
            return reply(found[:1])
        return reply([])

    second = visit(httpserver, later, first.cursor)
    assert set(second.deleted) == {"comments-502", "posts-31"}  # the others are older than two days
    assert {one.key: one.text for one in second.mentions} == {"comments-501": "Taken back."}


def test_a_site_that_shows_what_it_likes_has_deleted_nothing(httpserver: HTTPServer) -> None:
    """A cache or a plugin may drop the parameter that names the items."""
    first = visit(httpserver, stand.answer)
    other = {"id": 900, "link": "https://blog.example/900", "title": {"rendered": "Another"}}

    def later(request: Request) -> Response:
        shown = [other] if "include" in request.args else []
        return reply(shown, **{"X-WP-TotalPages": "0"}) if "/wp-json" in request.path else Response("", 404)

    second = visit(httpserver, later, first.cursor)
    assert (second.deleted, second.mentions) == ((), ())
    assert "shows other items" in second.missed


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_closed_interface_says_what_to_do(httpserver: HTTPServer, status: int) -> None:
    with pytest.raises(FetchError, match=r'closed; use kind "rss" .* /feed/') as caught:
        visit(httpserver, lambda _: Response("", status))
    assert not caught.value.temporary


def test_a_comment_that_is_approved_days_later_is_read(httpserver: HTTPServer) -> None:
    def comment(number: int, written: str) -> dict[str, Any]:
        text = {"rendered": "<p>Oakfield House</p>"}
        return {"id": number, "link": "https://blog.example/c", "content": text, "date_gmt": written}

    listed = [comment(2, "2026-06-01T11:00:00")]

    def answer(request: Request) -> Response:
        after = request.args.get("after", "")
        shown = [one for one in listed if one["date_gmt"] > after[:19]] if "comments" in request.path else []
        return reply(shown, **{"X-WP-TotalPages": "1"})

    first = visit(httpserver, answer)
    listed.append(comment(1, "2026-05-30T09:00:00"))
    assert "comments-1" in {one.key for one in visit(httpserver, answer, first.cursor).mentions}


def test_comments_are_searched_without_quotes_which_would_be_looked_for(httpserver: HTTPServer) -> None:
    asked: set[tuple[str, str]] = set()

    def answer(request: Request) -> Response:
        asked.add((request.path.rpartition("/")[2], request.args.get("search", "").lower()))
        return stand.answer(request)

    visit(httpserver, answer)
    assert {("posts", '"oakfield house"'), ("comments", "oakfield house")} <= asked


def test_robots_txt_is_honoured(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        rules = "User-agent: *\nDisallow: /wp-json/\n"
        return Response(rules) if request.path == "/robots.txt" else stand.answer(request)

    with pytest.raises(FetchError, match=r"robots\.txt asks us not to"):
        visit(httpserver, answer)


def test_without_a_query_every_post_is_read(httpserver: HTTPServer) -> None:
    searched: list[bool] = []

    def answer(request: Request) -> Response:
        searched.append("search" in request.args)
        return reply([]) if request.path.startswith("/wp-json") else Response("", 404)

    visit(httpserver, answer, query="", comments=False)
    assert not any(searched)
    assert len(searched) == 3  # robots.txt, by date, by change


def test_the_words_of_a_hidden_post_are_not_there_and_its_title_is(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        posts = json.loads(stand.answer(request).get_data() or "[]")
        for post in posts:
            post["content"] = {"rendered": "", "protected": True}
        return reply(posts)

    found = visit(httpserver, answer, comments=False)
    assert {one.text for one in found.mentions} == {""}
    assert all(one.title for one in found.mentions)
