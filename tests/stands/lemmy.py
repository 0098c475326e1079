"""A Lemmy server of version 0.19, and of 1.0 where it is asked so."""

from typing import Any

from werkzeug import Request, Response

from stands import QUERY
from stands._samples import answer as given
from stands._samples import sample

KEYS = {
    "https://lemmy.example/post/501",
    "https://lemmy.example/post/499",
    "https://lemmy.example/post/480",
    "https://other.example/comment/77",
}


def options(base: str) -> dict[str, Any]:
    return {"instances": [base], "query": QUERY}


def answer(request: Request) -> Response:
    if request.args["q"] != "oakfield house":
        return given({"posts": [], "comments": []} if request.path == "/api/v3/search" else {"search": []})
    if request.path == "/api/v4/search":
        return given(newer(request.args["type_"], request.args.get("page_cursor", "")))
    name = {("Posts", "1"): "posts", ("Posts", "2"): "posts-2", ("Comments", "1"): "comments"}.get(
        (request.args["type_"], request.args["page"])
    )
    return given(sample(f"lemmy/{name}.json") if name else {"posts": [], "comments": []})


def newer(wanted: str, cursor: str) -> Any:
    return sample(f"lemmy/v4-{wanted}{'-2' if cursor else ''}.json")
