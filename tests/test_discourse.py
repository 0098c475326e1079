"""What is particular to Discourse: a search that shows pieces, and listings of which strangers' posts are dropped."""

from typing import Any

import pytest
from at_stand import NOW, Stand, stand
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from stands._samples import answer
from stands.discourse import KEYS
from werkzeug import Request, Response

from connectors import discourse
from connectors._json import Shape
from core.errors import FetchError


@pytest.fixture
def at(httpserver: HTTPServer) -> Stand:
    return stand("discourse", httpserver)


def test_a_post_that_the_search_found_is_read_whole(at: Stand) -> None:
    found = {one.key: one for one in at.visit(all_posts=False).mentions}
    assert set(found) == {"215", "209"}
    assert found["209"].text.startswith("A long first paragraph")
    assert found["209"].title == "What we did in spring"
    assert found["215"].url == f"{at.base}/t/a-topic/60/2"
    assert (found["215"].kind, found["209"].kind) == ("comment", "post")


def test_a_post_reads_the_same_whichever_list_it_stands_on(at: Stand) -> None:
    searched = {one.key: one.content_hash for one in at.visit(all_posts=False).mentions}
    at.first = lambda request: answer({"posts": []}) if request.path == "/search.json" else None
    listed = {one.key: one.content_hash for one in at.visit().mentions}
    assert searched.items() <= listed.items()


def test_of_the_new_posts_only_those_about_us_are_kept_and_a_topic_about_us_brings_its_posts(
    at: Stand,
) -> None:
    at.first = lambda request: answer({"posts": []}) if request.path == "/search.json" else None
    batch = at.visit()
    assert {one.key for one in batch.mentions} == KEYS
    assert "/t/63.json" in at.paths
    assert "/t/61.json" not in at.paths
    assert batch.deleted == ("213",)


def test_a_post_that_cannot_be_had_is_shown_as_the_search_shows_it(at: Stand) -> None:
    at.first = lambda request: Response("gone", 404) if request.path == "/posts/209.json" else None
    found = {one.key: one for one in at.visit(all_posts=False).mentions}
    assert found["209"].text == "…of what happened at Oakfield House."


def test_the_listing_moves_on_although_nothing_of_it_is_about_us(at: Stand) -> None:
    first = at.visit(query="nothingofthekind")
    at.asked.clear()
    at.visit(first.cursor, query="nothingofthekind")
    assert [request.args.get("before") for request in at.asked if request.path == "/posts.json"] == [None]


def test_a_listing_whose_last_page_repeats_ends_without_a_word(at: Stand) -> None:
    last = {
        "latest_posts": [{"id": 5, "created_at": "2026-05-31T08:00:00Z", "cooked": "<p>x</p>", "topic_id": 1}]
    }
    at.first = lambda request: answer(last) if request.path == "/posts.json" else None
    assert not at.visit().missed


def test_a_forum_whose_listing_is_closed_is_still_searched(at: Stand) -> None:
    def closed(request: Request) -> Response | None:
        return Response("no", 403) if request.path == "/posts.json" else None

    at.first = closed
    batch = at.visit()
    assert {"215", "209"} <= {one.key for one in batch.mentions}
    assert "403" in batch.missed


@pytest.mark.parametrize(
    ("changed", "kept", "deleted"),
    [
        ({}, 1, 0),
        ({"hidden": True}, 0, 1),
        ({"deleted_at": "2026-05-30T08:00:00Z"}, 0, 1),
        ({"user_deleted": True}, 0, 1),
        ({"post_type": 3}, 0, 0),
        ({"id": None}, 0, 0),
    ],
)
def test_hidden_and_deleted_posts_and_small_actions(changed: dict[str, Any], kept: int, deleted: int) -> None:
    post = {
        "id": 5,
        "post_type": 1,
        "cooked": "<p>Oakfield House</p>",
        "topic_id": 1,
        "post_number": 1,
    } | changed
    page = discourse.parse([Shape(post)], base="https://f.example", name="a", now=NOW)
    assert (len(page.mentions), len(page.deleted)) == (kept, deleted)


def test_the_forum_has_to_be_named() -> None:
    with pytest.raises(ValidationError, match="base"):
        discourse.Options.model_validate({})


def test_an_answer_without_posts_is_an_error(at: Stand) -> None:
    at.first = lambda _request: answer({"errors": ["x"]})
    with pytest.raises(FetchError, match="lacks the list"):
        at.visit()
