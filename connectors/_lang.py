"""Languages as platforms state them."""

import re

_TAG = re.compile(r"([a-z]{2})(?:[-_]|$)")


def iso_639_1(tag: str) -> str:
    """The two letters of a language tag (``en-GB`` gives ``en``); empty for what has none."""
    found = _TAG.match(tag.strip().lower())
    return found[1] if found else ""
