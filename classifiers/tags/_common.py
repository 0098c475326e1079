"""What tags share: how a pattern counts, and the words for ages."""

import re
from dataclasses import dataclass

Patterns = tuple[re.Pattern[str], ...]

HERE = "\0"
REACH = 200  # code points of a sentence to each side of what was found
_BLANKS = re.compile(r"[^\S\n]+")
_END = re.compile(r"[.!?…]+[\"'”’)]*\s|\n")


@dataclass(frozen=True, slots=True)
class Samples:
    """Texts for the contract test: those that bear the tag and those that do not."""

    hits: tuple[str, ...]
    misses: tuple[str, ...]


def says(text: str, wanted: Patterns, unless: Patterns) -> bool:
    """Whether a pattern is found in a sentence that nothing takes back.

    In the sentence as ``unless`` reads it, what was found stands between two of ``HERE``.
    """
    text = _BLANKS.sub(" ", text)
    for pattern in wanted:
        for found in pattern.finditer(text):
            sentence = _around(text, *found.span())
            if not any(taken_back.search(sentence) for taken_back in unless):
                return True
    return False


def _around(text: str, start: int, end: int) -> str:
    before = _END.split(text[max(0, start - REACH) : start])[-1]
    after = _END.split(text[end : end + REACH])[0]
    return f"{before}{HERE}{text[start:end]}{HERE}{after}"


def patterns(*sources: str) -> Patterns:
    """Patterns in any case; a space in them is any run of blanks within a line, as ``says`` reads the text."""
    return tuple(re.compile(source, re.I) for source in sources)


# 1 to 17, in figures or in words; not the end of "thirty one".
AGE = (
    r"(?<!ty[ -])(?:1[0-7]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen)"
)
YEARS_OLD = rf"{AGE}(?:[- ]?(?:years?|yrs?)[- ]?old|[- ]?y/?o)\b"
