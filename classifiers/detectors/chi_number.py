"""Scotland's Community Health Index numbers: a date of birth (DDMMYY) and four digits, modulus 11.

The number tells the birthday, and its ninth digit the sex. Beside "CHI" a possible date or the check digit is
enough (people misread digits); beside words of care, of Scotland or of somebody's family the check digit must pass too.
"""

import re
from datetime import date

from stdnum.gb import nhs

from classifiers.detectors import nhs_number
from classifiers.detectors._common import PRIVATE, THING, Samples, near, plain, spans_of
from core.types import Finding

KIND = "chi_number"
PATTERNS = (re.compile(rf"(?<![\w=/+])(?<!\d[.-]){nhs_number.TEN}"),)
CHI = re.compile(r"\bchi\b|\bcommunity health index\b", re.I)
CONTEXT = re.compile(
    rf"{nhs_number.CONTEXT.pattern}|\bscot(?:land|tish)?\b|\bhealth\b|\bprescription|\bappointment", re.I
)

SAMPLES = Samples(
    hits=(
        ("CHI 0508319943 on the label", "0508319943"),
        ("mum's chi number is 050831 9943", "050831 9943"),
        ("NHS Scotland has her as 050831-9943", "050831-9943"),
        ("C.H.I. is on the Community Health Index card: 0 5 0 8 3 1 9 9 4 3", "0 5 0 8 3 1 9 9 4 3"),
    ),
    misses=(
        "CHI 4508319943",
        "CHI 0513319943",
        "the pump is 0508319943",
        "patient 0508319944",
        "order 0508319943 for the ward",
        "the order for tai chi suits, 0508319943 30",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    digits = plain(found.group())
    dated, checked = begins_with_a_date(digits), bool(nhs.is_valid(digits))
    if len(set(digits)) == 1:
        return False
    if near(CHI, text, *found.span(), before=60, after=25):
        return dated or checked
    if not (dated and checked) or THING.search(text, max(0, found.start() - 30), found.start()):
        return False
    return any(near(words, text, *found.span(), before=70, after=70) for words in (CONTEXT, PRIVATE))


def begins_with_a_date(digits: str) -> bool:
    """Whether six digits are a day, a month and a year of some century."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    for century in (1900, 2000):  # only one of them may know 29 February
        try:
            date(century + year, month, day)
        except ValueError:
            continue
        return True
    return False
