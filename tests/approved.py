"""Reads one connector's stand, as the tests of the platforms that want keys and approval do."""

import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import stands
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import connectors
from connectors._http import Client

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
Answer = Callable[[Request], Response]


class Desk:
    """A connector, its stand on loopback, and a clock that is set by hand; keeps what was asked and spent."""

    def __init__(self, kind: str, server: HTTPServer) -> None:
        self.kind = kind
        self.module: Any = connectors.load(kind)
        self.answer: Answer = importlib.import_module(f"stands.{kind}").answer
        self.now = NOW
        self.asked: list[Request] = []
        self.spent: list[tuple[str, int]] = []
        self.spend: Callable[[str, int], None] = lambda budget, units: self.spent.append((budget, units))
        self._base = server.url_for("/").rstrip("/")
        server.expect_request(re.compile(".*")).respond_with_handler(self._respond)

    def _respond(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer(request)

    def options(self, **given: Any) -> Any:
        fields = self.module.Options.model_fields.items()
        secrets = {name: stands.SECRET for name, one in fields if one.annotation is SecretStr}
        own = importlib.import_module(f"stands.{self.kind}").options(self._base)
        return self.module.Options.model_validate({"name": "a-source", **secrets, **own, **given})

    @contextmanager
    def client(self) -> Iterator[Client]:
        def spend(budget: str, units: int) -> None:
            self.spend(budget, units)

        agent = "Redshank/0.1 (+x@oakfield.example)"
        with Client(agent, ["127.0.0.1"], clock=lambda: self.now, spend=spend) as client:
            yield client

    def fetch(self, cursor: str | None = None, **given: Any) -> Any:
        self.asked.clear()
        with self.client() as client:
            return self.module.fetch(self.options(**given), cursor, client)

    def later(self, **given: int) -> None:
        self.now += timedelta(**given)

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]
