"""Google's log-in, and the Business Profile API with one place's reviews on two pages."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import SECRET

_SAMPLES = Path(__file__).parents[1] / "samples" / "google_reviews"
_TOKEN = "made-by-the-log-in"


def options(base: str) -> dict[str, Any]:
    places = {"22": "https://maps.example/?cid=22"}
    return {"base": base, "login": base, "account": "11", "locations": places}


def answer(request: Request) -> Response:
    if request.path == "/token":
        given = {request.form.get(field) for field in ("client_id", "client_secret", "refresh_token")}
        if given != {SECRET}:
            return Response('{"error": "invalid_grant"}', 401, content_type="application/json")
        return Response(f'{{"access_token": "{_TOKEN}"}}', content_type="application/json")
    if request.headers.get("Authorization") != f"Bearer {_TOKEN}":
        return Response('{"error": {"code": 401}}', 401, content_type="application/json")
    assert request.path == "/v4/accounts/11/locations/22/reviews"
    return _sample("reviews_2" if request.args.get("pageToken") else "reviews")


def _sample(name: str) -> Response:
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset({"22/rev-1", "22/rev-3"})
