"""What is particular to Reddit: praw that never waits, deletions, and listings whose strangers are dropped."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from at_stand import NOW, Stand, anything, stand
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from stands._samples import answer, sample
from werkzeug import Request, Response

from connectors import reddit
from connectors._json import Shape
from core.errors import FetchError


@pytest.fixture
def at(httpserver: HTTPServer) -> Stand:
    return stand("reddit", httpserver)


def children(*items: dict[str, Any]) -> Shape:
    return Shape({"data": {"children": list(items), "after": None}})


def item(kind: str = "t3", **data: Any) -> dict[str, Any]:
    given = {
        "id": "a1",
        "author": "a_reader",
        "title": "Oakfield House",
        "selftext": "",
        "permalink": "/r/x/a1/",
    }
    return {"kind": kind, "data": given | data}


def test_a_post_and_a_comment_are_read_with_what_stands_beside_them(at: Stand) -> None:
    found = {one.key: one for one in at.visit().mentions}
    post, comment = found["t3_aa09"], found["t1_c005"]
    assert post.url == "https://www.reddit.com/r/carehomes/comments/aa09/x/"
    assert (post.kind, post.author, post.title) == ("post", "a_reader", "Visiting hours")
    assert "Oakfield House & we" in post.text
    assert (comment.kind, comment.title) == ("comment", "Which homes have a garden?")


def test_a_crosspost_says_where_it_came_from_and_a_link_is_part_of_the_text(at: Stand) -> None:
    found = {one.key: one for one in at.visit().mentions}["t3_aa03"]
    assert found.shared == "https://www.reddit.com/r/oakfield/comments/zz01/open_day/"
    assert found.text == "https://pictures.example/oakfield-house.jpg"


def test_strangers_posts_in_a_subreddit_are_dropped_and_deleted_ones_named(at: Stand) -> None:
    batch = at.visit()
    assert "t3_aa08" not in {one.key for one in batch.mentions}
    assert set(batch.deleted) == {"t3_aa07", "t1_c004"}


def test_it_logs_in_once_for_all_requests(at: Stand) -> None:
    at.visit()
    assert at.paths.count("/api/v1/access_token") == 1


def test_a_token_that_ran_out_makes_it_log_in_once_more(at: Stand) -> None:
    refused = iter([True])
    at.first = lambda request: (
        answer({"error": 401}, 401) if request.path == "/search" and next(refused, False) else None
    )
    assert not at.visit().missed
    assert at.paths.count("/api/v1/access_token") == 2


def test_a_refused_key_is_said_for_good(at: Stand) -> None:
    with pytest.raises(FetchError, match="refuses the key") as caught:
        at.visit(client_secret="another")
    assert (caught.value.temporary, caught.value.status) == (False, 401)


def test_a_refusal_in_an_answer_of_success_is_one_too(at: Stand) -> None:
    at.first = lambda request: answer({"error": "invalid_grant"}) if "access_token" in request.path else None
    with pytest.raises(FetchError, match="refuses the key"):
        at.visit()


def test_the_library_tries_nothing_again_by_itself(at: Stand) -> None:
    at.first = lambda request: None if "access_token" in request.path else Response("busy", 503)
    with pytest.raises(FetchError):
        at.visit(subreddits=[])
    assert at.paths.count("/search") == 1


def test_the_last_allowed_request_stops_the_visit_and_says_when_to_come_again(at: Stand) -> None:
    spent = {"x-ratelimit-remaining": "0.0", "x-ratelimit-used": "100", "x-ratelimit-reset": "40"}

    def first(request: Request) -> Response | None:
        return answer(sample("reddit/new.json"), **spent) if request.path.endswith("/new") else None

    at.first = first
    batch = at.visit(max_pages=1)
    assert batch.not_before == NOW + timedelta(seconds=40)
    assert [path for path in at.paths if "access_token" not in path] == ["/r/CareHomes/new"]
    assert "no request is left" in batch.missed


def test_a_limit_reached_by_the_very_last_request_counts_for_the_next_visit(at: Stand) -> None:
    spent = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "40"}
    at.first = lambda request: (
        answer(sample("reddit/search.json"), **spent) if request.path == "/search" else None
    )
    batch = at.visit(subreddits=[])
    assert (batch.not_before, batch.missed) == (NOW + timedelta(seconds=40), "")


def test_what_was_found_is_looked_at_again_and_its_deletion_noticed(at: Stand) -> None:
    cursor = at.visit(everywhere=False).cursor
    gone = item(id="aa09", author="[deleted]", selftext="[removed]", removed_by_category="moderator")

    def first(request: Request) -> Response | None:
        if request.path == "/api/info":
            assert set(request.args["id"].split(",")) == {"t3_aa09", "t3_aa03", "t1_c005"}
            return answer({"data": {"children": [gone], "after": None}})
        return answer({"data": {"children": [], "after": None}}) if request.path.startswith("/r/") else None

    at.first = first
    batch = at.visit(cursor, everywhere=False)
    assert batch.deleted == ("t3_aa09",)
    at.asked.clear()
    at.first = lambda request: (
        answer({"data": {"children": [], "after": None}}) if "/r/" in request.path else None
    )
    at.visit(batch.cursor, everywhere=False)
    assert {request.args["id"] for request in at.asked if request.path == "/api/info"} == {"t3_aa03,t1_c005"}


def test_an_edited_post_comes_again_under_its_key(at: Stand) -> None:
    first = at.visit(everywhere=False)
    edited = item(id="aa09", selftext="It is solved: Oakfield House wrote to us.", edited=1780300000.0)
    at.first = lambda request: (
        answer({"data": {"children": [edited] if request.path == "/api/info" else [], "after": None}})
        if request.path.startswith(("/r/", "/api/info"))
        else None
    )
    again = at.visit(first.cursor, everywhere=False)
    assert [(one.key, one.text) for one in again.mentions] == [
        ("t3_aa09", "It is solved: Oakfield House wrote to us.")
    ]


def test_a_listing_moves_on_although_nothing_of_it_is_about_us(at: Stand) -> None:
    first = at.visit(everywhere=False, query="nothingofthekind")
    assert first.mentions == ()
    at.asked.clear()
    at.visit(first.cursor, everywhere=False, query="nothingofthekind")
    assert [request.args.get("after") for request in at.asked if request.path.endswith("/new")] == [None]


def test_a_subreddit_that_is_not_there_is_said(at: Stand) -> None:
    at.first = lambda request: (
        Response("", 302, {"Location": f"{at.base}/subreddits/search?q=carehomes"})
        if request.path.startswith("/r/CareHomes/new")
        else None
    )
    assert "subreddit that is not there" in at.visit().missed


def test_the_environment_tells_praw_nothing(at: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("username", "password", "refresh_token", "site", "client_id", "check_for_updates"):
        monkeypatch.setenv(f"praw_{name}", "elsewhere")
    assert at.visit().mentions


def test_what_is_searched_for_is_not_logged(at: Stand, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        at.visit()
    assert "oakfield" not in "".join(
        line.getMessage() for line in caplog.records if line.name.startswith("praw")
    )


def test_without_a_query_or_a_key_nothing_is_asked(at: Stand) -> None:
    with pytest.raises(FetchError, match=r"organisation\.query"):
        at.visit(query=" ")
    with pytest.raises(FetchError, match="REDSHANK_KEYS__REDDIT__CLIENT_ID"):
        at.visit(client_id="")
    assert not at.asked


@pytest.mark.parametrize("name", ["r/x", "a b", "", "../admin", "x?y"])
def test_a_subreddit_is_a_name(name: str) -> None:
    with pytest.raises(ValidationError):
        reddit.Options(subreddits=(name,))


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"selftext": "Oakfield House"}, True),
        ({"author": "[deleted]", "selftext": "the account is closed, the text stays"}, True),
        ({"author": "[deleted]", "selftext": ""}, False),
        ({"author": None, "selftext": "words"}, False),
        ({"selftext": "[removed]"}, False),
        ({"selftext": "[ Removed by Reddit ]"}, False),
        ({"removed_by_category": "automod_filtered", "selftext": "words"}, False),
    ],
)
def test_what_was_taken_down_is_deleted(data: dict[str, Any], kept: bool) -> None:
    page = reddit.parse(children(item(**data)), name="a", now=NOW)
    assert (len(page.mentions), page.deleted) == ((1, ()) if kept else (0, ("t3_a1",)))


def test_other_things_in_a_listing_are_passed_over() -> None:
    page = reddit.parse(children(item("t5"), {"kind": "more", "data": {"id": "x"}}), name="a", now=NOW)
    assert (page.mentions, page.deleted) == ((), ())


JSON = anything(
    "id", "author", "title", "selftext", "body", "permalink", "created_utc", "crosspost_parent_list", "url"
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["t1", "t3", "t5"]), "data": JSON}), max_size=4)
)
def test_no_listing_breaks_the_parser(items: list[Any]) -> None:
    json.dumps(items)
    page = reddit.parse(Shape({"data": {"children": items}}), name="a", now=NOW)
    assert all(one.key.startswith(("t1_", "t3_")) for one in page.mentions)
