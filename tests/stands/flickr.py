"""Flickr: two pages of a search."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

SAMPLES = Path(__file__).parents[1] / "samples" / "flickr"
KEYS = ("54000000001", "54000000002", "54000000003")  # the fourth photo says nothing


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if request.args.get("api_key") != SECRET:
        return said({"stat": "fail", "code": 100, "message": "Invalid API Key (Key has invalid format)"}, 401)
    assert request.path == "/services/rest/"
    assert request.args["method"] == "flickr.photos.search"
    name = "search.json" if request.args["page"] == "1" else "search-2.json"
    return said(json.loads((SAMPLES / name).read_text(encoding="utf-8")))


def said(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
