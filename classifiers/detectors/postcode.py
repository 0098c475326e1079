"""Full postcodes. The first half alone ("NE61") locates nobody.

Shapes and letters as in the Royal Mail programmers' guide; the area must be one that exists.
"""

import re

from classifiers.detectors._common import Samples
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "postcode"
_AREA = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]"
    "|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
PATTERNS = (
    re.compile(rf"(?<![\w/=-])(?:{_AREA})\d[A-Z\d]?[ -]{{0,2}}\d([ABD-HJLNP-UW-Z]{{2}})(?![\w-])", re.I),
    re.compile(r"(?<![^\W_])GIR ?(0AA)(?![^\W_])"),
)
# In small letters these are counts and measures: "b5 1st floor", "b12 5ug".
MEASURES = re.compile("st|nd|rd|th|ft|hr|ug|gb|tb|db")

SAMPLES = Samples(
    hits=(
        ("she lives at SW1A 1AA", "SW1A 1AA"),
        ("near bd6 3xq please", "bd6 3xq"),
        ("NE61AA on the parcel", "NE61AA"),
    ),
    misses=(
        "HU17 has no dentist",
        "B5 1st floor",
        "b5 1st floor",
        "take B12 5ug daily",
        "the pump is QX19 9ZZ",
        "DN19 RTX",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    found = [match for pattern in PATTERNS for match in pattern.finditer(page.text)]
    return [
        page.finding(KIND, *match.span()) for match in found if _is_one_case(match.group(), match.group(1))
    ]


def _is_one_case(whole: str, unit: str) -> bool:
    """People write a postcode in capitals or in small letters, not in both."""
    return whole in {whole.upper(), whole.lower()} and not MEASURES.fullmatch(unit)
