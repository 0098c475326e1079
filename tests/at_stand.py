"""Visits to the stands of the connectors: a client, options with every secret set, a server."""

import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import stands
from hypothesis import strategies as st
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import connectors
from connectors._http import Client
from core.types import Batch

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
AGENT = "Redshank/0.1 (+x@oakfield.example)"


@contextmanager
def asking(now: datetime = NOW, **more: Any) -> Iterator[Client]:
    hosts = ["127.0.0.1", "localhost"]
    with Client(AGENT, hosts, clock=lambda: now, timeout=20, **more) as client:
        yield client


def options(kind: str, base: str, /, **more: Any) -> Any:
    """The stand's options with every secret in place."""
    made = connectors.load(kind).Options
    secrets = [name for name, one in made.model_fields.items() if one.annotation is SecretStr]
    given = dict.fromkeys(secrets, stands.SECRET) | importlib.import_module(f"stands.{kind}").options(base)
    return made.model_validate({"name": "a-source"} | given | more)


def serve(server: HTTPServer, answer: Callable[[Request], Response]) -> tuple[str, list[str]]:
    """The base of a server that answers so, and the list of what will have been asked of it."""
    asked: list[str] = []

    def record(request: Request) -> Response:
        asked.append(request.full_path)
        return answer(request)

    server.expect_request(re.compile(".*")).respond_with_handler(record)
    return server.url_for("/").rstrip("/"), asked


def visit(kind: str, base: str, cursor: str | None = None, *, now: datetime = NOW, **more: Any) -> Batch:
    """One visit; ``spend`` may be given among the options."""
    spend = more.pop("spend", None)
    with asking(now, spend=spend) as client:
        return connectors.load(kind).fetch(options(kind, base, **more), cursor, client)


def anything(*keys: str) -> st.SearchStrategy[Any]:
    """Whatever JSON may hold, with the keys of an answer in its objects."""
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=6),
        max_leaves=20,
    )


def by_key(batch: Batch) -> dict[str, Any]:
    return {mention.key: mention for mention in batch.mentions}


@dataclass
class Stand:
    """A platform on loopback. ``first`` may answer in its place; ``asked`` are the requests in their order."""

    kind: str
    base: str
    first: Callable[[Request], Response | None] = lambda _request: None
    asked: list[Request] = field(default_factory=list)
    now: datetime = NOW

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        good: Response = importlib.import_module(f"stands.{self.kind}").answer(request)
        return self.first(request) or good

    def visit(self, cursor: str | None = None, **changed: Any) -> Batch:
        return visit(self.kind, self.base, cursor, now=self.now, **changed)

    @property
    def paths(self) -> list[str]:
        """What was asked for, without what stands behind the question mark."""
        return [request.path for request in self.asked]


def stand(kind: str, server: HTTPServer) -> Stand:
    made = Stand(kind=kind, base=server.url_for("/").rstrip("/"))
    server.expect_request(re.compile(".*")).respond_with_handler(made)
    return made
