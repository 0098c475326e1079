"""Passport numbers: nine digits, or (since 2015) two letters and seven; others' are like them.

No check digit is printed with the number, so the word must stand near: before it, or right behind.
"""

import re

from classifiers.detectors._common import Samples, near, plain, spans_of
from core.types import Finding

KIND = "passport"
PATTERNS = (
    re.compile(r"(?<![\w/=£])(?<!\d[.-])\d(?:[ .-]{0,2}\d){8}(?![ .-]?\d|\w)"),
    re.compile(r"(?<![\w/=])[A-Z][ .-]?[A-Z]?(?:[ .-]{0,2}\d){7,8}(?![ .-]?\d|\w)", re.I),
)
BEFORE = re.compile(r"\bpass ?ports?\b", re.I)
AFTER = re.compile(r"^[^.!?\n]{0,20}\bpass ?ports?\b", re.I)
_BETWEEN = re.compile(
    r"\b(?:licen[cs]e|ni|nino|national insurance|phone|ring|call|mob|nhs|order|ref)\b", re.I
)

SAMPLES = Samples(
    hits=(
        ("passport no 111222333 on the copier", "111222333"),
        ("his passport, ZX9990001, is still there", "ZX9990001"),
        ("111 222 333 is her passport", "111 222 333"),
        ("passport: z x 9 9 9 0 0 0 1", "z x 9 9 9 0 0 0 1"),
    ),
    misses=(
        "order 111222333 has come",
        "passport office, ring 0300 222 0000",
        "the passport took 10 weeks",
        "passport queue, ref 111222333",
        "tag ZX9990001 on the hoist",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    if len(plain(found.group())) != 9:
        return False
    start, end = found.span()
    named = list(BEFORE.finditer(text, max(0, start - 70), start))
    if named:
        return not _BETWEEN.search(text, named[-1].end(), start)
    return near(AFTER, text, start, end, before=0, after=40)
