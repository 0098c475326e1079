"""Trustpilot: finding the business, its stars, and the key that stands in no address."""

import pytest
import stands
from approved import Desk
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from core.errors import FetchError


@pytest.fixture
def desk(httpserver: HTTPServer) -> Desk:
    return Desk("trustpilot", httpserver)


def test_stars_and_title_stand_together_and_the_reply_is_left_out(desk: Desk):
    mentions = {mention.key: mention for mention in desk.fetch().mentions}
    assert mentions["tp-1"].title == "1 of 5 stars: No answer"
    assert mentions["tp-3"].title == "3 of 5 stars"
    assert mentions["tp-1"].url == "https://www.trustpilot.com/reviews/tp-1"
    assert (mentions["tp-1"].author, mentions["tp-1"].lang) == ("Jo Sample", "en")
    assert "looking into it" not in mentions["tp-1"].full_text


def test_the_business_is_looked_for_once_and_the_next_visit_costs_one_request(desk: Desk):
    batch = desk.fetch()
    assert desk.asked[0].args["name"] == "oakfieldhouse.example"
    assert desk.paths().count("/v1/business-units/find") == 1
    desk.fetch(batch.cursor)
    assert desk.paths() == ["/v1/business-units/5f00aa/reviews"]
    assert not any(stands.SECRET in request.url for request in desk.asked)


def test_another_business_begins_anew(desk: Desk):
    cursor = desk.fetch().cursor
    desk.fetch(cursor, business="sampleton.example")
    assert desk.paths()[0] == "/v1/business-units/find"


def test_a_business_without_an_id_is_a_passing_failure(desk: Desk):
    desk.answer = lambda _: Response("{}")
    with pytest.raises(FetchError, match="lacks the id") as caught:
        desk.fetch()
    assert caught.value.temporary


@pytest.mark.parametrize("business", ["", "https://oakfieldhouse.example", "a/b"])
def test_a_business_that_is_no_domain_is_refused(desk: Desk, business: str):
    with pytest.raises(ValidationError):
        desk.options(business=business)


def test_without_a_key_nothing_is_asked(desk: Desk):
    with pytest.raises(FetchError, match="REDSHANK_KEYS__TRUSTPILOT__KEY"):
        desk.fetch(key="")
    assert desk.asked == []
