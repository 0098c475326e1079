"""Visits to a stand, with whatever a test puts before its answers."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import connectors
from connectors._http import Client
from core.types import Batch
from stands import SECRET

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


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
        """One visit; the secrets are those that the stand knows."""
        module = connectors.load(self.kind)
        fields = module.Options.model_fields
        secrets = {name: SECRET for name, one in fields.items() if one.annotation is SecretStr}
        given = importlib.import_module(f"stands.{self.kind}").options(self.base)
        options = module.Options.model_validate({"name": "a-source", **secrets, **given, **changed})
        with Client(
            "Redshank/0.1", ["localhost", "127.0.0.1"], clock=lambda: self.now, timeout=10.0
        ) as client:
            return module.fetch(options, cursor, client)

    @property
    def paths(self) -> list[str]:
        """What was asked for, without what stands behind the question mark."""
        return [request.path for request in self.asked]


def stand(kind: str, server: HTTPServer) -> Stand:
    made = Stand(kind=kind, base=server.url_for("/").rstrip("/"))
    server.expect_request(re.compile(".*")).respond_with_handler(made)
    return made
