"""A site with posts on two pages, an old post that was edited, and comments."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY

_SAMPLES = Path(__file__).parents[1] / "samples" / "wordpress"
_API = "/wp-json/wp/v2/"


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if not request.path.startswith(_API):
        return Response("", 404)
    kind, number = request.path.removeprefix(_API), int(request.args.get("page", 1))
    if "include" in request.args:
        return _sample("edited" if kind == "posts" else "comments", 1)
    if "oakfieldhouse" in request.args["search"].casefold():
        return Response("[]", headers={"X-WP-TotalPages": "0"}, content_type="application/json")
    if kind == "comments" or request.args["orderby"] == "modified":
        return _sample("comments" if kind == "comments" else "edited", 1)
    return _sample("posts" if number == 1 else "posts_2", 2)


def _sample(name: str, pages: int) -> Response:
    body = (_SAMPLES / f"{name}.json").read_bytes()
    return Response(body, headers={"X-WP-TotalPages": str(pages)}, content_type="application/json")


KEYS = frozenset({"posts-31", "posts-30", "posts-29", "posts-12", "comments-501", "comments-502"})
