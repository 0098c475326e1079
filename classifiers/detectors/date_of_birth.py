"""Dates of birth: a date soon after words about being born, or a birthday said after it.

A date without its year counts only beside a birthday or an age ("turns five on 21st May").
"""

import re
from datetime import date

from classifiers.detectors._common import Samples, spans_of
from core.types import Finding

KIND = "date_of_birth"
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?P<year>(?:18|19|20)\d\d|'?\d\d)(?![\w:])"
PATTERNS = (
    re.compile(rf"(?<![\w/.-])(?P<day>\d\d?) ?([/.-]) ?(?P<month>\d\d?) ?\2 ?{_YEAR}"),
    re.compile(r"(?<![\w/.-])(?P<year>(?:18|19|20)\d\d)([/.-])(?P<month>\d\d)\2(?P<day>\d\d)(?!\w)"),
    re.compile(rf"(?<![\w/.-])(?P<day>\d\d?)(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?", re.I),
    re.compile(rf"\b{_MONTH} (?P<day>\d\d?)(?:st|nd|rd|th)?\b(?:,? {_YEAR})?", re.I),
)
_AGE = (
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eighteen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|a hundred)"
)
BORN = re.compile(r"\bd\.? ?o\.? ?b\b|\bdate of birth\b|\bborn\b", re.I)
BIRTHDAY = re.compile(rf"\b(?:birthday|b'?day)\b|\bturn(?:s|ed|ing)? {_AGE}\b", re.I)
_STOP = re.compile(r"[.!?]\s+[A-Z]|\n")
BEFORE, AFTER = 45, 25

SAMPLES = Samples(
    hits=(
        ("DOB 12/03/1941 on the door", "12/03/1941"),
        ("Mavis was born on the 4th of June 1930.", "4th of June 1930"),
        ("date of birth: 1987-11-02", "1987-11-02"),
        ("he turns five on 21st May", "21st May"),
        ("17 February 1944 is her birthday", "17 February 1944"),
    ),
    misses=(
        "summer fair 12/07/2026",
        "born tired. Inspected 3 March 2024",
        "she turned up on 3 March 2024",
        "DOB 45/19/1941",
        "born on a Tuesday in May",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    if not _is_date(found):
        return False
    before = _STOP.split(text[max(0, found.start() - BEFORE) : found.start()])[-1]
    after = _STOP.split(text[found.end() : found.end() + AFTER])[0]
    if BIRTHDAY.search(before) or BIRTHDAY.search(after):
        return True
    return found["year"] is not None and bool(BORN.search(before))


def _is_date(found: re.Match[str]) -> bool:
    """Whether the calendar has the day; a year of two digits may be of any century."""
    month = found["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) // 3 + 1
    year = (found["year"] or "").strip("'")
    try:
        date(int(year) if len(year) == 4 else 2000, number, int(found["day"]))
    except ValueError:
        return False
    return True
