"""Reddit: a log-in as an application, a subreddit's posts and comments, and the search."""

import base64
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET
from stands._samples import answer as given
from stands._samples import sample

TOKEN = "token-of-one-hour"
KEYS = {"t3_aa09", "t3_aa03", "t3_aa02", "t1_c005", "t3_bb01"}
PAGES = {
    ("/r/carehomes/new", ""): "new",
    ("/r/carehomes/new", "t3_aa07"): "new-2",
    ("/r/carehomes/comments", ""): "comments",
    ("/search", ""): "search",
}


def options(base: str) -> dict[str, Any]:
    return {"base": base, "login": base, "subreddits": ["CareHomes"], "query": QUERY}


def answer(request: Request) -> Response:
    if request.path == "/api/v1/access_token":
        known = base64.b64encode(f"{SECRET}:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {known}":
            return given({"error": 401}, 401)
        return given({"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600, "scope": "*"})
    if request.headers.get("Authorization") != f"bearer {TOKEN}":
        return given({"error": 401}, 401)
    if request.path == "/api/info":
        return given(known_items(set(request.args["id"].split(","))))
    name = PAGES.get((request.path.lower(), request.args.get("after", "")))
    return given(sample(f"reddit/{name}.json") if name else listing([]))


def known_items(wanted: set[str]) -> Any:
    pages = [sample(f"reddit/{name}.json")["data"]["children"] for name in set(PAGES.values())]
    items = {child["data"]["name"]: child for page in pages for child in page}
    return listing([items[name] for name in sorted(wanted & set(items))])


def listing(children: list[Any]) -> Any:
    return {"kind": "Listing", "data": {"children": children, "after": None}}
