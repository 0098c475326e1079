"""Bluesky: a log-in, two pages of a search, and posts by their addresses."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

SAMPLES = Path(__file__).parents[1] / "samples" / "bluesky"
SESSION = "session-of-the-visit"
WHO = "at://did:plc:oakfieldsample"
KEYS = tuple(
    f"{WHO}{who}/app.bsky.feed.post/3post{number}"
    for number, who in [(1, "wren"), (2, "tern"), (3, "heron"), (4, "plover"), (7, "lost")]
)


def options(base: str) -> dict[str, Any]:
    return {"base": base, "public": base, "query": QUERY}


def page(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    return value


def answer(request: Request) -> Response:
    method = request.path.removeprefix("/xrpc/")
    if method == "com.atproto.server.createSession":
        given = request.get_json()
        if given != {"identifier": SECRET, "password": SECRET}:
            return said({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        return said(
            {"did": "did:plc:ours", "handle": "oakfield.example", "accessJwt": SESSION, "refreshJwt": "r"}
        )
    logged_in = request.headers.get("Authorization") == f"Bearer {SESSION}"
    if method == "app.bsky.feed.getPosts":
        held = page("search.json")["posts"] + page("search-2.json")["posts"]
        return said({"posts": [post for post in held if post["uri"] in request.args.getlist("uris")]})
    if not logged_in:
        return said({"error": "AuthMissing", "message": "Authentication Required"}, 401)
    assert method == "app.bsky.feed.searchPosts"
    assert request.args["sort"] == "latest"
    return said(page("search-2.json" if request.args.get("cursor") else "search.json"))


def said(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
