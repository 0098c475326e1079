"""Vimeo: two pages of a search, and of the comments under one of the videos found."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

SAMPLES = Path(__file__).parents[1] / "samples" / "vimeo"
# The fourth video needs a password, and one of the comments speaks of other things.
KEYS = (
    *(f"/videos/90000000{number}" for number in (1, 2, 3)),
    *(f"/videos/900000001/comments/{number}" for number in (51, 53)),
)


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if request.headers.get("Authorization") != f"bearer {SECRET}":
        return said({"error": "You must provide a valid authenticated access token."}, 401)
    page = request.args.get("page", "1")
    if request.path == "/videos":
        name = "search.json" if page == "1" else "search-2.json"
        return said(json.loads((SAMPLES / name).read_text(encoding="utf-8")))
    _, video, comments = request.path.removeprefix("/").split("/")
    assert comments == "comments"
    return said(json.loads((SAMPLES / "comments.json").read_text(encoding="utf-8"))[video][page])


def said(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
