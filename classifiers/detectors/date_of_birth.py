"""Dates of birth: a date soon after words about being born, or a birthday said after it.

A date without its year counts only beside a birthday or an age ("turns five on 21st May"). A date in figures, of
a year long past, also counts between a name and a bed or a hospital number, as on a label. Day before month, always.
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
_DAY = r"(?<![\w/.-])(?P<day>\d\d?)"
PATTERNS = (
    re.compile(rf"{_DAY} ?([/.-]) ?(?P<month>\d\d?) ?\2 ?{_YEAR}"),
    re.compile(rf"{_DAY} (?P<month>\d\d?) {_YEAR}"),
    re.compile(rf"{_DAY}(?P<month>(?<=\d\d)\d\d){_YEAR}"),
    re.compile(r"(?<![\w/.-])(?P<year>(?:18|19|20)\d\d)([/.-])(?P<month>\d\d)\2(?P<day>\d\d)(?!\w)"),
    re.compile(rf"{_DAY}(?:st|nd|rd|th)?[ -]?(?:of )?(?:the )?{_MONTH}(?:,?[ -]{_YEAR})?", re.I),
    re.compile(rf"\b{_MONTH} (?:the )?(?P<day>\d\d?)(?:st|nd|rd|th)?\b(?:,? {_YEAR})?", re.I),
)
_AGE = (
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eighteen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|a hundred)"
)
BORN = re.compile(r"\bd\.? ?o\.? ?b\b|\bd of b\b|\bdate of birth\b|\bborn\b|\bbirth ?date\b|\bb\. ?$", re.I)
BIRTHDAY = re.compile(rf"\b(?:birthday|b'?day)\b|\bturn(?:s|ed|ing)? {_AGE}\b", re.I)
_STOP = re.compile(r"(?<!\.[a-z])(?<!d\.o)[.!?]\s+[A-Z]|\n")
BEFORE, AFTER = 45, 25
# On a label: "SUNITA DHILLON 01.01.1950 BAY C BED 2".
_NAME = re.compile(r"(?:[A-Z][\w'-]+,? ){2}\(?$")
_LABEL = re.compile(r"^[\s,;)]{1,3}(?:(?:bay|bed|ward|room|hosp|nhs|chi|unit)\b|\d{3} ?\d{3} ?\d{4}\b)", re.I)
YOUNGEST = 2015

SAMPLES = Samples(
    hits=(
        ("DOB 12/03/1941 on the door", "12/03/1941"),
        ("Mavis was born on the 4th of June 1930.", "4th of June 1930"),
        ("date of birth: 1987-11-02", "1987-11-02"),
        ("he turns five on 21st May", "21st May"),
        ("17 February 1944 is her birthday", "17 February 1944"),
        ("ANNE EXAMPLE 01.01.1950 BAY C BED 2", "01.01.1950"),
        ("d.o.b. 7 9 14 on the form", "7 9 14"),
    ),
    misses=(
        "summer fair 12/07/2026",
        "born tired. Inspected 3 March 2024",
        "she turned up on 3 March 2024",
        "DOB 45/19/1941",
        "born on a Tuesday in May",
        "Ashdrake General 12/05/2025 Ward 3 was shut",
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
    if re.search(r"[/.-]|[^\W\d_]", found.group()) and (BIRTHDAY.search(before) or BIRTHDAY.search(after)):
        return True
    if found["year"] is None:
        return False
    return bool(BORN.search(before)) or _is_on_label(before, found, after)


def _is_on_label(before: str, found: re.Match[str], after: str) -> bool:
    long_ago = len(found["year"]) == 4 and int(found["year"]) <= YOUNGEST
    return long_ago and bool(_NAME.search(before) and _LABEL.search(after))


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
