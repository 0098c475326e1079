"""Answers from the samples beside the tests."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import SECRET

SAMPLES = Path(__file__).parents[1] / "samples"


def sample(path: str) -> Any:
    return json.loads((SAMPLES / path).read_text(encoding="utf-8"))


def answer(value: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(value), status, headers, content_type="application/json")


def has_key(request: Request) -> bool:
    return request.headers.get("Authorization", "").lower() == f"bearer {SECRET}"
