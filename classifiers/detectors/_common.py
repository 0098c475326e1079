"""What detectors share."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from classifiers.detectors._normalise import normalise
from core.types import Finding


@dataclass(frozen=True, slots=True)
class Samples:
    """Texts for the contract test: hits, each with the one value to be found, and misses, with none."""

    hits: tuple[tuple[str, str], ...]
    misses: tuple[str, ...]


def near(pattern: re.Pattern[str], text: str, start: int, end: int, *, before: int, after: int) -> bool:
    """Whether a pattern occurs so many characters before or after a span."""
    ahead = text[max(0, start - before) : start]
    behind = text[end : end + after]
    return bool(pattern.search(ahead) or pattern.search(behind))


def spans_of(
    kind: str, patterns: Sequence[re.Pattern[str]], text: str, counts: Callable[[str, re.Match[str]], bool]
) -> list[Finding]:
    """What the patterns find in the normalised text and ``counts`` lets pass, in offsets of the text itself."""
    page = normalise(text)
    found = (match for pattern in patterns for match in pattern.finditer(page.text))
    spans = {match.span() for match in found if counts(page.text, match)}
    return [page.finding(kind, *span) for span in sorted(spans)]


def plain(value: str) -> str:
    """Letters and digits alone, in capitals: what a check digit is reckoned from."""
    return re.sub(r"[\W_]", "", value).upper()


# Numbers of things and of services, not of people; the word stands just before the number.
THING = re.compile(
    r"\b(?:order|tracking|invoice|booking|ticket|asset|card|meter|account|acc|product|batch|lot|policy|company"
    r"|charity|job|ref|reference|urn|cqc|ofsted|ods|utr|vat|serial|model|part|crate|parcel|barcode|stock|code)s?\b"
    r"(?:[ .:#-]{1,3}(?:no|num|number|id|code|tag|ref|is|was|the|for|your|urn))*[ .:#-]{0,3}$",
    re.I,
)

# Where the text speaks of somebody's home, a place of work is not meant.
PRIVATE = re.compile(
    r"\b(?:live[sd]?|living|resides?|stay(?:s|ing)|home is|home address|my|his|her|their|mum|mam|mom|dad|nan|nana"
    r"|gran|granny|grandad|nain|taid|auntie?|uncle|sister|brother|son|daughter|lad|wife|husband|partner|ex|neighbours?"
    r"|tenants?|residents?|patient|lady|gentleman|mrs?|ms|miss|refuge|safe ?house|children'?s home|flat|bungalow)\b",
    re.I,
)
_PLACE = (
    r"(?:cent(?:re|er)|surgery|practice|hospital|infirmary|hospice|clinic|pharmacy|school|academy|college|university"
    r"|nursery|council|library|museum|theatre|hall|hub|office|offices|headquarters|hq|church|chapel|mosque|temple"
    r"|(?:care|nursing) homes?|(?-i:[A-Z][\w']{1,20} (?:Homes|Lodge|House|Court|Manor|Grange))|advice|bureau|club|pub"
    r"|inn|cafe|café|shop|store|supermarket|gym|pool|station|trust|charity|society|association|ltd|limited|food ?bank"
    r"|pantry|venue|post office|market|fete|fair)"
)

# A place's name, then nothing but names, numbers and commas up to the address.
_NAMED = re.compile(
    rf"\b{_PLACE}\b(?:[,:;()\s-]{{1,3}}(?:(?-i:[A-Z0-9])[\w'-]{{0,30}}|of|the|at|is|are|on|in|now)){{0,10}}[,:;()\s-]{{0,3}}$",
    re.I,
)
_OUR_VOICE = re.compile(
    r"\bwe(?:'ve| have|'re| are)? (?:now )?(?:moved to|based|open)\b|\b(?:find|visit|join|contact|call|ring|phone"
    r"|e-?mail|reach|write to|post to|donate to) us\b"
    r"|\bour (?:new |main )?(?:office|centre|shop|venue|premises|building|hub)\b"
    r"|\b(?:drop[- ]in|donations|open (?:day|evening)|coffee morning|jumble sale|held|meeting|sat ?nav|venue)\b"
    r"|\bopening (?:hours|times)\b|\b(?:pop|call|drop) in(?:to)?\b|\bwalk-in\b",
    re.I,
)
_FOR_ALL = re.compile(
    r"\b(?:all|everyone|families|visitors|walk-ins) welcome\b|\bfree parking\b"
    r"|\bopen(?:s|ing)? (?:at|on|from|daily|mon|\d)|\bno need to book\b|\bdrop[- ]in\b|\bweekdays\b|\bdoors open\b",
    re.I,
)
_SENTENCE = re.compile(r"[.!?]\s|\n")


def is_public_place(text: str, start: int, end: int) -> bool:
    """Whether what stands there is told as the place of an organisation: in the sentence so far, or just after."""
    before = _SENTENCE.split(text[max(0, start - 100) : start])[-1]
    if PRIVATE.search(before):
        return False
    if _NAMED.search(before) or _OUR_VOICE.search(text, max(0, start - 100), start):
        return True
    return bool(_FOR_ALL.search(text, end, end + 60))
