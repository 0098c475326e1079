"""National Insurance numbers: two letters, six digits, A to D.

With words about National Insurance near it any two letters count (QQ and ZZ are never issued, and stand in
examples). Without them the prefix must be one that is issued and the grouping a usual one. A number without its
last letter needs those words before it.
"""

import re

from classifiers.detectors._common import Samples, near, plain
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "ni_number"
_DIGITS = r"[ ._/-]{0,2}\d" * 6
PATTERNS = (
    re.compile(rf"(?<![^\W_])[A-Z][ .-]?[A-Z]{_DIGITS}[ ._/-]{{0,2}}[A-D](?![^\W_])", re.I),
    re.compile(rf"(?<![^\W_])[A-Z][ .-]?[A-Z]{_DIGITS}(?![ .-]?\d|[^\W_])", re.I),
)
# HMRC manual NIM39110: D F I Q U V are never used, O never second, and some pairs are kept back.
ISSUED = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]")
USUAL = re.compile(r"[A-Z]{2}(?:\d{6}| \d\d \d\d \d\d ?| \d{6} ?|-\d\d-\d\d-\d\d-)[A-D]")
EXAMPLE = "QQ"
CONTEXT = re.compile(
    r"\bn\.?i\.?(?:n\.?o\.?)?\b|\bnational insurance\b|\bnat\.? ?ins|\bpay ?slip|\bp(?:45|60)\b", re.I
)

SAMPLES = Samples(
    hits=(
        ("NI number QQ 12 34 56 C", "QQ 12 34 56 C"),
        ("found a letter, AB123456C, on the stairs", "AB123456C"),
        ("nat ins no is AB 12 34 56", "AB 12 34 56"),
        ("NI: AB-12-34-56-C", "AB-12-34-56-C"),
        ("q q 1 2 3 4 5 6 d thats my NI", "q q 1 2 3 4 5 6 d"),
    ),
    misses=(
        "ticket QQ123456 for parking",
        "part QQ123456C is out of stock",
        "AB 12 34 56 is the crate",
        "crate AB 1 23456 C",
        "batch AB123456, not the NI one",
        "ab123456c in small letters, with no cue",
    ),
)


def detect(text: str, *, examples: bool = True) -> list[Finding]:
    """Findings in offsets of the text; ``examples`` False leaves out QQ, which forms and leaflets show."""
    page = normalise(text)
    whole, short = PATTERNS
    found = {match.start(): match for match in short.finditer(page.text) if _is_announced(page.text, match)}
    found |= {match.start(): match for match in whole.finditer(page.text) if _counts(page.text, match)}
    return [
        page.finding(KIND, *match.span())
        for match in found.values()
        if examples or not plain(match.group()).startswith(EXAMPLE)
    ]


def _is_announced(text: str, match: re.Match[str]) -> bool:
    return near(CONTEXT, text, *match.span(), before=60, after=0)


def _counts(text: str, match: re.Match[str]) -> bool:
    if near(CONTEXT, text, *match.span(), before=60, after=30):
        return True
    return bool(USUAL.fullmatch(match.group()) and ISSUED.match(match.group()))
