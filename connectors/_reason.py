"""Why an API refuses, in its own word, where the status alone does not tell."""

import json
import re
from collections.abc import Iterator

from connectors._http import Response
from connectors._json import Shape

# A word of the API's, never a sentence, which may quote what was asked.
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,60}")


def reason(answer: Response) -> str:
    """The word in the body of a refusal (``ExpiredToken``, ``quotaExceeded``); empty where there is none."""
    try:
        body = Shape(json.loads(answer.content))
    except (ValueError, RecursionError):
        return ""
    return next((word for word in _words(body) if _WORD.fullmatch(word)), "")


def _words(body: Shape) -> Iterator[str]:
    """AT Protocol: ``error``. Google: the details of the newer form, the errors of the older one."""
    yield body.text("error")
    for kind in ("details", "errors"):
        yield from (entry.text("reason") for entry in body.items("error", kind))
