"""YouTube: two pages of a search, the videos themselves, threads of comments under them, and replies."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

SAMPLES = Path(__file__).parents[1] / "samples" / "youtube"
CHANNEL = "UCoakfieldhouse"
VIDEOS = ("oakvid00001", "oakvid00002", "oakvid00003")
# Under the first video somebody says something about other things, and that is not kept.
KEYS = (*VIDEOS, "Ugone", "Ugone.r1", "Ugthree", "Ugfour", "Ugfour.r1", "Ugfour.r2", "Ugfive")


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY, "channels": [CHANNEL]}


def page(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def answer(request: Request) -> Response:
    if request.headers.get("X-Goog-Api-Key") != SECRET:
        return refusal(401, "authError")
    asked, token = request.args, request.args.get("pageToken", "")
    if request.path == "/search":
        return said(page("search-2.json" if token else "search.json"))
    if request.path == "/videos":
        whole = page("videos.json")
        return said(whole | {"items": [one for one in whole["items"] if one["id"] in asked["id"].split(",")]})
    if request.path == "/comments":
        return said(page("replies.json"))
    assert request.path == "/commentThreads"
    return said(page("threads.json")[asked.get("videoId") or asked["allThreadsRelatedToChannelId"]][token])


def said(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")


def refusal(status: int, reason: str) -> Response:
    """A refusal as Google writes it."""
    errors = [{"domain": "youtube", "reason": reason, "message": "no"}]
    return said({"error": {"code": status, "message": "no", "errors": errors}}, status)
