"""How each token is written: what the encoder, which reads small letters only, would not see.

A name in the middle of a sentence begins with a capital; at its start every word does. A whole word has one way of
writing, which all its pieces bear.
"""

import re
from collections.abc import Sequence

SIGN, SMALL, CAPITAL, CAPITALS, MIXED, FIRST = range(6)
KINDS = 6
_WORD = re.compile(r"[^\W_]+")
_STARTS = re.compile(r"(?:^|[.!?\n\r…])[\W_]*$")
_BEFORE = 8  # code points: where a sentence may have ended


def cases(text: str, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """One of SIGN to FIRST for each token, given where the tokens stand in the text, in order."""
    words = [(*found.span(), _case(text, *found.span())) for found in _WORD.finditer(text)]
    found: list[int] = []
    at = 0
    for start, end in offsets:
        while at < len(words) and words[at][1] <= start:
            at += 1
        inside = at < len(words) and words[at][0] < end and start < end
        found.append(words[at][2] if inside else SIGN)
    return found


def _case(text: str, start: int, end: int) -> int:
    """How a word is written; FIRST is a capital that may be owed to the sentence's beginning."""
    word = text[start:end]
    letters = [character for character in word if character.isalpha()]
    if not letters:
        return SIGN
    if not any(letter.isupper() for letter in letters):
        return SMALL
    if all(letter.isupper() for letter in letters) and len(letters) > 1:
        return CAPITALS
    if any(letter.isupper() for letter in letters[1:]):
        return MIXED
    return FIRST if _STARTS.search(text[max(0, start - _BEFORE) : start]) else CAPITAL
