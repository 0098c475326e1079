"""The Threads API: keyword search of two pages, mentions, and replies to one of two own posts."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

_SAMPLES = Path(__file__).parents[1] / "samples" / "threads"
_FILES = {
    "/v1.0/keyword_search": ("search", "search_2"),
    "/v1.0/me/mentions": ("mentions", "mentions"),
    "/v1.0/19100/conversation": ("conversation", "conversation"),
}


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if request.headers.get("Authorization") != f"Bearer {SECRET}":
        error = '{"error": {"message": "left out", "type": "OAuthException", "code": 190}}'
        return Response(error, 401, content_type="application/json")
    if request.path == "/v1.0/me/threads":
        return Response('{"data": [{"id": "19100"}]}', content_type="application/json")
    first, second = _FILES[request.path]
    name = second if request.args.get("after") else first
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset({"19001", "19003", "19004", "19005"})
