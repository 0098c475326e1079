"""X: edits, quotes, deletions and money."""

import json
from datetime import timedelta

import pytest
from approved import NOW, Desk
from at_stand import anything
from hypothesis import given
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors import x
from connectors._json import Shape
from core.errors import FetchError

EDITED, QUOTING, REPLY = "2061400000000000004", "2061300000000000002", "2060100000000000003"


@pytest.fixture
def desk(httpserver: HTTPServer) -> Desk:
    return Desk("x", httpserver)


def budget(left: int):
    """A purse of posts as the house keeps it: it gives all that is asked for or nothing."""
    purse = {"left": left}

    def spend(name: str, units: int) -> None:
        assert name == "posts"
        if units > purse["left"]:
            raise FetchError("the budget is spent", temporary=True)
        purse["left"] -= units

    return purse, spend


def test_an_edit_is_a_version_of_its_first_post(desk: Desk):
    mentions = {mention.key: mention for mention in desk.fetch().mentions}
    edited = mentions[EDITED]
    assert edited.url == "https://x.com/teatime_sample/status/2061400000000000005"
    assert edited.text.endswith("The garden is lovely & the tea is hot https://oakfieldhouse.example/garden")


def test_a_quote_is_whole_and_names_what_it_quotes_and_a_reply_is_a_comment(desk: Desk):
    mentions = {mention.key: mention for mention in desk.fetch().mentions}
    assert mentions[QUOTING].text.endswith("and nobody says why.")
    assert mentions[QUOTING].shared == "https://x.com/i/web/status/2061200000000000001"
    assert mentions[QUOTING].author == "quoting_sample"
    assert (mentions[QUOTING].kind, mentions[REPLY].kind) == ("post", "comment")
    assert mentions[REPLY].shared == ""


def test_the_search_leaves_reposts_out_and_never_reaches_beyond_seven_days(desk: Desk):
    first = desk.fetch(backfill=timedelta(days=30))
    assert desk.asked[0].args["query"].endswith(") -is:retweet")
    assert desk.asked[0].args["start_time"] == "2026-05-25T12:02:00Z"
    assert desk.asked[1].args["next_token"] == "page-two"
    desk.later(hours=1)
    desk.fetch(first.cursor)
    assert desk.asked[0].args["start_time"] == "2026-06-01T09:15:00Z"


def test_a_search_that_finds_nothing_is_no_failure(desk: Desk):
    desk.answer = lambda _: Response('{"meta": {"result_count": 0}}', content_type="application/json")
    assert desk.fetch().mentions == ()


def test_an_answer_of_errors_alone_is_a_failure(desk: Desk):
    desk.answer = lambda _: Response('{"errors": [{"title": "x"}]}', content_type="application/json")
    with pytest.raises(FetchError):
        desk.fetch()


def test_every_20_hours_it_asks_what_is_gone(desk: Desk):
    batch = desk.fetch()
    assert "/2/tweets" not in desk.paths()
    good = desk.answer
    nothing = Response('{"meta": {"result_count": 0}}', content_type="application/json")
    desk.answer = lambda request: good(request) if request.path == "/2/tweets" else nothing
    desk.later(hours=19)
    batch = desk.fetch(batch.cursor)
    assert "/2/tweets" not in desk.paths()
    desk.later(hours=2)
    batch = desk.fetch(batch.cursor)
    assert set(batch.deleted) == {EDITED, REPLY}
    assert set(desk.asked[-1].args["ids"].split(",")) == {EDITED, QUOTING, REPLY}
    desk.later(days=1)
    desk.fetch(batch.cursor)
    assert desk.asked[-1].args["ids"] == QUOTING


def test_a_lookup_that_fails_deletes_nothing_and_is_made_again(desk: Desk):
    cursor = desk.fetch().cursor
    bodies = iter(["{}", '{"data": null}', None])
    good, empty = desk.answer, '{"meta": {"result_count": 0}}'

    def answer(request):
        body = next(bodies) if request.path == "/2/tweets" else empty
        return Response(body, 200 if body else 500, content_type="application/json")

    desk.answer = answer
    for _ in range(3):
        desk.later(days=1)
        batch = desk.fetch(cursor)
        cursor = batch.cursor
        assert batch.deleted == ()
    assert "answered 500" in batch.missed
    desk.answer = lambda request: good(request) if request.path == "/2/tweets" else Response(empty)
    assert len(desk.fetch(cursor).deleted) == 2


def test_a_wait_that_the_lookup_asks_for_is_kept(desk: Desk):
    cursor = desk.fetch().cursor
    slowly = Response("slowly", 429, {"x-rate-limit-reset": str(int(NOW.timestamp()) + 25 * 3600)})
    nothing = Response('{"meta": {"result_count": 0}}', content_type="application/json")
    desk.answer = lambda request: slowly if request.path == "/2/tweets" else nothing
    desk.later(days=1)
    assert desk.fetch(cursor).not_before == NOW + timedelta(hours=25)


def found(count: int) -> str:
    """So many posts of the last minute."""
    made = [{"id": str(2061400000000000000 + number), "text": "Oakfield House"} for number in range(count)]
    return json.dumps({"data": made, "meta": {"result_count": count}})


def test_what_was_told_of_before_the_budget_ran_out_is_not_asked_for_again(desk: Desk):
    desk.answer = lambda _: Response(found(250), content_type="application/json")
    cursor = desk.fetch().cursor
    purse, desk.spend = budget(1 + 150)

    def answer(request):
        if request.path != "/2/tweets":
            return Response('{"meta": {"result_count": 0}}', content_type="application/json")
        data = [{"id": ident} for ident in request.args["ids"].split(",")]
        gone = [{"type": "https://x/resource-not-found", "resource_id": data[0]["id"]}]
        return Response(json.dumps({"data": data[1:], "errors": gone}), content_type="application/json")

    desk.answer = answer
    desk.later(days=1)
    batch = desk.fetch(cursor)
    assert (len(batch.deleted), purse["left"]) == (2, 0)
    assert "the budget is spent" in batch.missed
    purse["left"] = 1000
    asked = {
        ident for request in desk.asked if "ids" in request.args for ident in request.args["ids"].split(",")
    }
    desk.fetch(batch.cursor)
    (last,) = [request.args["ids"].split(",") for request in desk.asked if "ids" in request.args]
    assert (len(asked), len(last), asked & set(last)) == (200, 50, set())


def test_old_posts_are_no_longer_asked_for(desk: Desk):
    cursor = desk.fetch(recheck_days=2).cursor
    desk.answer = lambda _: Response('{"meta": {"result_count": 0}}', content_type="application/json")
    desk.later(days=3)
    desk.fetch(cursor, recheck_days=2)
    assert "/2/tweets" not in desk.paths()


def test_every_post_read_is_paid_for(desk: Desk):
    purse, desk.spend = budget(10)
    desk.fetch()
    assert purse["left"] == 10 - 3


@pytest.mark.parametrize("left", [1, 2])
def test_a_budget_that_ends_ends_the_visit_and_says_so(desk: Desk, left: int):
    purse, desk.spend = budget(left)
    batch = desk.fetch()
    assert {mention.key for mention in batch.mentions} == {EDITED, QUOTING}
    assert "older posts were not read" in batch.missed
    assert purse["left"] == 0
    assert len(desk.asked) == 1
    with pytest.raises(FetchError, match="spent"):
        desk.fetch(batch.cursor)
    assert desk.asked == []


def test_without_authors_no_names_are_asked_for_and_links_still_lead_there(desk: Desk):
    post = {"id": "2061400000000000005", "text": "Oakfield House", "author_id": "9001"}
    desk.answer = lambda _: Response(json.dumps({"data": [post]}), content_type="application/json")
    (mention,) = desk.fetch(authors=False).mentions
    assert "expansions" not in desk.asked[0].args
    assert mention.author == ""
    assert mention.url == "https://x.com/i/web/status/2061400000000000005"


def test_too_many_requests_wait_until_the_time_that_x_names(desk: Desk):
    reset = str(int(NOW.timestamp()) + 600)
    desk.answer = lambda _: Response("{}", 429, {"x-rate-limit-reset": reset})
    with pytest.raises(FetchError) as caught:
        desk.fetch()
    assert caught.value.retry_after == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"token": ""}, "REDSHANK_KEYS__X__TOKEN"),
        ({"query": ""}, "organisation.query"),
        ({"query": "NOT a"}, "query"),
    ],
)
def test_without_key_or_query_nothing_is_asked(desk: Desk, given: dict[str, str], said: str):
    with pytest.raises(FetchError, match=said) as caught:
        desk.fetch(**given)
    assert not caught.value.temporary
    assert desk.asked == []


def test_a_long_query_leaves_room_for_what_is_added(desk: Desk):
    desk.fetch(query=" OR ".join(f'"sample house {number}"' for number in range(60)))
    assert len(desk.asked) > 1
    assert all(len(request.args["query"]) <= 512 for request in desk.asked)


JSON = anything(
    "id",
    "text",
    "data",
    "referenced_tweets",
    "type",
    "entities",
    "urls",
    "url",
    "note_tweet",
    "edit_history_tweet_ids",
)


@given(JSON)
def test_whatever_stands_in_an_answer_is_read_or_refused(value: object):
    try:
        page = x.parse(Shape({"data": value}), "a-source", NOW)
    except FetchError:
        return
    assert all(mention.key and mention.url for mention in page.mentions)
