"""The Graph API for a business account: tags of two pages, its media with comments, one hashtag."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

_SAMPLES = Path(__file__).parents[1] / "samples" / "instagram"
_FILES = {
    "/17841/tags": ("tags", "tags_2"),
    "/17841/media": ("media", "media"),
    "/18100/comments": ("comments_2", "comments_2"),
    "/ig_hashtag_search": ("hashtag", "hashtag"),
    "/17843/recent_media": ("recent_media", "recent_media"),
}


def options(base: str) -> dict[str, Any]:
    return {"base": base, "user": "17841", "query": QUERY}


def answer(request: Request) -> Response:
    if request.headers.get("Authorization") != f"Bearer {SECRET}":
        error = '{"error": {"message": "left out", "type": "OAuthException", "code": 190}}'
        return Response(error, 401, content_type="application/json")
    first, second = _FILES[request.path]
    name = second if request.args.get("after") else first
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset({"18001", "18002", "18100", "18200", "18201", "18202", "18300"})
