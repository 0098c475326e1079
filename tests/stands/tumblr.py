"""Tumblr: two pages of each tag, and an empty one at the end."""

import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from stands import QUERY, SECRET

SAMPLES = Path(__file__).parents[1] / "samples" / "tumblr"
KEYS = tuple(f"79000000000000000{number}" for number in range(1, 7))


def options(base: str) -> dict[str, Any]:
    return {"base": base, "query": QUERY}


def answer(request: Request) -> Response:
    if request.args.get("api_key") != SECRET:
        return said({"meta": {"status": 401, "msg": "Unauthorized"}, "response": [], "errors": []}, 401)
    assert request.path == "/v2/tagged"
    assert request.args["tag"] == "oakfieldhouse"
    before = int(request.args.get("before") or 2**40)
    for name in ("tagged.json", "tagged-2.json"):
        page = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
        if page["response"][-1]["timestamp"] < before:
            return said(page)
    return said({"meta": {"status": 200, "msg": "OK"}, "response": []})


def said(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
