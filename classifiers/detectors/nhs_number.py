"""NHS and Health and Care numbers: ten digits, usually 3-3-4, modulus 11.

Nine in a hundred random ten-digit numbers pass the check digit, so the range must be an issued one (England
and Wales 4, 6, 7; Northern Ireland 32 to 39; 9 is for tests) and the words around must speak of care.
"""

import re

from stdnum.gb import nhs

from classifiers.detectors._common import THING, Samples, near
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "nhs_number"
PATTERNS = (re.compile(r"(?<![\w=/])(?<!\d[.-])\d(?:[ .-]{0,2}\d){9}(?![ .-]?\d|\w)"),)
RANGE = re.compile(r"[4679]|3[2-9]")
CONTEXT = re.compile(
    r"\bnhs|\bh ?& ?c\b|health (?:and|&) care|\bpatient|\bgp\b|\bdischarge|\bward\b|\breferral|\bsurgery\b"
    r"|\bhospital (?:no|num)|\bmedical|\bwristband|\bnotes\b|\bclinic",
    re.I,
)

SAMPLES = Samples(
    hits=(
        ("my NHS number is 999 000 0026", "999 000 0026"),
        ("NHS no: 999-000-0018 on the envelope", "999-000-0018"),
        ("patient ９９９ ０００ ００１８ left on the bus", "９９９ ０００ ００１８"),
        (
            "nhs number nine nine nine oh oh oh double oh one eight",
            "nine nine nine oh oh oh double oh one eight",
        ),
    ),
    misses=(
        "my NHS number is 999 000 0027",
        "order no. 999 000 0018 has left the depot",
        "the pump is 999 000 0018",
        "NHS form 999 000 0018 22",
        "the NHS gave me 100 000 0010 reasons",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    return [
        page.finding(KIND, *found.span())
        for found in PATTERNS[0].finditer(page.text)
        if is_issued(re.sub(r"\D", "", found.group()))
        and near(CONTEXT, page.text, *found.span(), before=70, after=70)
        and not THING.search(page.text, max(0, found.start() - 30), found.start())
    ]


def is_issued(digits: str) -> bool:
    """Whether ten digits pass the check and lie in a range that is issued or kept for tests."""
    return bool(RANGE.match(digits)) and bool(nhs.is_valid(digits))
