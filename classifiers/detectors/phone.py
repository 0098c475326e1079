"""British telephone numbers of people: mobiles and geographic numbers.

Plausible is enough: numbers kept for drama (07700 900xxx, 01632 960xxx) are possible but not valid by the
numbering plan. Numbers of services (03, 05, 08, 09, 111) are nobody's own, nor are lines that many answer.
"""

import re

import phonenumbers

from classifiers.detectors._common import THING, Samples, is_public_place, spans_of
from classifiers.detectors._lines import is_shared_line
from core.types import Finding

KIND = "phone"
PATTERNS = (
    re.compile(
        r"(?<![\w/=+])(?<!\d[.-])(?:(?:\+|00) ?44[ ._-]{0,2}(?:\(0\)[ .-]?)?|44(?=[ -]?7)[ -]?|\(?0[ ._/*-]{0,2})"
        r"[127](?:[ ._/*()-]{0,3}\d){8,9}(?![ .-]?\d{3}|\d|[^\W\d_])"
    ),
)

SAMPLES = Samples(
    hits=(
        ("ring 07700 900123 after six", "07700 900123"),
        ("call +44 (0)7700 900123 please", "+44 (0)7700 900123"),
        ("home is (01632) 960123.", "(01632) 960123"),
        ("0.7.7.0.0.9.0.0.1.2.3 no bots", "0.7.7.0.0.9.0.0.1.2.3"),
        ("text o77oo 9oo one two three", "o77oo 9oo one two three"),
        ("plus 44 7700 900 123 is him", "plus 44 7700 900 123"),
        ("she told reception her home number, 01632 960123", "01632 960123"),
        ("o double seven double o nine hundred one two three", "o double seven double o nine hundred one two three"),
    ),
    misses=(
        "call 111 or 999",
        "invoice 07700 900123",
        "0345 600 0000 is the line",
        "see 0770090012345678.pdf",
        "07700 900 residents",
        "job 55-20-18",
        "the switchboard is 01632 960123",
        "Dunmarrow Health Centre, 01632 960123",
        "press office: media@paper.example / 020 7946 0002",
    ),
)  # fmt: skip


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    start, end = found.span()
    if not is_plausible(found.group()) or THING.search(text, max(0, start - 20), start):
        return False
    shared = is_shared_line(text, start, end)
    if shared is None:
        return _is_mobile(found.group()) or not is_public_place(text, start, end)
    return not shared


def _digits(written: str) -> str:
    return re.sub(r"[^\d+]", "", written.replace("(0)", ""))


def _is_mobile(written: str) -> bool:
    return bool(re.match(r"0?7|(?:\+|00)?440?7", _digits(written)))


def is_plausible(written: str) -> bool:
    """Whether the numbering plan has room for the number as a geographic or mobile one."""
    try:
        number = phonenumbers.parse(_digits(written), "GB")
    except phonenumbers.NumberParseException:
        return False
    if number.country_code != 44:
        return False
    if len(str(number.national_number)) == 9:  # a few old 01 areas
        return phonenumbers.is_valid_number(number)
    return phonenumbers.is_possible_number(number)
