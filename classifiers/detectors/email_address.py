"""E-mail addresses of people, also those hidden from robots: "jane dot smith [at] example dot org".

Addresses of desks (info@, press@) are nobody's own.
"""

import re

from classifiers.detectors._common import Samples
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "email"
_AT = r"(?:\s{0,2}@\s{0,2}|\s{0,2}[\[({]\s?(?:at|@)\s?[\])}]\s{0,2}|\s{1,2}at\s{1,2})"
_DOT = r"(?:\.|\s{0,2}[\[({]\s?(?:dot|\.)\s?[\])}]\s{0,2}|\s{1,2}dot\s{1,2})"
_END = r"(?:com|org|net|uk|info|io|me|eu|edu|ie|scot|wales|cymru|london)"
PATTERNS = (
    re.compile(r"(?<![\w.+@/-])[\w+-][\w.+'-]{0,63}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])"),
    re.compile(
        rf"(?<![\w.+@/-])[\w+-]{{1,40}}(?:{_DOT}[\w+-]{{1,40}}){{0,3}}{_AT}"
        rf"[\w-]{{1,40}}(?:{_DOT}[\w-]{{1,40}}){{0,3}}{_DOT}{_END}(?![\w@])",
        re.I,
    ),
)
DESKS = re.compile(
    "admin|appointments|bookings|complaints|contact|customerservices|enquiries|feedback|hello|help|info|mail|media"
    "|news|noreply|office|pals|press|reception|support|switchboard|team|webmaster"
)
# "look at example dot com" is no address.
NOT_NAMES = re.compile(
    "are|be|find|go|i|is|it|look|me|meet|of|on|out|post|reviews|see|shop|this|us|was|we|you"
)

SAMPLES = Samples(
    hits=(
        ("write to jane.smith@example.com.", "jane.smith@example.com"),
        ("jane dot smith at example dot co dot uk", "jane dot smith at example dot co dot uk"),
        ("jane (at) mail (dot) example.org today", "jane (at) mail (dot) example.org"),
        ("j.smith @ example.com", "j.smith @ example.com"),
    ),
    misses=(
        "press@example.org",
        "@jane@social.example said so",
        "look at example dot com",
        "she works at example. Come along",
        "meet @ 5.30",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    plain, hidden = PATTERNS
    spans = {
        found.span() for found in plain.finditer(page.text) if not DESKS.fullmatch(_local(found.group()))
    }
    for found in hidden.finditer(page.text):
        local = _local(found.group())
        if not DESKS.fullmatch(local) and not NOT_NAMES.fullmatch(local):
            spans.add(found.span())
    return [page.finding(KIND, *span) for span in sorted(spans)]


def _local(address: str) -> str:
    """What stands before the at."""
    return re.split(_AT, address, maxsplit=1, flags=re.I)[0].strip().casefold()
