"""What is particular to Stack Exchange: it asks to be left alone, and counts what is left of the day's requests."""

from datetime import timedelta
from typing import Any

import pytest
from at_stand import NOW, Stand, stand
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from stands import SECRET
from stands._samples import answer, sample
from stands.stackexchange import KEYS, zipped
from stands.stackexchange import answer as good
from werkzeug import Request, Response

from connectors import stackexchange
from connectors._json import Shape
from core.errors import FetchError

SEARCH = "/2.3/search/excerpts"


@pytest.fixture
def at(httpserver: HTTPServer) -> Stand:
    return stand("stackexchange", httpserver)


def keys(batch: Any) -> set[str]:
    return {one.key for one in batch.mentions}


def test_questions_and_answers_are_read_whole_with_their_entities_resolved(at: Stand) -> None:
    found = {one.key: one for one in at.visit().mentions}
    question, reply = found["workplace:700"], found["workplace:702"]
    assert question.title == 'Notice period at "Oakfield House"'
    assert question.text == "I work at Oakfield House & want to leave."
    assert (question.author, question.kind) == ("Jo & Co", "post")
    assert (reply.kind, reply.url) == ("comment", "https://workplace.stackexchange.com/a/702")


def test_the_key_goes_along_and_zipped_answers_are_read(at: Stand) -> None:
    at.first = lambda request: zipped(good(request))
    assert keys(at.visit()) == KEYS
    assert {request.args["key"] for request in at.asked} == {SECRET}


def test_it_reads_on_from_the_oldest_and_next_time_from_where_it_ended(at: Stand) -> None:
    first = at.visit()
    at.asked.clear()
    at.visit(first.cursor)
    newest = max(one.posted_at for one in first.mentions if one.posted_at)
    asked = [int(request.args["fromdate"]) for request in at.asked if request.path == SEARCH]
    assert asked[0] == int((newest - timedelta(hours=1)).timestamp())


def test_where_it_asks_to_be_left_alone_the_visit_ends_and_the_next_goes_on(at: Stand) -> None:
    def first(request: Request) -> Response | None:
        if request.path == SEARCH and request.args["page"] == "1" and request.args["q"].startswith('"'):
            return answer(sample("stackexchange/excerpts.json") | {"backoff": 10})
        return None

    at.first = first
    batch = at.visit()
    assert keys(batch) == {"workplace:700", "workplace:702"}
    assert batch.not_before == NOW + timedelta(seconds=10)
    assert len(at.asked) == 2
    at.first = lambda _request: None
    assert keys(batch) | keys(at.visit(batch.cursor)) == KEYS


def test_where_no_request_is_left_it_waits_for_midnight(at: Stand) -> None:
    at.first = lambda request: (
        answer(sample("stackexchange/excerpts-2.json") | {"quota_remaining": 0})
        if request.path == SEARCH
        else None
    )
    assert at.visit(query='"oakfield house"').not_before == NOW + timedelta(hours=12)


@pytest.mark.parametrize("status", [200, 400, 502])
def test_a_throttled_visit_says_when_to_come_again(at: Stand, status: int) -> None:
    body = {
        "error_id": 502,
        "error_name": "throttle_violation",
        "error_message": "too many requests from this IP, more requests available in 64857 seconds",
    }
    at.first = lambda _request: answer(body, status)
    with pytest.raises(FetchError, match="throttle_violation") as caught:
        at.visit()
    assert caught.value.temporary
    assert caught.value.retry_after == timedelta(seconds=64857)
    assert len(at.asked) == 1


def test_a_parameter_that_it_refuses_is_an_error_for_good_and_quotes_nothing(at: Stand) -> None:
    at.first = lambda _request: answer(
        {"error_id": 400, "error_name": "bad_parameter", "error_message": "q: oakfield house"}, 400
    )
    with pytest.raises(FetchError, match="bad_parameter") as caught:
        at.visit()
    assert not caught.value.temporary
    assert "oakfield" not in str(caught.value)


def test_a_refusal_without_a_reason_is_one_too(at: Stand) -> None:
    at.first = lambda _request: Response("<html>no</html>", 400)
    with pytest.raises(FetchError) as caught:
        at.visit()
    assert (caught.value.status, caught.value.temporary) == (400, False)


def test_several_sites_are_searched_and_their_numbers_kept_apart(at: Stand) -> None:
    assert keys(at.visit(sites=["workplace", "stackoverflow"])) == KEYS | {
        key.replace("workplace", "stackoverflow") for key in KEYS
    }


@pytest.mark.parametrize(
    ("site", "url"),
    [
        ("stackoverflow", "https://stackoverflow.com/q/7"),
        ("workplace", "https://workplace.stackexchange.com/q/7"),
        ("mathoverflow.net", "https://mathoverflow.net/q/7"),
    ],
)
def test_a_question_without_a_link_gets_one(site: str, url: str) -> None:
    (found,) = stackexchange.parse([Shape({"question_id": "7", "title": "x"})], site, name="a", now=NOW)
    assert (found.key, found.url) == (f"{site}:7", url)


@pytest.mark.parametrize(
    "said",
    [
        {"backoff": 999_999, "items": []},
        {"error_id": 502, "error_message": "more requests available in 9999999 seconds"},
    ],
)
def test_no_wait_is_longer_than_a_week(at: Stand, said: dict[str, Any]) -> None:
    at.first = lambda _request: answer(said, 400 if "error_id" in said else 200)
    try:
        wait = (at.visit(query='"oakfield house"').not_before or NOW) - NOW
    except FetchError as error:
        wait = error.retry_after or timedelta()
    assert wait == timedelta(days=7)


@pytest.mark.parametrize("backoff", [None, True, "soon", -1, 0, 10**30])
def test_a_wait_that_cannot_be_is_none(at: Stand, backoff: object) -> None:
    at.first = lambda request: (
        answer(sample("stackexchange/excerpts-2.json") | {"backoff": backoff})
        if request.path == SEARCH
        else None
    )
    assert at.visit(query='"oakfield house"').not_before is None


def test_a_site_is_a_name() -> None:
    with pytest.raises(ValidationError):
        stackexchange.Options(sites=("https://stackoverflow.com",))
