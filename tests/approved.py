"""Reads one connector's stand, as the tests of the platforms that want keys and approval do."""

import importlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import at_stand
from at_stand import NOW
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import connectors
from connectors._http import Client

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
        return at_stand.options(self.kind, self._base, **given)

    def client(self) -> AbstractContextManager[Client]:
        return at_stand.asking(self.now, spend=self.spend)

    def fetch(self, cursor: str | None = None, **given: Any) -> Any:
        self.asked.clear()
        with self.client() as client:
            return self.module.fetch(self.options(**given), cursor, client)

    def later(self, **given: int) -> None:
        self.now += timedelta(**given)

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]
