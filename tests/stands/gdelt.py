"""GDELT's list of articles: one page, as 250 fit on it."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY

_SAMPLE = Path(__file__).parents[1] / "samples" / "gdelt" / "articles.json"


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    assert request.path == "/api/v2/doc/doc"
    return Response(_SAMPLE.read_bytes(), content_type="application/json")


KEYS = frozenset(article["url"] for article in json.loads(_SAMPLE.read_bytes())["articles"])
