"""GDELT: its sentences in place of errors, its languages, and articles read whole."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from stands import gdelt as stand
from werkzeug import Request, Response

from connectors import gdelt
from connectors._http import Client
from connectors._json import Shape
from core.errors import FetchError
from core.types import Batch

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return "127.0.0.1", 0


def visit(
    httpserver: HTTPServer,
    answer: Callable[[Request], Response],
    cursor: str | None = None,
    spend: Callable[[str, int], None] | None = None,
    **more: Any,
) -> Batch:
    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    options = gdelt.Options.model_validate(
        stand.options(httpserver.url_for("").rstrip("/")) | {"name": "news"} | more
    )
    with Client("Redshank/0.1", ["127.0.0.1"], clock=lambda: NOW, timeout=5, spend=spend) as client:
        return gdelt.fetch(options, cursor, client)


def test_an_article_is_its_title_its_link_and_its_language(httpserver: HTTPServer) -> None:
    found = visit(httpserver, stand.answer).mentions
    assert [one.lang for one in found] == ["", "cy", "en"]
    assert found[-1].text == found[-1].title == "Oakfield House opens a new wing"
    assert found[-1].posted_at == datetime(2026, 5, 31, 10, 15, tzinfo=UTC)


def test_nothing_found_is_an_empty_object(httpserver: HTTPServer) -> None:
    batch = visit(httpserver, lambda _: Response("{}", content_type="application/json"))
    assert (batch.mentions, batch.missed) == ((), "")


@pytest.mark.parametrize(
    ("said", "temporary", "meaning"),
    [
        ("Your query was too short or too long.\n", False, "too short"),
        ("The specified phrase is too short.", False, "too short"),
        ("Timespan is too short.", False, "too short"),
        ("One or more of your keywords were too common.", False, "too common"),
        ("Your search contained an illegal character.", False, "cannot be read"),
        ("Please limit requests to one every 5 seconds or contact somebody.", True, "too soon"),
        ("<html><body>Query planner down</body></html>", True, "web page"),
    ],
)
def test_a_sentence_in_place_of_json_is_an_error(
    httpserver: HTTPServer, said: str, temporary: bool, meaning: str
) -> None:
    with pytest.raises(FetchError, match=meaning) as caught:
        visit(httpserver, lambda _: Response(said, content_type="text/html"))
    assert caught.value.temporary is temporary


def test_it_asks_for_a_day_more_than_it_needs_and_never_beyond_three_months(httpserver: HTTPServer) -> None:
    starts: list[str] = []

    def answer(request: Request) -> Response:
        starts.append(request.args["startdatetime"])
        return stand.answer(request)

    first = visit(httpserver, answer)
    visit(httpserver, answer, first.cursor)
    visit(httpserver, answer, backfill="365d")
    assert starts == ["20260524120000", "20260530091500", "20260305120000"]


def test_a_full_page_is_followed_by_what_was_seen_before(httpserver: HTTPServer) -> None:
    seen = [f"202605{day:02}T{hour:02}0000Z" for day in range(31, 20, -1) for hour in range(23, -1, -1)]
    articles = [
        {"url": f"https://news.example/{when}", "title": "Oakfield House", "seendate": when} for when in seen
    ]
    ends: list[str] = []

    def answer(request: Request) -> Response:
        ends.append(request.args["enddatetime"])
        end = f"{ends[-1][:8]}T{ends[-1][8:]}Z"
        left = [one for one in articles if one["seendate"] <= end]
        return Response(json.dumps({"articles": left[:250]}), content_type="application/json")

    batch = visit(httpserver, answer, backfill="30d")
    assert ends == ["20260601120000", "20260521140000"]
    assert len(batch.mentions) == len(articles)


def test_each_request_is_paid_for_and_a_spent_window_is_waited_for(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    windows = iter([None, timedelta(seconds=3), None])
    monkeypatch.setattr(gdelt, "sleep", slept.append)
    monkeypatch.setattr(gdelt, "PER_PAGE", 3)

    def spend(budget: str, units: int) -> None:
        assert (budget, units) == ("", 1)
        if (wait := next(windows)) is not None:
            raise FetchError("spent", temporary=True, retry_after=wait)

    def answer(request: Request) -> Response:
        return stand.answer(request) if request.args["enddatetime"] == "20260601120000" else Response("{}")

    assert len(visit(httpserver, answer, spend=spend).mentions) == 3
    assert slept == [3.0]
    assert gdelt.TERMS.budgets[""].per == timedelta(seconds=5)


def test_a_budget_that_is_spent_for_long_is_not_waited_for(httpserver: HTTPServer) -> None:
    def spend(budget: str, units: int) -> None:
        raise FetchError("spent", temporary=True, retry_after=timedelta(hours=3))

    with pytest.raises(FetchError, match="spent"):
        visit(httpserver, stand.answer, spend=spend)


def test_full_text_reads_new_articles_once_and_says_which_it_could_not(httpserver: HTTPServer) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Response:
        if request.path == "/api/v2/doc/doc":
            base = httpserver.url_for("")
            found = [
                {"url": f"{base}{path}", "title": "Oakfield House", "seendate": "20260531T101500Z"}
                for path in ("wing", "shut")
            ]
            return Response(json.dumps({"articles": found}), content_type="application/json")
        asked.append(request.path)
        if request.path == "/robots.txt":
            return Response("User-agent: *\nDisallow: /shut\n")
        words = "<p>The wing has twelve rooms and looks out over the marsh behind the house.</p>" * 5
        return Response(f"<html><body><article>{words}</article></body></html>", content_type="text/html")

    spent: list[int] = []
    first = visit(httpserver, answer, full_text=True, spend=lambda _budget, units: spent.append(units))
    assert spent == [1]
    assert {one.url.rpartition("/")[2]: "twelve rooms" in one.text for one in first.mentions} == {
        "wing": True,
        "shut": False,
    }
    assert first.missed == "1 of 2 articles are known by their title alone"
    assert asked == ["/robots.txt", "/wing"]
    second = visit(httpserver, answer, first.cursor, full_text=True)
    assert (second.mentions, len(asked)) == ((), 2)


def test_a_very_long_link_has_a_short_key() -> None:
    url = "https://news.example/" + "a" * 900
    found = gdelt.parse(Shape({"articles": [{"url": url, "title": "x"}]}), source="s", now=NOW).mentions
    assert found[0].url == url
    assert len(found[0].key) < 100
