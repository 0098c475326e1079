"""A site with one feed."""

from pathlib import Path
from typing import Any

from werkzeug import Request, Response

_FEED = Path(__file__).parents[1] / "samples" / "rss" / "oakfield.xml"


def options(base: str) -> dict[str, Any]:
    return {"url": f"{base}/feed"}


def answer(request: Request) -> Response:
    return Response(_FEED.read_bytes(), content_type="application/rss+xml")


KEYS = frozenset({"gazette-1", "gazette-2"})
