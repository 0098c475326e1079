"""A wiki: a search of two pages, their words, recent changes and the log of deletions."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY

_SAMPLES = Path(__file__).parents[1] / "samples" / "mediawiki"


def options(base: str) -> dict[str, Any]:
    return {"base": f"{base}/w/api.php", "query": QUERY}


def answer(request: Request) -> Response:
    assert request.path == "/w/api.php"
    if request.args.get("prop"):
        return _pages(set(request.args["pageids"].split("|")))
    if request.args["list"] == "search":
        return _sample("search_2" if request.args.get("sroffset") else "search")
    if request.args["list"] == "logevents":
        return _sample("deleted")
    return _sample("changes_2" if request.args.get("rccontinue") else "changes")


def _pages(wanted: set[str]) -> Response:
    whole = json.loads((_SAMPLES / "pages.json").read_bytes())
    whole["query"]["pages"] = [page for page in whole["query"]["pages"] if str(page["pageid"]) in wanted]
    return Response(json.dumps(whole), content_type="application/json")


def _sample(name: str) -> Response:
    return Response((_SAMPLES / f"{name}.json").read_bytes(), content_type="application/json")


KEYS = frozenset({"4101", "4102", "4103", "edit:88011"})
