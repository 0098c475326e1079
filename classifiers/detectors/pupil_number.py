"""Unique pupil numbers: a check letter (modulus 23) and twelve digits; a temporary one ends in a letter.

The check is reckoned here: python-stdnum also asks for a list of local authorities that lacks the newer councils
(838, 839, 940 to 943) and would turn true numbers away. With "UPN" beside it a misread letter is let pass. The ten
digits of a learner number (ULN) count beside their name only.
"""

import re

from classifiers.detectors._common import Samples, near, plain, spans_of
from core.types import Finding

KIND = "pupil_number"
_GAP = r"[ ._/-]{0,2}"
PATTERNS = (
    re.compile(
        rf"(?<![^\W_])[A-HJ-NP-RT-WYZ](?:{_GAP}\d){{11}}{_GAP}[\dA-HJ-NP-RT-WYZ](?![ .-]?\d|[^\W_])", re.I
    ),
    re.compile(rf"(?<![\w=/])(?<!\d[.-])\d(?:{_GAP}\d){{9}}(?![ .-]?\d|\w)"),
)
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
UPN = re.compile(r"\bupns?\b|\bpupil (?:no|num|ref|id)|\bunique pupil\b|\bpupil'?s? number\b", re.I)
ULN = re.compile(r"\buln\b|\blearner (?:no|num|ref|id)", re.I)

SAMPLES = Samples(
    hits=(
        ("upn A800000000001 with a misread letter", "A800000000001"),
        ("his pupil number is e330 9727 22429", "e330 9727 22429"),
        ("E383942623001 blew over the playground", "E383942623001"),
        ("uln 1234567890 on his certificate", "1234567890"),
    ),
    misses=(
        "part A800000000001 is out of stock",
        "IBAN or not, 1234567890 is no learner",
        "UPN S330972722429",
        "tracking a1234567890123",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    number = plain(found.group())
    if number.isdigit():
        return near(ULN, text, *found.span(), before=30, after=20)
    return near(UPN, text, *found.span(), before=50, after=30) or (
        found.group()[0].isupper() and passes_check(number)
    )


def passes_check(number: str) -> bool:
    """Whether the first letter is the one that the other twelve signs ask for."""
    values = [LETTERS.index(sign) if sign.isalpha() else int(sign) for sign in number[1:]]
    return LETTERS[sum(weight * value for weight, value in enumerate(values, 2)) % 23] == number[0]
