"""Number plates. "In NE24 was" has the shape of one, so words about a car must stand near."""

import re

from classifiers.detectors._common import Samples, near, spans_of
from core.types import Finding

KIND = "vehicle_registration"
PATTERNS = (
    re.compile(
        r"(?<![\w/=-])[A-Z]{2} ?(?:0[2-9]|[12]\d|5[1-9]|[67]\d) ?([A-Z]{3})(?![\w-])", re.I
    ),  # since 2001
    re.compile(r"(?<![\w/=-])[A-Z]\d{1,3} ?([A-Z]{3})(?![\w-])", re.I),  # 1983 to 2001
    re.compile(r"(?<![\w/=-])([A-Z]{3}) ?\d{1,3}[A-Z](?![\w-])", re.I),  # 1963 to 1983
)
PLATE = re.compile(r"\b(?:reg|registration|plates?)\b", re.I)
CAR = re.compile(
    r"\b(?:reg|registration|plates?|cars?|vans?|cabs?|taxis?|bus|minibus|lorry|vehicles?|motor(?:bike|cycle)?"
    r"|scooter|parked|parking|drives?|driver|driving|drove|audi|bmw|corsa|astra|vauxhall|fiesta|ford|golf|polo"
    r"|vw|volkswagen|merc|mercedes|nissan|qashqai|micra|toyota|yaris|kia|hyundai|peugeot|renault|clio|skoda"
    r"|tesla|volvo|honda|suzuki|fiat|citroen|mazda|jaguar|lexus|rover|hatchback|suv)\b",
    re.I,
)
WORDS = re.compile(
    "ALL|AND|ARE|BUT|CAN|DID|FOR|GET|GOT|HAD|HAS|HOW|NOT|NOW|OFF|OUT|SAY|SEE|THE|WAS|WHO|WHY|YOU"
)

SAMPLES = Samples(
    hits=(
        ("whoever drives XT79 KLO, shame on you", "XT79 KLO"),
        ("silver corsa JA28HMB outside", "JA28HMB"),
        ("black van reg tu 29 wve", "tu 29 wve"),
        ("private plate U614 HRP", "U614 HRP"),
    ),
    misses=(
        "the car park in NE24 was full",
        "NO CAR IN NE24 WAS SAFE",
        "the pump is a DN19 RTX",
        "drove up the A19 and down the M60",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    whole, letters = found.group(), found.group(1)
    if near(PLATE, text, *found.span(), before=20, after=0):
        return True
    tidy = whole == whole.upper() or " " not in whole
    return (
        tidy and not WORDS.fullmatch(letters.upper()) and near(CAR, text, *found.span(), before=70, after=70)
    )
