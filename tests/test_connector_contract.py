"""What every connector keeps, found by listing the folder and set before a platform that misbehaves.

Each connector has a stand (``tests/stands``): its platform, answering well. The contract puts one fault after another
between the two. After any fault a further visit, from the cursor that the house would hold by then, must have
brought everything.
"""

import importlib
import inspect
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import stands
from pydantic import SecretStr, ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import connectors
from connectors._http import Client
from core.errors import ConfigError, FetchError
from core.types import Batch
from core.vocabulary import KINDS as ITEM_KINDS
from core.vocabulary import PLATFORMS

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
SAMPLES = Path(__file__).parent / "samples"
KINDS = connectors.names()
AGENT = "Redshank/0.1 (+x@oakfield.example)"
MOST_REQUESTS = 400


def stand(kind: str) -> ModuleType:
    return importlib.import_module(f"stands.{kind}")


HTTP = [kind for kind in KINDS if hasattr(stand(kind), "answer")]


@contextmanager
def asking(timeout: float = 20.0, max_bytes: int = 1_000_000) -> Iterator[Client]:
    with Client(AGENT, ["127.0.0.1"], clock=lambda: NOW, timeout=timeout, max_bytes=max_bytes) as client:
        yield client


def secrets(kind: str) -> list[str]:
    fields = connectors.load(kind).Options.model_fields
    return [name for name, one in fields.items() if one.annotation is SecretStr]


def options(kind: str, base: str, **more: Any) -> Any:
    given = {"name": "a-source", **dict.fromkeys(secrets(kind), stands.SECRET), **stand(kind).options(base)}
    return connectors.load(kind).Options.model_validate({**given, **more})


Answer = Callable[[Request], Response]


@dataclass
class Platform:
    """A stand's platform on loopback, with a fault before it that answers, or None where it lets a request pass."""

    base: str
    good: Answer
    fault: Callable[[Request, int], Response | None] = lambda _request, _number: None
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        number = len(self.asked)
        self.asked.append(request.full_path)
        if number > MOST_REQUESTS:
            return Response("enough", 503)
        return self.fault(request, number) or self.good(request)


@contextmanager
def platform(kind: str, server: HTTPServer) -> Iterator[Platform]:
    made = Platform(base=server.url_for("/").rstrip("/"), good=stand(kind).answer)
    server.expect_request(re.compile(".*")).respond_with_handler(made)
    yield made


def visit(
    kind: str, base: str, cursor: str | None = None, *, max_pages: int = 0, **limits: Any
) -> Batch | FetchError:
    """One visit as the house makes it: only FetchError is expected, and neither words nor cursor tell a secret."""
    outcome: Batch | FetchError
    with asking(**limits) as client:
        try:
            more = {"max_pages": max_pages} if max_pages else {}
            outcome = connectors.load(kind).fetch(options(kind, base, **more), cursor, client)
        except FetchError as error:
            outcome = error
    said = f"{outcome.cursor}{outcome.missed}" if isinstance(outcome, Batch) else str(outcome)
    assert stands.SECRET not in said
    assert "Oakfield" not in said
    assert len(said) < 100_000
    return outcome


def keys(*visits: Batch | FetchError) -> set[str]:
    return {mention.key for one in visits if isinstance(one, Batch) for mention in one.mentions}


def fails(kind: str, base: str, **limits: Any) -> FetchError:
    outcome = visit(kind, base, **limits)
    assert isinstance(outcome, FetchError), outcome
    return outcome


def then_all(kind: str, at: Platform, first: Batch | FetchError) -> None:
    """The next visits, without a fault, bring what the first did not."""
    at.fault = lambda _request, _number: None
    cursor = first.cursor if isinstance(first, Batch) else None
    second = visit(kind, at.base, cursor)
    assert keys(first, second) >= set(stand(kind).KEYS), (first, second)


def test_connectors_are_found_by_listing_and_helpers_are_not() -> None:
    assert {"rss", "reddit", "mailbox"} <= set(KINDS)
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
    assert (SAMPLES / module.SAMPLE).is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_a_connector_keeps_a_record_of_the_terms(kind: str) -> None:
    terms = connectors.load(kind).TERMS
    assert timedelta() <= datetime.now(UTC).date() - terms.read_on
    assert terms.limits
    assert terms.deletion
    assert set(terms.keys) <= set(secrets(kind))
    assert bool(terms.approval) == (kind in {"reddit", "x", "facebook", "instagram", "threads"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_connector_has_a_page_that_says_what_it_cannot_see(kind: str) -> None:
    page = (ROOT / "docs" / "connectors" / f"{kind}.md").read_text(encoding="utf-8")
    assert f'kind = "{kind}"' in page
    assert re.search(r"cannot see|not see", page, re.IGNORECASE)
    own = set(connectors.load(kind).Options.model_fields) - {"name", "query"} - set(secrets(kind))
    assert not [name for name in own if f"`{name}`" not in page]
    assert not [name for name in secrets(kind) if f"REDSHANK_KEYS__{kind}__{name}".upper() not in page]


@pytest.mark.parametrize("kind", KINDS)
def test_options_refuse_what_they_do_not_know(kind: str) -> None:
    kind_options = connectors.load(kind).Options
    assert kind_options.model_config.get("extra") == "forbid"
    assert "name" in kind_options.model_fields
    with pytest.raises(ValidationError, match="no_such_key"):
        kind_options.model_validate({**stand(kind).options("https://a.example"), "no_such_key": 1})


@contextmanager
def running(kind: str, httpserver: HTTPServer) -> Iterator[str]:
    """The base of the stand's platform, whatever protocol it speaks."""
    if kind in HTTP:
        with platform(kind, httpserver) as at:
            yield at.base
    else:
        with stand(kind).serving() as base:
            yield base


@pytest.mark.parametrize("kind", KINDS)
def test_a_visit_brings_everything_and_the_next_one_nothing_new(kind: str, httpserver: HTTPServer) -> None:
    with running(kind, httpserver) as base:
        first = visit(kind, base)
        assert isinstance(first, Batch), first
        assert keys(first) == set(stand(kind).KEYS)
        assert len(first.mentions) == len(keys(first)) >= 1
        assert not first.missed
        for mention in first.mentions:
            assert mention.source == "a-source"
            assert mention.platform in PLATFORMS
            assert mention.kind in ITEM_KINDS
            assert mention.full_text.strip()
            assert mention.url.startswith(("https://", "http://")) or kind == "mailbox"
            assert mention.posted_at is None or mention.posted_at.tzinfo is not None
            assert "<p>" not in mention.text
        second = visit(kind, base, first.cursor)
        assert isinstance(second, Batch), second
        assert keys(second) <= keys(first)
        assert not second.missed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cursor", ["", "{}", "null", "not json", '{"v": 99}', "[1, 2]", "\0"])
def test_a_cursor_that_cannot_be_read_begins_anew(kind: str, cursor: str, httpserver: HTTPServer) -> None:
    with running(kind, httpserver) as base:
        assert keys(visit(kind, base, cursor)) == set(stand(kind).KEYS)


@pytest.mark.parametrize("kind", HTTP)
def test_nothing_is_lost_however_few_pages_a_visit_may_read(kind: str, httpserver: HTTPServer) -> None:
    found: set[str] = set()
    cursor: str | None = None
    with platform(kind, httpserver) as at:
        for _ in range(12):
            batch = visit(kind, at.base, cursor, max_pages=1)
            assert isinstance(batch, Batch), batch
            found |= keys(batch)
            if found >= set(stand(kind).KEYS):
                return
            assert batch.missed, "what is left for the next visit is said"
            cursor = batch.cursor
    assert found >= set(stand(kind).KEYS)


WAITS = [
    ({"Retry-After": "90"}, timedelta(seconds=90)),
    ({"Retry-After": "Mon, 01 Jun 2026 12:05:00 GMT"}, timedelta(minutes=5)),
    ({"Retry-After": "-5"}, timedelta()),
    ({"Retry-After": "soon"}, None),
    ({"X-RateLimit-Reset": "2026-06-01T12:10:00Z"}, timedelta(minutes=10)),
    ({"X-Rate-Limit-Reset": str(int(NOW.timestamp()) + 60)}, timedelta(minutes=1)),
    ({"X-RateLimit-Reset": "45"}, timedelta(seconds=45)),
    ({}, None),
]
REFUSALS = [
    *((status, {}, False, None) for status in (401, 403, 404, 410)),
    *((429, headers, True, wait) for headers, wait in WAITS),
    *((status, {}, True, None) for status in (500, 502, 504)),
    (503, {"Retry-After": "30"}, True, timedelta(seconds=30)),
]


@pytest.mark.parametrize("kind", HTTP)
@pytest.mark.parametrize(("status", "headers", "temporary", "wait"), REFUSALS)
def test_a_refusal_says_whether_and_when_to_come_again(
    kind: str,
    httpserver: HTTPServer,
    status: int,
    headers: dict[str, str],
    temporary: bool,
    wait: timedelta | None,
) -> None:
    with platform(kind, httpserver) as at:
        at.fault = lambda _request, _number: Response("no", status, headers)
        error = fails(kind, at.base)
    assert (error.status, error.temporary, error.retry_after) == (status, temporary, wait)
    assert error.gone is (status == 410)


OTHER = {
    "a page to log in": (
        b"<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>",
        "text/html",
    ),
    "nothing": (b"", "application/json"),
    "null": (b"null", "application/json"),
    "a list": (b"[]", "application/json"),
    "a number": (b"7", "application/json"),
    "half an answer": (b'{"data": {"children": [{"da', "application/json"),
    "no text at all": (b"\xff\xfe\x00\x80", "application/json"),
    "nested too deeply": (b"[" * 100_000, "application/json"),
}


@pytest.mark.parametrize("kind", HTTP)
@pytest.mark.parametrize("what", OTHER)
def test_an_answer_of_another_kind_is_no_empty_answer(kind: str, what: str, httpserver: HTTPServer) -> None:
    body, content_type = OTHER[what]
    with platform(kind, httpserver) as at:
        at.fault = lambda _request, _number: Response(body, 200, content_type=content_type)
        outcome = visit(kind, at.base)
        # Some platforms answer with a bare list, so that an empty one says that there is nothing.
        assert (
            isinstance(outcome, FetchError) or outcome.missed or (what == "a list" and not outcome.mentions)
        )
        then_all(kind, at, outcome)


@pytest.mark.parametrize("kind", HTTP)
def test_an_endless_body_is_cut_off(kind: str, httpserver: HTTPServer) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b'{"a": ' * 1000

    with platform(kind, httpserver) as at:
        at.fault = lambda _request, _number: Response(endless())
        fails(kind, at.base, max_bytes=100_000)


ONCE: dict[str, Callable[[], Response]] = {
    **{
        str(status): lambda status=status: Response("no", status) for status in (401, 403, 404, 410, 500, 503)
    },  # type: ignore[misc]
    "429": lambda: Response("slowly", 429, {"Retry-After": "60"}),
    "web page": lambda: Response("<html>maintenance</html>", 200, content_type="text/html"),
    "null": lambda: Response("null", 200, content_type="application/json"),
    "half": lambda: Response('{"data": [{"id":', 200, content_type="application/json"),
}


@pytest.mark.parametrize("kind", HTTP)
@pytest.mark.parametrize("fault", ONCE)
def test_one_fault_at_any_request_loses_nothing(kind: str, fault: str, httpserver: HTTPServer) -> None:
    with platform(kind, httpserver) as at:
        visit(kind, at.base)
        for position in range(len(at.asked)):
            at.asked.clear()
            at.fault = lambda _request, number, position=position: (
                ONCE[fault]() if number == position else None
            )  # type: ignore[misc]
            first = visit(kind, at.base)
            then_all(kind, at, first)


def reset(connection: socket.socket, over: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def silence(connection: socket.socket, over: threading.Event) -> None:
    over.wait(30)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("talk", [reset, silence])
def test_a_reset_or_silent_connection_is_temporary(
    kind: str, talk: Callable[[socket.socket, threading.Event], None]
) -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                if kind in HTTP:
                    connection.recv(65536)
                talk(connection, over)

        threading.Thread(target=serve, daemon=True).start()
        error = fails(kind, f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.3)
        over.set()
    assert error.temporary


def refusing(kind: str) -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_platform_that_is_down_is_a_passing_failure(kind: str) -> None:
    assert fails(kind, refusing(kind), timeout=2.0).temporary


def _json(response: Response) -> Any:
    try:
        return json.loads(response.get_data())
    except ValueError:
        return None


def _places(value: Any, wanted: Callable[[Any], bool], at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all parts of a JSON value that are wanted."""
    if wanted(value):
        yield at
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, part in members:
        yield from _places(part, wanted, (*at, key))


def _changed(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = _changed(copy[at[0]], at[1:], new)
    return copy


def altered(response: Response, change: Callable[[Any], Any]) -> Response:
    value = _json(response)
    if value is None:
        return response
    headers = {
        name: held
        for name, held in response.headers
        if name.lower() not in ("content-length", "content-type")
    }
    return Response(json.dumps(change(value)), response.status_code, headers, content_type="application/json")


@pytest.mark.parametrize("kind", HTTP)
@pytest.mark.parametrize("new", [None, "", {}, 0])
def test_what_stands_where_a_list_should_be_breaks_nothing(
    kind: str, new: object, httpserver: HTTPServer
) -> None:
    good = stand(kind).answer

    def answer(request: Request, number: int, wanted: tuple[int, int]) -> Response | None:
        if number != wanted[0]:
            return None
        lists = list(_places(_json(good(request)), lambda part: isinstance(part, list)))
        if wanted[1] >= len(lists):
            return None
        return altered(good(request), lambda value: _changed(value, lists[wanted[1]], new))

    with platform(kind, httpserver) as at:
        visit(kind, at.base)
        for request_number in range(min(len(at.asked), 12)):
            for place in range(4):
                at.asked.clear()
                at.fault = lambda request, number, wanted=(request_number, place): answer(
                    request, number, wanted
                )  # type: ignore[misc]
                visit(kind, at.base)


def _other_type(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _swapped(part) if key == "id" else _other_type(part) for key, part in value.items()}
    return [_other_type(part) for part in value] if isinstance(value, list) else value


def _swapped(part: Any) -> Any:
    if isinstance(part, int) and not isinstance(part, bool):
        return str(part)
    return int(part) if isinstance(part, str) and re.fullmatch(r"[1-9]\d{0,17}", part) else _other_type(part)


@pytest.mark.parametrize("kind", HTTP)
def test_an_id_that_changes_its_type_is_the_same_item(kind: str, httpserver: HTTPServer) -> None:
    good = stand(kind).answer
    with platform(kind, httpserver) as at:
        at.fault = lambda request, _number: altered(good(request), _other_type)
        assert keys(visit(kind, at.base)) == set(stand(kind).KEYS)


def _without_texts(value: Any) -> Any:
    """Null wherever a string or a number was: a platform that has lost what it knew."""
    if isinstance(value, dict):
        return {key: _without_texts(part) for key, part in value.items()}
    return [_without_texts(part) for part in value] if isinstance(value, list) else None


@pytest.mark.parametrize("kind", HTTP)
def test_items_of_nothing_but_nulls_break_nothing(kind: str, httpserver: HTTPServer) -> None:
    good = stand(kind).answer
    with platform(kind, httpserver) as at:
        at.fault = lambda request, _number: altered(good(request), _without_texts)
        visit(kind, at.base)


@pytest.mark.parametrize("kind", HTTP)
def test_a_cursor_that_repeats_comes_to_an_end(kind: str, httpserver: HTTPServer) -> None:
    good = stand(kind).answer
    held: dict[str, Response] = {}

    def first_page(request: Request, _number: int) -> Response:
        """Whatever is asked for at a path, the first answer that it ever gave."""
        answer = held.setdefault(request.path, good(request))
        return Response(answer.get_data(), answer.status_code, dict(answer.headers))

    with platform(kind, httpserver) as at:
        at.fault = first_page
        visit(kind, at.base)
        assert len(at.asked) < MOST_REQUESTS
