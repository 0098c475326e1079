"""What detectors share."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from classifiers.detectors._normalise import normalise
from core.types import Finding


@dataclass(frozen=True, slots=True)
class Samples:
    """Texts for the contract test: hits, each with the one value to be found, and misses, with none."""

    hits: tuple[tuple[str, str], ...]
    misses: tuple[str, ...]


def near(pattern: re.Pattern[str], text: str, start: int, end: int, *, before: int, after: int) -> bool:
    """Whether a pattern occurs so many characters before or after a span."""
    ahead = text[max(0, start - before) : start]
    behind = text[end : end + after]
    return bool(pattern.search(ahead) or pattern.search(behind))


def spans_of(
    kind: str, patterns: Sequence[re.Pattern[str]], text: str, counts: Callable[[str, re.Match[str]], bool]
) -> list[Finding]:
    """What the patterns find in the normalised text and ``counts`` lets pass, in offsets of the text itself."""
    page = normalise(text)
    found = (match for pattern in patterns for match in pattern.finditer(page.text))
    spans = {match.span() for match in found if counts(page.text, match)}
    return [page.finding(kind, *span) for span in sorted(spans)]


# Numbers of things, not of people; the word stands just before the number.
THING = re.compile(
    r"\b(?:order|tracking|invoice|booking|ticket|asset|card|meter|account|acc|product|batch|lot|policy|company"
    r"|charity|job|ref|reference)\b[\w .:#-]{0,12}$",
    re.I,
)
