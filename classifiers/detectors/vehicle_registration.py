"""Number plates. "In NE24 was" has the shape of one, so words about a car must stand near, always.

Small letters with a space ("tu 29 wve") need "reg" or "plate" just before, and so do plates
without a year and those of Northern Ireland ("JIG 4821"), which look like anything.
"""

import re

from classifiers.detectors._common import Samples, near, spans_of
from core.types import Finding

KIND = "vehicle_registration"
PATTERNS = (
    re.compile(
        r"(?<![\w/=-])[A-Z]{2}[ -]?(?:0[2-9]|[12]\d|5[1-9]|[67]\d)[ -]?(?P<letters>[A-Z]{3})(?![\w-])", re.I
    ),  # since 2001
    re.compile(r"(?<![\w/=-])[A-Z]\d{1,3} ?(?P<letters>[A-Z]{3})(?![\w-])", re.I),  # 1983 to 2001
    re.compile(r"(?<![\w/=-])(?P<letters>[A-Z]{3}) ?\d{1,3}[A-Z](?![\w-])", re.I),  # 1963 to 1983
    re.compile(r"(?<![\w/=-])(?P<old>(?:[A-Z]{1,3} ?\d{2,4}|\d{2,4} ?[A-Z]{1,3}))(?![\w-])"),
)
PLATE = re.compile(
    r"\b(?:reg|registration|(?:number )?plates?|vrm)\b(?: (?:no|number|is|was))*[ .:,'\"]{0,3}$", re.I
)
NAMED = re.compile(r"\b(?:reg|registration|plates?)\b", re.I)
CAR = re.compile(
    r"\b(?:reg|registration|plates?|cars?|vans?|cabs?|taxis?|bus|minibus|lorry|vehicles?|motor(?:bike|cycle)?"
    r"|scooter|parked|parking|drives?|driver|driving|drove|audi|bmw|corsa|astra|vauxhall|fiesta|ford|golf|polo"
    r"|vw|volkswagen|merc|mercedes|nissan|qashqai|micra|juke|toyota|yaris|kia|picanto|hyundai|kona|peugeot|renault|clio"
    r"|skoda|tesla|volvo|honda|suzuki|fiat|citroen|mazda|jaguar|lexus|rover|hatchback|suv|mini|transit|moped)\b",
    re.I,
)
WORDS = re.compile(
    "ALL|AND|ANY|ARE|ARM|ASK|BED|BIG|BUS|BUT|CAN|CAR|DAD|DAY|DID|END|FAR|FEW|FOR|GET|GOT|HAD|HAS|HER|HIM|HIS|HOW|ITS|LET"
    "|MAN|MAY|MEN|MUM|NAN|NEW|NOT|NOW|OFF|OLD|ONE|OUR|OUT|OWN|PUT|RAN|RUN|SAT|SAW|SAY|SEE|SET|SHE|SIX|TEN|THE|TOO|TWO|USE"
    "|VAN|WAS|WAY|WHO|WHY|YES|YET|YOU"
)

SAMPLES = Samples(
    hits=(
        ("whoever drives XT79 KLO, shame on you", "XT79 KLO"),
        ("silver corsa JA28HMB outside", "JA28HMB"),
        ("black van reg tu 29 wve", "tu 29 wve"),
        ("private plate U614 HRP", "U614 HRP"),
        ("he has the plate JIG 4821 on it", "JIG 4821"),
        ("ford anglia ABC 123D in the drive", "ABC 123D"),
    ),
    misses=(
        "the car park in NE24 was full",
        "NO CAR IN NE24 WAS SAFE",
        "drivers in SW19 has had it, and LS27 and on",
        "the pump is a DN19 RTX",
        "drove up the A19 and down the M60",
        "a van in xt79 klo, small letters",
        "parked on bay A 12",
    ),
)  # fmt: skip


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(text: str, found: re.Match[str]) -> bool:
    if PLATE.search(text, max(0, found.start() - 30), found.start()):
        return True
    if "old" in found.re.groupindex:
        return False
    whole, letters = found.group(), found["letters"].upper()
    if near(NAMED, text, *found.span(), before=20, after=0):
        return True
    if WORDS.fullmatch(letters) or not (whole == whole.upper() or " " not in whole):
        return False
    return near(CAR, text, *found.span(), before=70, after=70)
