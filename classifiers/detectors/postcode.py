"""Full postcodes. The first half alone ("NE61") locates nobody, nor does the postcode of a public place.

Shapes and letters as in the Royal Mail programmers' guide; the area must be one that exists.
"""

import re

from classifiers.detectors._common import Samples, is_public_place, spans_of
from core.types import Finding

KIND = "postcode"
_AREA = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]"
    "|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
OUTWARD = rf"(?:{_AREA})\d[A-Z\d]?"
PATTERNS = (
    re.compile(rf"(?<![\w/=-]){OUTWARD}[ -]{{0,2}}\d([ABD-HJLNP-UW-Z]{{2}})(?![\w-])", re.I),
    re.compile(r"(?<![^\W_])GIR ?(0AA)(?![^\W_])"),
    re.compile(r"(?<![^\W_])BFPO ?(\d{1,4})(?!\w)"),
    re.compile(r"(?<![^\W_])(?:ASCN|STHL|TDCU|BBND|BIQQ|FIQQ|PCRN|SIQQ|TKCA) ?(1ZZ)(?![^\W_])"),  # overseas
)
# In small letters these are counts and measures: "b5 1st floor", "b12 5ug".
MEASURES = re.compile("st|nd|rd|th|ft|hr|ug|gb|tb|db|pm|am")

SAMPLES = Samples(
    hits=(
        ("she lives at SW1A 1AA", "SW1A 1AA"),
        ("near bd6 3xq please", "bd6 3xq"),
        ("NE61AA on the parcel", "NE61AA"),
        ("lad's at BFPO 57 now", "BFPO 57"),
        ("her gran is on ASCN 1ZZ", "ASCN 1ZZ"),
    ),
    misses=(
        "HU17 has no dentist",
        "B5 1st floor",
        "b5 1st floor",
        "take B12 5ug daily",
        "the pump is QX19 9ZZ",
        "DN19 RTX",
        "We've moved! Dunmarrow Health Centre, 40 Station Parade, Dunmarrow, DL99 1AA.",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    """People write a postcode in capitals or in small letters, not in both."""
    whole, unit = found.group(), found.group(1)
    one_case = whole in {whole.upper(), whole.lower()} and not MEASURES.fullmatch(unit)
    return one_case and not is_public_place(text, *found.span())
