"""The Graph API for one Page: its feed of two pages, the comments of a post, tags and recommendations."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import SECRET

_SAMPLES = Path(__file__).parents[1] / "samples" / "facebook"
_FILES = {
    "/100200/feed": ("feed", "feed_2"),
    "/100200_501/comments": ("comments_2", "comments_2"),
    "/100200/tagged": ("tagged", "tagged"),
    "/100200/ratings": ("ratings", "ratings"),
}


def options(base: str) -> dict[str, Any]:
    return {"base": base, "page": "100200"}


def answer(request: Request) -> Response:
    if request.headers.get("Authorization") != f"Bearer {SECRET}":
        error = '{"error": {"message": "left out", "type": "OAuthException", "code": 190}}'
        return Response(error, 401, content_type="application/json")
    first, second = _FILES[request.path]
    name = second if request.args.get("after") else first
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset(
    {"100200_501", "501_9002", "501_9001", "100200_502", "100200_499", "500600_77", "rating:8800991"}
)
