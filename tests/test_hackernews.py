"""What is particular to Hacker News: 1,000 hits at most, and deletions that only single items tell of."""

from typing import Any

import pytest
from at_stand import NOW, Stand, stand
from pytest_httpserver import HTTPServer
from stands._samples import answer
from werkzeug import Request, Response

from connectors import hackernews
from connectors._json import Shape


@pytest.fixture
def at(httpserver: HTTPServer) -> Stand:
    return stand("hackernews", httpserver)


def searches(at: Stand) -> list[Request]:
    return [
        request for request in at.asked if "search" in request.path and request.args["query"].startswith('"')
    ]


def test_stories_and_comments_are_read_with_their_titles(at: Stand) -> None:
    found = {one.key: one for one in at.visit().mentions}
    comment, story = found["4205"], found["4200"]
    assert comment.text == 'I installed the alarm at Oakfield House.\nIt rang "often".'
    assert (comment.title, comment.kind) == ("Alarms in care homes", "comment")
    assert (story.text, story.kind) == ("https://news.example/sensors", "post")
    assert comment.url == "https://news.ycombinator.com/item?id=4205"


def test_it_asks_only_for_what_is_new_and_what_can_still_be_edited(at: Stand) -> None:
    first = at.visit()
    at.asked.clear()
    at.visit(first.cursor)
    newest = max(one.posted_at for one in first.mentions if one.posted_at)
    bound = int(newest.timestamp()) - 3 * 3600
    assert searches(at)[0].args["numericFilters"] == f"created_at_i>{bound}"


def test_beyond_a_thousand_hits_it_goes_on_from_the_last(at: Stand) -> None:
    moment = int(NOW.timestamp()) - 3600

    def many(request: Request) -> Response | None:
        if request.args.get("query", "").startswith('"'):
            page, before = int(request.args["page"]), "<" in request.args["numericFilters"]
            number = 1000 * before + page
            hit = {"objectID": str(number), "title": "x", "created_at_i": moment - number}
            return answer({"hits": [hit], "nbHits": 200 if before else 1500, "nbPages": 2, "page": page})
        return None

    at.first = many
    batch = at.visit()
    assert {one.key for one in batch.mentions} == {"0", "1", "1000", "1001"}
    assert not batch.missed
    last = searches(at)[-1].args
    assert (last["page"], last["numericFilters"].partition(",")[2]) == ("1", f"created_at_i<={moment - 1}")


def test_a_deletion_is_noticed_among_what_was_found(at: Stand) -> None:
    first = at.visit()

    def changed(request: Request) -> Response | None:
        if request.path == "/v0/item/4205.json":
            return answer({"id": 4205, "deleted": True, "type": "comment"})
        return answer({"hits": [], "nbPages": 0}) if "search" in request.path else None

    at.first = changed
    batch = at.visit(first.cursor)
    assert batch.deleted == ("4205",)
    at.asked.clear()
    at.visit(batch.cursor)
    assert [path for path in at.paths if "item" in path] == ["/v0/item/4200.json"]


@pytest.mark.parametrize(
    ("item", "gone"),
    [
        ({"id": 1, "deleted": True}, True),
        ({"id": 1, "dead": True}, True),
        ({"id": 1, "text": "x"}, False),
        (None, False),
    ],
)
def test_dead_and_deleted_items_are_gone_and_null_says_nothing(item: Any, gone: bool) -> None:
    assert hackernews.is_gone(Shape(item)) is gone


def test_a_hit_without_words_or_number_is_left_out() -> None:
    hits = [{"objectID": "1"}, {"title": "words"}, {"objectID": 2, "title": "words"}]
    page = hackernews.parse(Shape({"hits": hits}), name="a", now=NOW)
    assert [one.key for one in page.mentions] == ["2"]
