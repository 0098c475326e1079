"""What every connector keeps, found by listing the folder."""

import inspect
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

import connectors
from connectors._http import Client
from core.errors import ConfigError, FetchError
from core.vocabulary import PLATFORMS

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"
KINDS = connectors.names()
# Connectors that read a feed from an address of the operator's; others bring their own contract test.
BY_URL = [kind for kind in KINDS if "url" in connectors.load(kind).Options.model_fields]


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@contextmanager
def asking(timeout: float = 20.0, max_bytes: int = 1_000_000) -> Iterator[Client]:
    with Client(
        "Redshank/0.1 (+x@oakfield.example)",
        ["127.0.0.1"],
        clock=lambda: NOW,
        timeout=timeout,
        max_bytes=max_bytes,
    ) as client:
        yield client


def options(kind: str, url: str) -> Any:
    return connectors.load(kind).Options.model_validate({"url": url, "name": "a-source"})


def failure(kind: str, url: str, client: Client) -> FetchError:
    with pytest.raises(FetchError) as caught:
        connectors.load(kind).fetch(options(kind, url), None, client)
    return caught.value


def test_rss_is_found_by_listing_and_helpers_are_not() -> None:
    assert "rss" in KINDS
    assert not any(kind.startswith("_") for kind in KINDS)


@pytest.mark.parametrize("kind", ["pigeon", "_http", "", "rss.x", "../rss"])
def test_an_unknown_kind_names_the_known_ones(kind: str) -> None:
    with pytest.raises(ConfigError, match="rss"):
        connectors.load(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_connector_says_what_its_cursor_is_and_has_the_functions(kind: str) -> None:
    module = connectors.load(kind)
    assert "cursor" in (module.__doc__ or "").lower()
    assert module.PLATFORM in PLATFORMS
    assert list(inspect.signature(module.fetch).parameters) == ["options", "cursor", "client"]
    assert callable(module.parse)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_options_refuse_what_they_do_not_know(kind: str) -> None:
    kind_options = connectors.load(kind).Options
    assert kind_options.model_config.get("extra") == "forbid"
    assert "name" in kind_options.model_fields
    with pytest.raises(ValidationError):
        kind_options.model_validate({"url": "https://a.example/", "no_such_key": 1})


@pytest.mark.parametrize("kind", BY_URL)
def test_a_sample_is_read_and_a_second_visit_finds_nothing_new(kind: str, httpserver: HTTPServer) -> None:
    module = connectors.load(kind)
    sample = (SAMPLES / module.SAMPLE).read_bytes()
    httpserver.expect_request("/").respond_with_data(sample)
    with asking() as client:
        first = module.fetch(options(kind, httpserver.url_for("/")), None, client)
        second = module.fetch(options(kind, httpserver.url_for("/")), first.cursor, client)
    assert len(first.mentions) >= 1
    assert {mention.source for mention in first.mentions} == {"a-source"}
    assert len({mention.key for mention in first.mentions}) == len(first.mentions)
    assert second.unchanged
    assert second.mentions == ()


@pytest.mark.parametrize("kind", BY_URL)
@pytest.mark.parametrize(
    ("status", "headers", "temporary", "wait"),
    [
        (401, {}, False, None),
        (403, {}, False, None),
        (404, {}, False, None),
        (410, {}, False, None),
        (429, {"Retry-After": "90"}, True, timedelta(seconds=90)),
        (429, {"Retry-After": "Mon, 01 Jun 2026 12:05:00 GMT"}, True, timedelta(minutes=5)),
        (500, {}, True, None),
        (503, {"Retry-After": "30"}, True, timedelta(seconds=30)),
    ],
)
def test_a_refusal_says_whether_and_when_to_come_again(
    kind: str,
    httpserver: HTTPServer,
    status: int,
    headers: dict[str, str],
    temporary: bool,
    wait: timedelta | None,
) -> None:
    httpserver.expect_request("/").respond_with_data("no", status=status, headers=headers)
    with asking() as client:
        error = failure(kind, httpserver.url_for("/"), client)
    assert (error.status, error.temporary, error.retry_after) == (status, temporary, wait)
    assert error.gone is (status == 410)


@pytest.mark.parametrize("kind", BY_URL)
@pytest.mark.parametrize(
    ("body", "temporary"),
    [
        (b"<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>", False),
        (b"null", False),
        (b"", True),
    ],
)
def test_an_answer_of_another_kind_is_refused(
    kind: str, httpserver: HTTPServer, body: bytes, temporary: bool
) -> None:
    is_json = body == b"null"
    httpserver.expect_request("/").respond_with_data(
        body, content_type="application/json" if is_json else "text/html"
    )
    with asking() as client:
        assert failure(kind, httpserver.url_for("/"), client).temporary is temporary


@pytest.mark.parametrize("kind", BY_URL)
def test_an_endless_body_is_cut_off_for_good(kind: str, httpserver: HTTPServer) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"<item>" * 1000

    httpserver.expect_request(re.compile(".*")).respond_with_handler(lambda _: Response(endless()))
    with asking(max_bytes=100_000) as client:
        assert not failure(kind, httpserver.url_for("/"), client).temporary


def reset(connection: socket.socket, over: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def silence(connection: socket.socket, over: threading.Event) -> None:
    over.wait(30)


@pytest.mark.parametrize("kind", BY_URL)
@pytest.mark.parametrize("talk", [reset, silence])
def test_a_reset_or_silent_connection_is_temporary(
    kind: str, talk: Callable[[socket.socket, threading.Event], None]
) -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                connection.recv(65536)
                talk(connection, over)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with asking(timeout=0.3) as client:
            error = failure(kind, f"http://127.0.0.1:{listener.getsockname()[1]}/", client)
        over.set()
        thread.join(10)
    assert error.temporary
