"""YouTube: what a day's quota allows, what refusals mean, and which comments are read."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stands
from at_stand import NOW, anything, asking, by_key, options, serve, visit
from hypothesis import given
from pytest_httpserver import HTTPServer
from stands import youtube as stand
from werkzeug import Request, Response

from connectors import _google, youtube
from connectors._json import Shape
from core.errors import FetchError

FIRST = "oakvid00001"


def paths(asked: list[str]) -> Counter[str]:
    return Counter(path.partition("?")[0] for path in asked)


def at(path: str, answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """The stand, but for one path."""
    return lambda request: answer(request) if request.path == path else stand.answer(request)


def test_videos_and_comments_say_what_they_are(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, stand.answer)
    found = by_key(visit("youtube", base))
    video = found[FIRST]
    assert video.title == "A day at Oakfield House & garden"
    assert video.text == "We visit the home and ask how the night shift is staffed."
    assert (video.kind, video.lang, video.author) == ("video", "en", "Town Talk")
    reply = found["Ugone.r1"]
    assert (reply.kind, reply.author) == ("comment", "@sample-ugone.r1")
    assert reply.url == "https://www.youtube.com/watch?v=oakvid00001&lc=Ugone.r1"
    assert found["Ugfour.r2"].url == "https://www.youtube.com/watch?v=oakvid00009&lc=Ugfour.r2"
    assert found["Ugfive"].url == "https://www.youtube.com/channel/UCoakfieldhouse/discussion?lc=Ugfive"


def test_of_a_strangers_video_only_comments_that_name_us_are_kept(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    batch = visit("youtube", base)
    assert "Ugtwo" not in by_key(batch)
    assert "Ugfour" in by_key(batch)  # in the operator's own channel everything is said to them
    assert "oakvid00002" in by_key(batch)
    assert not [
        path for path in asked if "videoId=oakvid00002" in path
    ]  # what the query drops is not watched


def test_a_days_searches_last_the_day(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    cursor, spent = None, Counter[str]()

    def spend(budget: str, units: int) -> None:
        spent[budget] += units

    for minute in range(0, 24 * 60, 5):
        cursor = visit("youtube", base, cursor, now=NOW + timedelta(minutes=minute), spend=spend).cursor
    assert 70 <= spent["search"] <= 100
    assert spent["search"] == paths(asked)["/search"]
    assert spent[""] == len(asked) - paths(asked)["/search"] <= 10_000


def test_more_searches_are_made_more_seldom_and_the_operator_may_say_how_often(
    httpserver: HTTPServer,
) -> None:
    base, asked = serve(httpserver, stand.answer)
    first = visit("youtube", base, search_every="2h")
    visit("youtube", base, first.cursor, search_every="2h", now=NOW + timedelta(minutes=119))
    assert paths(asked)["/search"] == 2  # the two pages of the first visit
    visit("youtube", base, first.cursor, search_every="2h", now=NOW + timedelta(minutes=120))
    assert paths(asked)["/search"] > 2


def test_comments_are_read_while_the_searches_of_the_day_are_spent(httpserver: HTTPServer) -> None:
    def spend(budget: str, _units: int) -> None:
        if budget == "search":
            raise FetchError("the budget is spent", temporary=True, retry_after=timedelta(hours=9))

    base, asked = serve(httpserver, stand.answer)
    batch = visit("youtube", base, spend=spend)
    assert set(by_key(batch)) == {"Ugfour", "Ugfour.r1", "Ugfour.r2", "Ugfive"}
    assert "the budget is spent" in batch.missed
    assert batch.not_before is None
    assert not paths(asked)["/search"]
    later = visit("youtube", base, batch.cursor)
    assert set(by_key(batch)) | set(by_key(later)) == set(stand.KEYS)


def test_a_video_is_watched_for_a_month(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, stand.answer)
    cursor = visit("youtube", base).cursor
    httpserver.clear()
    empty = at("/search", lambda _request: stand.said({"items": []}))
    base, asked = serve(httpserver, empty)
    cursor = visit("youtube", base, cursor, now=NOW + timedelta(days=29)).cursor
    assert [path for path in asked if f"videoId={FIRST}" in path]
    asked.clear()
    visit("youtube", base, cursor, now=NOW + timedelta(days=31))
    assert not [path for path in asked if f"videoId={FIRST}" in path]


@pytest.mark.parametrize(
    ("status", "reason", "deleted"), [(403, "commentsDisabled", ()), (404, "videoNotFound", (FIRST,))]
)
def test_comments_that_are_off_are_no_failure_and_a_video_that_is_gone_is_told(
    status: int, reason: str, deleted: tuple[str, ...], httpserver: HTTPServer
) -> None:
    def threads(request: Request) -> Response:
        gone = request.args.get("videoId") == FIRST
        return stand.refusal(status, reason) if gone else stand.answer(request)

    base, _ = serve(httpserver, stand.answer)
    first = visit("youtube", base)
    httpserver.clear()
    talk = at("/commentThreads", threads)
    base, _ = serve(
        httpserver,
        lambda request: stand.said({"items": []}) if request.path == "/search" else talk(request),
    )
    batch = visit("youtube", base, first.cursor, now=NOW + timedelta(hours=2))
    assert not batch.missed
    assert batch.deleted == deleted


def test_what_a_search_finds_late_is_found(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    cursor = visit("youtube", base).cursor
    asked.clear()
    visit("youtube", base, cursor, now=NOW + timedelta(days=1))
    newest = max(one.posted_at for one in by_key(visit("youtube", base)).values() if one.kind == "video")
    moment = newest - timedelta(hours=25)
    assert f"publishedAfter={moment:%Y-%m-%dT%H}%3A{moment:%M}" in asked[0]


def test_a_video_that_is_found_before_the_platform_wants_to_be_left_alone_is_watched(
    httpserver: HTTPServer,
) -> None:
    searched: list[str] = []

    def answer(request: Request) -> Response:
        if request.path == "/search":
            searched.append(request.args["q"])
            if len(set(searched)) > 1:
                return Response("{}", 429, {"Retry-After": "60"})
        return stand.answer(request)

    base, _ = serve(httpserver, answer)
    others = " OR ".join(f'"the friends of oakfield house number {number}s"' for number in range(12))
    more = {"query": f'"a day at oakfield house" OR {others}'}
    first = visit("youtube", base, **more)
    assert FIRST in by_key(first)
    assert first.not_before == NOW + timedelta(minutes=1)
    httpserver.clear()
    nothing = Response('{"items": []}', content_type="application/json")
    base, asked = serve(httpserver, at("/search", lambda _request: nothing))
    visit("youtube", base, first.cursor, now=NOW + timedelta(days=1), **more)
    assert [path for path in asked if f"videoId={FIRST}" in path]


def test_a_quota_that_is_spent_is_waited_for_until_midnight_in_california(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, lambda _request: stand.refusal(403, "quotaExceeded"))
    with pytest.raises(FetchError) as caught:
        visit("youtube", base)
    assert caught.value.temporary
    assert caught.value.retry_after == timedelta(hours=19)  # it is five in the morning there


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 6, 2, 6, 59, tzinfo=UTC), datetime(2026, 6, 2, 7, 0, tzinfo=UTC)),
        (datetime(2026, 6, 2, 7, 0, tzinfo=UTC), datetime(2026, 6, 3, 7, 0, tzinfo=UTC)),
        (
            datetime(2026, 11, 1, 7, 30, tzinfo=UTC),
            datetime(2026, 11, 2, 8, 0, tzinfo=UTC),
        ),  # the clocks go back
    ],
)
def test_midnight_is_that_of_the_clock_on_the_wall(now: datetime, then: datetime) -> None:
    assert _google.midnight(now) == then


GOOGLE = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
NEW_FORM = {
    "error": {"code": 400, "message": "no", "errors": [{"reason": "badRequest"}], "details": [GOOGLE]}
}


@pytest.mark.parametrize(
    "answer",
    [stand.refusal(400, "keyInvalid"), stand.said(NEW_FORM, 400), stand.refusal(403, "accessNotConfigured")],
)
def test_a_key_that_is_refused_fails_for_good(answer: Response, httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, lambda _request: answer)
    with pytest.raises(FetchError, match="refuses the key") as caught:
        visit("youtube", base)
    assert not caught.value.temporary


def test_without_a_key_nothing_is_asked(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    with pytest.raises(FetchError, match="REDSHANK_KEYS__YOUTUBE__API_KEY"):
        visit("youtube", base, api_key="")
    assert not asked


def test_the_key_is_in_no_address(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    visit("youtube", base)
    assert stands.SECRET not in "".join(asked)


def test_a_channel_may_be_searched_or_read_without_any_search_for_videos(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    visit("youtube", base, search=False, search_comments=True)
    assert paths(asked)["/search"] == 0
    assert [path for path in asked if "searchTerms=" in path]
    asked.clear()
    whole = visit("youtube", base, search=False, query="", videos=[FIRST])
    assert {"Ugfour", "Ugtwo"} <= set(by_key(whole))
    assert not [path for path in asked if "searchTerms=" in path]


def test_replies_beyond_those_that_come_along_are_read_once(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    first = visit("youtube", base)
    assert paths(asked)["/comments"] == 1
    visit("youtube", base, first.cursor, now=NOW + timedelta(hours=2))
    assert paths(asked)["/comments"] == 1


@given(anything("items", "id", "kind", "snippet", "replies", "videoId", "topLevelComment"))
def test_whatever_is_sent_makes_mentions_or_a_fetch_error(value: Any) -> None:
    try:
        page = youtube.parse(Shape(json.loads(json.dumps(value))), source="s", now=NOW)
    except FetchError:
        return
    assert all(mention.url.startswith("https://www.youtube.com/") for mention in page.mentions)


def test_options_are_kept_apart_from_the_client(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, stand.answer)
    with asking() as client:
        assert stands.SECRET not in repr(options("youtube", base))
        assert youtube.fetch(options("youtube", base), None, client).mentions
