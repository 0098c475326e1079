"""A Mastodon server: a hashtag's timeline, and the search for those who have a token."""

from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET
from stands._samples import answer as given
from stands._samples import has_key, sample

KEYS = {
    "https://social.example/users/ada/statuses/9004",
    "https://elsewhere.example/users/bo/statuses/41",
    "https://social.example/users/ada/statuses/9002",
    "https://social.example/users/ada/statuses/9006",
    "https://social.example/users/ada/statuses/9000",
}


def options(base: str) -> dict[str, Any]:
    return {"instances": [base], "hashtags": ["#OakfieldHouse"], "query": QUERY, "tokens": SECRET}


def answer(request: Request) -> Response:
    if "Authorization" in request.headers and not has_key(request):
        return given({"error": "The access token is invalid"}, 401)
    if request.path == "/api/v1/timelines/tag/oakfieldhouse":
        return timeline(request)
    if request.path == "/api/v2/search":
        return found(request)
    known = {status["id"]: status for status in statuses()}
    status = known.get(request.path.rpartition("/")[2])
    return given(status) if status else given({"error": "Record not found"}, 404)


def timeline(request: Request) -> Response:
    if request.args.get("max_id") == "9002":
        return given([])
    second = request.args.get("max_id") == "9003"
    at = f"{request.base_url}?limit=40&max_id={9002 if second else 9003}"
    return given(sample(f"mastodon/tag{'-2' if second else ''}.json"), link=f'<{at}>; rel="next"')


def found(request: Request) -> Response:
    if not has_key(request):
        return given({"error": "Search queries pagination is not supported without authentication"}, 401)
    name = {"": "search", "3": "search-2"}.get(request.args.get("offset", ""))
    phrase = request.args["q"].startswith('"')
    return given(sample(f"mastodon/{name}.json") if name and phrase else {"statuses": []})


def statuses() -> list[Any]:
    searches = [sample(f"mastodon/{name}.json")["statuses"] for name in ("search", "search-2")]
    tags = [sample(f"mastodon/{name}.json") for name in ("tag", "tag-2")]
    return [status for page in [*tags, *searches] for status in page]
