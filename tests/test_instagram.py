"""Instagram: words only, replies below comments, and the budget of hashtags."""

import contextlib
import json
from datetime import timedelta

import pytest
from approved import Desk
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from core.errors import FetchError


@pytest.fixture
def desk(httpserver: HTTPServer) -> Desk:
    return Desk("instagram", httpserver)


def test_captions_comments_and_replies_are_read_and_no_picture_is_asked_for(desk: Desk):
    mentions = {mention.key: mention for mention in desk.fetch().mentions}
    assert (mentions["18001"].kind, mentions["18002"].kind) == ("photo", "video")
    assert (mentions["18201"].kind, mentions["18202"].kind) == ("comment", "comment")
    assert mentions["18202"].url == "https://www.instagram.com/p/AAAsample3/c/18202/"
    assert mentions["18202"].author == "second_sample"
    assert not any("media_url" in request.url or "thumbnail" in request.url for request in desk.asked)


def test_a_hashtag_names_nobody(desk: Desk):
    found = {mention.key: mention for mention in desk.fetch().mentions}["18300"]
    assert found.author == ""
    asked = next(request for request in desk.asked if request.path == "/17843/recent_media")
    assert "username" not in asked.args["fields"]
    assert asked.args["user_id"] == "17841"


def test_a_hashtag_is_looked_up_and_counted_once_in_seven_days(desk: Desk):
    def counted() -> int:
        return sum(units for budget, units in desk.spent if budget == "hashtags")

    cursor = desk.fetch().cursor
    assert counted() == 1
    desk.later(days=6)
    cursor = desk.fetch(cursor).cursor
    assert counted() == 1
    assert "/ig_hashtag_search" not in desk.paths()
    desk.later(days=1)
    desk.fetch(cursor)
    assert counted() == 2


def test_a_budget_of_hashtags_that_is_spent_costs_the_rest_nothing(desk: Desk):
    def spend(budget: str, units: int) -> None:
        if budget == "hashtags":
            raise FetchError("the budget is spent", temporary=True, retry_after=timedelta(days=6))

    desk.spend = spend
    batch = desk.fetch()
    assert "18001" in {mention.key for mention in batch.mentions}
    assert "the budget is spent" in batch.missed
    assert batch.not_before is None


UNKNOWN = '{"error": {"code": 24, "error_subcode": 2207024}}'
FAULTS = {
    "/ig_hashtag_search": Response(UNKNOWN, 400),
    "/17843/recent_media": Response("{}", 500),
    "/": Response('{"error": {"code": 190}}', 401),
}


@pytest.mark.parametrize("path", FAULTS)
def test_what_goes_wrong_with_a_hashtag_is_not_counted_again_and_again(desk: Desk, path: str):
    good = desk.answer
    desk.answer = lambda request: FAULTS[path] if request.path.startswith(path) else good(request)
    cursor = None
    for _ in range(40):
        with contextlib.suppress(FetchError):
            cursor = desk.fetch(cursor).cursor
        desk.later(minutes=10)
    assert sum(units for budget, units in desk.spent if budget == "hashtags") == (path != "/")
    desk.answer = good
    assert "18300" in {mention.key for mention in desk.fetch(cursor).mentions}


def test_every_page_of_a_hashtag_is_read_though_all_name_the_same_cursor(desk: Desk):
    """https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-hashtag/recent-media"""
    good, served = desk.answer, []

    def answer(request):
        if not request.path.endswith("/recent_media"):
            return good(request)
        assert request.args.get("after", "") == ("same" if served else "")
        served.append(len(served))
        made = {
            "id": f"19{len(served)}",
            "caption": "#oakfieldhouse",
            "timestamp": "2026-06-01T10:00:00+0000",
        }
        paging = {"cursors": {"after": "same"}, "next": "https://graph.facebook.com/x"}
        body = {"data": [made]} | ({"paging": paging} if len(served) < 4 else {})
        return Response(json.dumps(body), content_type="application/json")

    desk.answer = answer
    batch = desk.fetch()
    assert {mention.key for mention in batch.mentions} >= {"191", "192", "193", "194"}
    assert batch.missed == ""


def test_an_unknown_hashtag_is_said_and_looked_up_again(desk: Desk):
    good = desk.answer
    empty = json.dumps({"data": []})
    desk.answer = lambda request: (
        Response(empty, content_type="application/json")
        if request.path == "/ig_hashtag_search"
        else good(request)
    )
    batch = desk.fetch(hashtags=["Oakfield"])
    assert "no such hashtag" in batch.missed
    desk.answer = good
    assert "18300" in {mention.key for mention in desk.fetch(batch.cursor, hashtags=["Oakfield"]).mentions}


def test_without_a_query_the_account_is_read_all_the_same(desk: Desk):
    batch = desk.fetch(query="")
    assert "18300" not in {mention.key for mention in batch.mentions}
    assert "18100" in {mention.key for mention in batch.mentions}


@pytest.mark.parametrize("given", [{"user": "oakfield"}, {"hashtags": ["a"] * 31}, {"posts": 0}])
def test_options_that_cannot_be_are_refused(desk: Desk, given: dict[str, object]):
    with pytest.raises(ValidationError):
        desk.options(**given)
