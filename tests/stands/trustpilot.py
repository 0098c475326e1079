"""Trustpilot's API: a business and two pages of its reviews."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import SECRET

_SAMPLES = Path(__file__).parents[1] / "samples" / "trustpilot"


def options(base: str) -> dict[str, Any]:
    return {"base": base, "business": "oakfieldhouse.example"}


def answer(request: Request) -> Response:
    if request.headers.get("apikey") != SECRET:
        return Response('{"message": "Unauthorized"}', 401, content_type="application/json")
    if request.path == "/v1/business-units/find":
        return Response('{"id": "5f00aa", "displayName": "Oakfield House"}', content_type="application/json")
    assert request.path == "/v1/business-units/5f00aa/reviews"
    page = request.args.get("page")
    if page in ("1", "2"):
        return _sample("reviews" if page == "1" else "reviews_2")
    return Response('{"links": [], "reviews": []}', content_type="application/json")


def _sample(name: str) -> Response:
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset({"tp-1", "tp-2", "tp-3"})
