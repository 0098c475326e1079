"""Google reviews: logging in, changed reviews, and reviews that vanish."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from approved import Desk
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from core.errors import FetchError

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def desk(httpserver: HTTPServer) -> Desk:
    return Desk("google_reviews", httpserver)


def changed(desk: Desk, change: Change) -> None:
    """From now on the pages of reviews are others."""
    good = desk.answer

    def answer(request):
        response = good(request)
        if not request.path.endswith("/reviews"):
            return response
        body = json.loads(response.get_data())
        change(body)
        return Response(json.dumps(body), content_type="application/json")

    desk.answer = answer


def less(body: dict[str, Any], total: int | None) -> None:
    """Without the first review, and with another count."""
    body["totalReviewCount"] = total
    if "nextPageToken" in body:
        del body["reviews"][0]


def test_stars_are_the_title_and_the_reply_is_nobodys_mention(desk: Desk):
    first, second = reversed(desk.fetch().mentions)
    assert (first.title, second.title) == ("2 of 5 stars", "4 of 5 stars")
    assert first.url == "https://maps.example/?cid=22"
    assert first.author == "Jo Sample"
    assert "sorry" not in first.full_text
    assert desk.asked[1].args["orderBy"] == "updateTime desc"


def test_the_log_in_is_made_once_a_visit_and_anew_when_the_token_runs_out(desk: Desk):
    desk.fetch()
    assert desk.paths().count("/token") == 1
    good, tired = desk.answer, []

    def answer(request):
        if "pageToken" in request.args and not tired:
            tired.append(True)
            return Response("{}", 401)
        return good(request)

    desk.answer = answer
    assert len(desk.fetch().mentions) == 2
    assert desk.paths().count("/token") == 2


def test_a_token_that_is_refused_from_the_start_is_a_lasting_failure(desk: Desk):
    good = desk.answer
    desk.answer = lambda request: good(request) if request.path == "/token" else Response("{}", 401)
    with pytest.raises(FetchError, match="refuses the key") as caught:
        desk.fetch()
    assert not caught.value.temporary
    assert len(desk.asked) == 2


def test_a_refresh_token_that_google_withdrew_is_to_be_renewed(desk: Desk):
    desk.answer = lambda _: Response('{"error": "invalid_grant"}', 400)
    with pytest.raises(FetchError, match="renew the key") as caught:
        desk.fetch()
    assert not caught.value.temporary


def test_a_review_that_vanished_from_the_whole_list_is_gone(desk: Desk):
    cursor = desk.fetch().cursor
    changed(desk, lambda body: less(body, 2))
    second = desk.fetch(cursor)
    assert second.deleted == ()
    desk.later(days=1)
    third = desk.fetch(second.cursor)
    assert third.deleted == ("22/rev-1",)
    desk.later(days=1)
    assert desk.fetch(third.cursor).deleted == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda body: less(body, 3),
        lambda body: less(body, None),
        lambda body: body.clear(),
    ],
)
def test_a_list_that_may_be_cut_short_deletes_nothing(desk: Desk, change: Change):
    cursor = desk.fetch().cursor
    desk.later(days=1)
    changed(desk, change)
    assert desk.fetch(cursor).deleted == ()


def test_a_list_longer_than_what_is_read_deletes_nothing(desk: Desk):
    cursor = desk.fetch().cursor
    desk.later(days=1)
    changed(desk, lambda body: less(body, 1))
    assert desk.fetch(cursor, max_pages=1).deleted == ()


def test_a_place_without_reviews_is_no_failure(desk: Desk):
    good = desk.answer
    desk.answer = lambda request: good(request) if request.path == "/token" else Response("{}")
    assert desk.fetch().mentions == ()


@pytest.mark.parametrize(
    "given", [{"locations": {}}, {"locations": {"22": "maps"}}, {"account": "accounts/11"}]
)
def test_options_that_cannot_be_are_refused(desk: Desk, given: dict[str, object]):
    with pytest.raises(ValidationError):
        desk.options(**given)


def test_without_a_key_nothing_is_asked(desk: Desk):
    with pytest.raises(FetchError, match="REDSHANK_KEYS__GOOGLE_REVIEWS__REFRESH_TOKEN"):
        desk.fetch(refresh_token="")
    assert desk.asked == []
