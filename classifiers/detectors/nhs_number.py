"""NHS and Health and Care numbers: ten digits, usually 3-3-4, modulus 11.

Nine in a hundred random ten-digit numbers pass the check digit, so the range must be an issued one (England
and Wales 4, 6, 7; Northern Ireland 32 to 39; 9 is for tests) and the words around must speak of care, or a
second identifier stand beside it. Scotland's numbers are a kind of their own (chi_number).
"""

import re

from stdnum.gb import nhs

from classifiers.detectors._common import THING, Samples, near, plain, spans_of
from core.types import Finding

KIND = "nhs_number"
TEN = r"\d(?:[ ._/-]{0,2}\d){9}(?![ .-]?\d|\w)"
PATTERNS = (re.compile(rf"(?<![\w=/])(?<!\d[.-]){TEN}"),)
RANGE = re.compile(r"[4679]|3[2-9]")
CONTEXT = re.compile(
    r"\bnhs|\bh ?& ?c\b|health (?:and|&) care|\bpatient|\bgp\b|\bdischarge|\bward\b|\breferral|\bsurgery\b"
    r"|\bhospital (?:no|num)|\bmedical|\bwristband|\bnotes\b|\bclinic",
    re.I,
)
SECOND = re.compile(
    r"\bd\.? ?o\.? ?b\b|\bdate of birth\b|\bborn\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[\w.+-]+@[\w-]+\.\w",
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
        "patient ref? no, UTR 9990000018 for the tax",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    if not is_issued(plain(found.group())) or THING.search(text, max(0, found.start() - 30), found.start()):
        return False
    return near(CONTEXT, text, *found.span(), before=70, after=70) or near(
        SECOND, text, *found.span(), before=40, after=40
    )


def is_issued(digits: str) -> bool:
    """Whether ten digits pass the check and lie in a range that is issued or kept for tests."""
    return bool(RANGE.match(digits)) and len(set(digits)) > 1 and bool(nhs.is_valid(digits))
