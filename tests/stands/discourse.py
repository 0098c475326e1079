"""A Discourse forum."""

import re
from typing import Any

from werkzeug import Request, Response

from stands import QUERY
from stands._samples import answer as given
from stands._samples import sample

KEYS = {"215", "209", "190"}


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    page = request.args.get("page", "1")
    if request.path == "/search.json":
        if not request.args["q"].startswith('"oakfield house"'):
            return given({"posts": [], "topics": [], "grouped_search_result": None})
        return given(sample(f"discourse/search{'' if page == '1' else '-2'}.json"))
    if request.path == "/posts.json":
        pages = {"": "posts", "213": "posts-2"}
        name = pages.get(request.args.get("before", ""))
        return given(sample(f"discourse/{name}.json") if name else {"latest_posts": []})
    if request.path == "/latest.json":
        return given(sample("discourse/latest.json"))
    if request.path == "/t/63.json":
        return given(sample("discourse/topic.json"))
    if re.fullmatch(r"/posts/(215|209)\.json", request.path):
        return given(sample(f"discourse/post-{request.path[7:10]}.json"))
    return given({"errors": ["The requested URL or resource could not be found."]}, 404)
