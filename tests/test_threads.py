"""Threads: what is searched, what it costs, and replies to the own posts."""

import pytest
from approved import NOW, Desk
from pytest_httpserver import HTTPServer
from werkzeug import Response

from core.errors import FetchError


@pytest.fixture
def desk(httpserver: HTTPServer) -> Desk:
    return Desk("threads", httpserver)


def test_each_alternative_is_searched_for_without_quotation_marks_and_counted(desk: Desk):
    desk.fetch()
    searched = [request for request in desk.asked if request.path.endswith("/keyword_search")]
    assert {request.args["q"] for request in searched} >= {"oakfield house", "oakfieldhouse"}
    assert {request.args["search_type"] for request in searched} == {"RECENT"}
    assert sum(units for budget, units in desk.spent if budget == "searches") == len(searched)
    assert int(searched[0].args["since"]) == int(NOW.timestamp()) - 8 * 24 * 3600  # a day more than asked for


def test_the_next_visit_asks_for_what_is_new(desk: Desk):
    cursor = desk.fetch().cursor
    desk.fetch(cursor)
    searched = [request for request in desk.asked if request.path.endswith("/keyword_search")]
    assert int(searched[0].args["since"]) == int(NOW.timestamp()) - 27 * 3600  # the newest is two hours old


def test_replies_are_comments_and_posts_without_words_are_left_out(desk: Desk):
    kinds = {mention.key: mention.kind for mention in desk.fetch().mentions}
    assert kinds == {"19001": "post", "19003": "post", "19004": "post", "19005": "comment"}


def test_the_own_account_can_be_left_out(desk: Desk):
    desk.fetch(own=False)
    assert set(desk.paths()) == {"/v1.0/keyword_search"}


def test_words_that_meta_holds_to_be_sensitive_look_like_nothing(desk: Desk):
    desk.answer = lambda _: Response('{"data": []}', content_type="application/json")
    batch = desk.fetch()
    assert (batch.mentions, batch.missed) == ((), "")


def test_a_missing_permission_for_the_own_account_costs_the_searches_nothing(desk: Desk):
    good = desk.answer
    error = '{"error": {"code": 10}}'
    desk.answer = lambda request: Response(error, 403) if "/me/" in request.path else good(request)
    batch = desk.fetch()
    assert {mention.key for mention in batch.mentions} == {"19001", "19003"}
    assert "lacks a permission" in batch.missed


def test_without_a_query_nothing_is_asked(desk: Desk):
    with pytest.raises(FetchError, match=r"organisation\.query"):
        desk.fetch(query="")
    assert desk.asked == []
