"""British telephone numbers of people: mobiles and geographic numbers.

Plausible is enough: numbers kept for drama (07700 900xxx, 01632 960xxx) are possible but not valid by the
numbering plan. Numbers of services (03, 05, 08, 09, 111) are nobody's own.
"""

import re

import phonenumbers

from classifiers.detectors._common import THING, Samples
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "phone"
PATTERNS = (
    re.compile(
        r"(?<![\w/=+])(?<!\d[.-])(?:(?:\+|00)?44[ .-]{0,2}(?:\(0\)[ .-]?)?|\(?0[ .-]?)"
        r"[127](?:[ .()-]{0,2}\d){8,9}(?![ .-]?\d{3}|\d|[^\W\d_])"
    ),
)

# A line that many people answer, named just before its number.
DESK = re.compile(
    r"\b(?:switchboard|reception|helpline|hotline|phone line|call centre|(?:press|school|head|main) office)\b"
    r"[^.!?\n]{0,20}$",
    re.I,
)

SAMPLES = Samples(
    hits=(
        ("ring 07700 900123 after six", "07700 900123"),
        ("call +44 (0)7700 900123 please", "+44 (0)7700 900123"),
        ("home is (01632) 960123.", "(01632) 960123"),
        ("0.7.7.0.0.9.0.0.1.2.3 no bots", "0.7.7.0.0.9.0.0.1.2.3"),
        ("text o77oo 9oo one two three", "o77oo 9oo one two three"),
        (
            "zero double seven double zero nine double zero one two three",
            "zero double seven double zero nine double zero one two three",
        ),
    ),
    misses=(
        "call 111 or 999",
        "invoice 07700 900123",
        "0345 600 0000 is the line",
        "see 0770090012345678.pdf",
        "07700 900 residents",
        "job 55-20-18",
        "the switchboard is 01632 960123",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    return [
        page.finding(KIND, *found.span())
        for found in PATTERNS[0].finditer(page.text)
        if is_plausible(found.group()) and not _is_introduced_as_other(page.text, found.start())
    ]


def _is_introduced_as_other(text: str, start: int) -> bool:
    return bool(THING.search(text, max(0, start - 20), start) or DESK.search(text, max(0, start - 45), start))


def is_plausible(written: str) -> bool:
    """Whether the numbering plan has room for the number as a geographic or mobile one."""
    try:
        number = phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        return False
    if len(str(number.national_number)) == 9:  # a few old 01 areas
        return phonenumbers.is_valid_number(number)
    return phonenumbers.is_possible_number(number)
