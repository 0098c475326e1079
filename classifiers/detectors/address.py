"""Home addresses: a number, a street and, where they follow, the town and the postcode.

A street with capitals stands for itself; one in small letters, or one that ends as houses and parks do ("Court"), needs
a cue: a flat, a postcode, "at" or "lives". A street without a number counts where a refuge or a children's home
is told of, a house's name where somebody lives there. The places of organisations do not count.
"""

import re

from classifiers.detectors._common import PRIVATE, Samples, is_public_place
from classifiers.detectors._homes import CONFIDENTIAL, CUE, LIVES, NO_HOME, PUBLIC, TENANT
from classifiers.detectors._normalise import normalise
from classifiers.detectors._streets import (
    LITTLE,
    NAMED_HOUSE,
    NO_NAME,
    NUMBERED,
    UNNUMBERED,
    WITH_CODE,
    is_titled,
)
from core.types import Finding

KIND = "address"
PATTERNS = (NUMBERED, UNNUMBERED, NAMED_HOUSE, WITH_CODE)
SAMPLES = Samples(
    hits=(
        ("leak at flat 6, 210 canning road again", "flat 6, 210 canning road"),
        ("go round to 41 Thornycroft Walk and knock", "41 Thornycroft Walk"),
        ("it is 9 Heol y Bryn, Pontyfelin not Heol Bryn", "9 Heol y Bryn, Pontyfelin"),
        ("mum lives at 12 Canning Court.", "12 Canning Court"),
        ("the refuge is on Alder Grove now", "Alder Grove"),
        ("nan lives at Rose Cottage, Mill Lane", "Rose Cottage, Mill Lane"),
        ("A Mensah, 40 Teal Court, owes us", "40 Teal Court"),
    ),
    misses=(
        "a 10 minute walk and a 2 hours drive",
        "Nan (Beryl, 89, Beckfoot Lodge) is fine",
        "she came at 21 so we should walk",
        "the 38 Park Lane bus, or bus 14 Station Road",
        "9 Brindlewick Court residents were ill",
        "Dunmarrow Health Centre, 40 Station Parade, Dunmarrow",
        "roadworks on Alder Grove till 2027",
        "number 23 in the queue at 12 on Sunday",
        "visit us at 14 Mill Lane, Dunmarrow",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    spans = {found.span() for found in NUMBERED.finditer(page.text) if _is_home(page.text, found)}
    spans |= {
        (found.start("street"), found.end())
        for found in UNNUMBERED.finditer(page.text)
        if found["sure"]
        and is_titled(found["name"])
        and CONFIDENTIAL.search(page.text, max(0, found.start() - 60), found.start())
    }
    spans |= {
        found.span()
        for found in WITH_CODE.finditer(page.text)
        if not is_public_place(page.text, *found.span())
    }
    spans |= {found.span() for found in NAMED_HOUSE.finditer(page.text) if _is_lived_in(page.text, found)}
    return [page.finding(KIND, *span) for span in sorted(spans)]


def _is_home(text: str, found: re.Match[str]) -> bool:
    start, end = found.span()
    if is_public_place(text, start, end) or NO_HOME.search(text, max(0, start - 15), start):
        return False
    if PUBLIC.match(text, end) or (found["name"] and NO_NAME.search(found["name"])):
        return False
    if found["welsh"] or found["flat"] or found["code"]:
        return True
    titled = is_titled(found["name"])
    cued = bool(CUE.search(text, max(0, start - 20), start))
    if found["sure"]:
        return titled or (cued and LITTLE.isdisjoint(found["name"].split()))
    if found["number"].endswith(", "):  # "Beryl, 89, Beckfoot Lodge"
        return False
    return titled and (cued or bool(TENANT.search(text, max(0, start - 40), start)))


def _is_lived_in(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - 50) : found.start()]
    told = PRIVATE.search(before) and found["house"].lower() not in {"house", "lodge"}
    return bool(told or LIVES.search(before))
