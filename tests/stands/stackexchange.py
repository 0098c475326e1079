"""The API of Stack Exchange, with two pages of finds on one of its sites."""

import gzip
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET
from stands._samples import answer as given
from stands._samples import sample

KEYS = {"workplace:700", "workplace:702", "workplace:710"}


def options(base: str) -> dict[str, Any]:
    return {"base": base, "sites": ["workplace"], "query": QUERY}


def answer(request: Request) -> Response:
    if request.args.get("key") not in (None, SECRET):
        return given(
            {"error_id": 400, "error_name": "bad_parameter", "error_message": "`key` doesn't match"}, 400
        )
    if request.path == "/2.3/search/excerpts":
        return given(found(request))
    wanted = request.path.rpartition("/")[2].split(";")
    pages = [sample(f"stackexchange/{name}.json") for name in ("posts", "posts-2")]
    posts = [post for page in pages for post in page["items"] if str(post["post_id"]) in wanted]
    return given({"items": posts, "has_more": False, "quota_remaining": 9970})


def found(request: Request) -> Any:
    """What was written since: the pages are counted from there."""
    if not request.args["q"].startswith('"'):
        return {"items": [], "has_more": False}
    pages = [sample(f"stackexchange/{name}.json") for name in ("excerpts", "excerpts-2")]
    since, number = int(request.args["fromdate"]), int(request.args["page"])
    items = [item for page in pages for item in page["items"] if item["creation_date"] >= since]
    return {"items": items[2 * number - 2 : 2 * number], "has_more": len(items) > 2 * number}


def zipped(response: Response) -> Response:
    """As the API sends everything."""
    return Response(
        gzip.compress(response.get_data()), 200, {"Content-Encoding": "gzip"}, content_type="application/json"
    )
