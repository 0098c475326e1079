"""The Guardian's Content API: a search of two pages."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

_SAMPLES = Path(__file__).parents[1] / "samples" / "guardian"


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if request.args.get("api-key") != SECRET:
        return Response('{"message": "Unauthorized"}', 401, content_type="application/json")
    assert request.path == "/search"
    name = "search_2" if request.args["page"] == "2" else "search"
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset(
    {
        "society/2026/may/31/oakfield-house-inspection",
        "society/2026/may/30/letters-care",
        "uk/2026/may/27/oakfield",
    }
)
