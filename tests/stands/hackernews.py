"""The search of Hacker News, and single items beside it."""

from typing import Any

from werkzeug import Request, Response

from stands import QUERY
from stands._samples import answer as given
from stands._samples import sample

KEYS = {"4205", "4200", "4100"}


def options(base: str) -> dict[str, Any]:
    return {"base": base, "items_base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if request.path.startswith("/v0/item/"):
        ident = request.path.removeprefix("/v0/item/").removesuffix(".json")
        return given({"id": int(ident), "type": "story", "by": "kim"})
    if not request.args["query"].startswith('"'):
        return given({"hits": [], "nbHits": 0, "page": 0, "nbPages": 0})
    return given(sample(f"hackernews/search{'-2' if request.args['page'] == '1' else ''}.json"))
