"""X's API v2: two pages of recent search, and the lookup of posts."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

_SAMPLES = Path(__file__).parents[1] / "samples" / "x"


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if request.headers.get("Authorization") != f"Bearer {SECRET}":
        return Response('{"title": "Unauthorized", "status": 401}', 401, content_type="application/json")
    if request.path == "/2/tweets":
        return _sample("lookup")
    assert request.path == "/2/tweets/search/recent"
    assert request.args["query"].endswith(" -is:retweet")
    return _sample("search_2" if request.args.get("next_token") else "search")


def _sample(name: str) -> Response:
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset({"2061400000000000004", "2061300000000000002", "2060100000000000003"})
