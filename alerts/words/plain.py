"""The plain text part of a mail: lines folded so that they stay readable and lose nothing (pure)."""

import re
import textwrap

WIDTH = 78
# What stands before the words of a line: spaces, "- ", "1. ", or a first column and the gap after it.
_BEFORE = re.compile(r" *(?:- |\d+\. |\S(?:[^\n]{0,30}?\S)? {2,}(?=\S))?")


def fold(text: str) -> str:
    """The text with no line longer than ``WIDTH`` where a space allows it, and no two empty lines together.

    What goes on in the next line stands under its own words.
    """
    lines = "\n".join(_folded(line.rstrip()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)


def _folded(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    match = _BEFORE.match(line)
    before = match[0] if match else ""
    return textwrap.fill(
        line[len(before) :],
        WIDTH,
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_long_words=False,
        break_on_hyphens=False,
    )
