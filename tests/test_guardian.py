"""The Guardian: its key, its corrections, its pages."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from stands import SECRET
from stands import guardian as stand
from werkzeug import Request, Response

from connectors import guardian
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return "127.0.0.1", 0


def visit(httpserver: HTTPServer, answer: Any, cursor: str | None = None, **more: Any) -> Batch:
    httpserver.clear()
    httpserver.expect_request("/search").respond_with_handler(answer)
    given = stand.options(httpserver.url_for("").rstrip("/")) | {"name": "paper", "key": SECRET} | more
    with Client("Redshank/0.1", ["127.0.0.1"], clock=lambda: NOW, timeout=5) as client:
        return guardian.fetch(guardian.Options.model_validate(given), cursor, client)


def test_an_article_is_brought_whole_with_its_byline(httpserver: HTTPServer) -> None:
    found = {one.key: one for one in visit(httpserver, stand.answer).mentions}
    article = found["society/2026/may/31/oakfield-house-inspection"]
    assert article.text.endswith("They found the kitchen clean.")
    assert (article.author, article.kind, article.lang, article.platform) == (
        "A reporter",
        "article",
        "en",
        "news",
    )


def test_an_old_article_that_is_corrected_comes_again_and_does_not_turn_time_back(
    httpserver: HTTPServer,
) -> None:
    days: list[str] = []

    def answer(request: Request) -> Response:
        days.append(request.args["from-date"])
        whole = json.loads(stand.answer(request).get_data())
        whole["response"]["pages"] = 1
        for item in whole["response"]["results"]:
            item["webPublicationDate"] = "2024-02-03T05:00:00Z"
            item["fields"]["bodyText"] = "Corrected: Oakfield House."
        return Response(json.dumps(whole), content_type="application/json")

    first = visit(httpserver, answer)
    second = visit(httpserver, answer, first.cursor)
    assert {one.text for one in second.mentions} == {"Corrected: Oakfield House."}
    assert days == ["2026-05-25", "2026-05-31"]


def test_a_missing_key_names_the_variable_and_a_refused_one_is_said(httpserver: HTTPServer) -> None:
    with pytest.raises(FetchError, match="REDSHANK_KEYS__GUARDIAN__KEY"):
        visit(httpserver, stand.answer, key="")
    with pytest.raises(FetchError, match="401: it refuses the key") as caught:
        visit(httpserver, stand.answer, key="another")
    assert "another" not in str(caught.value)
    assert not caught.value.temporary


def test_without_a_query_nothing_is_asked(httpserver: HTTPServer) -> None:
    with pytest.raises(FetchError, match=r"organisation\.query"):
        visit(httpserver, stand.answer, query=" ")
