"""E-mail addresses of people, also those hidden from robots: "jane dot smith [at] example dot org".

Addresses of desks (info@, press.office@) are nobody's own.
"""

import re

from classifiers.detectors._common import Samples
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "email"
PATTERNS = (
    re.compile(
        r"(?<![\w.+@/-])[\w+-][\w.+'-]{0,63}(?<!\.)@(?:[\w-]{1,63}\.){1,8}(?:[^\W\d_]{2,24}|xn--[\w-]{1,59})(?![\w@])"
    ),
)
DESKS = re.compile(
    "accounts|admin|admissions|advice|appointments|ask|bookings?|cafe|careers?|carers|careteam|chair|clerk|comms|communications|complaints"
    "|concerns|contact(?:us)?|council|customer(?:care|services?)?|donations|dpo|enquir(?:y|ies)|events|families|feedback"
    "|foi|freedom|fundraising|general|governors|hello|help|helpdesk|helpline|hr|info|inquiries|jobs|mail|media|members"
    "|membership|news|newsdesk|newsletter|no-?reply|office|pals|patient|places|press|privacy|reception|recruit|recruitment|referrals|repairs"
    "|safe|safeguarding|sales|secretary|service|services|support|switchboard|team|training|volunteer(?:s|ing)?|webmaster"
)
# "look at example dot com" is no address.
NOT_NAMES = re.compile(
    "are|back|be|book|buy|find|go|i|is|it|login|look|me|meet|more|now|of|on|out|post|reviews|see|shop|sign|this|us|was|we|you"
)
_BARE_AT = re.compile(r"\sat\s", re.I)
_SAID_DOT = re.compile(r"\bdot\b", re.I)

SAMPLES = Samples(
    hits=(
        ("write to jane.smith@example.com.", "jane.smith@example.com"),
        ("jane dot smith at example dot co dot uk", "jane dot smith at example dot co dot uk"),
        ("jane (at) mail (dot) example.org today", "jane (at) mail (dot) example.org"),
        ("j.smith @ example.com", "j.smith @ example.com"),
        ("jаne@example.org with a Cyrillic a", "jаne@example.org"),
        ("ann underscore lee AT example DOT org", "ann underscore lee AT example DOT org"),
    ),
    misses=(
        "press@example.org",
        "press.office@example.org",
        "@jane@social.example said so",
        "look at example dot com",
        "pay the deposit back at refund.example.net",
        "she works at example. Come along",
        "meet @ 5.30",
        "jane@home",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    findings = []
    for found in PATTERNS[0].finditer(page.text):
        finding = page.finding(KIND, *found.span())
        local = found.group().partition("@")[0].casefold()
        if not is_desk(local) and not _is_speech(text[finding.start : finding.end], local):
            findings.append(finding)
    return findings


def _is_speech(written: str, local: str) -> bool:
    """Whether the "at" is a word of the sentence: nothing else is disguised, or no name stands before it."""
    if not _BARE_AT.search(written):
        return False
    return bool(NOT_NAMES.fullmatch(local)) or not (_SAID_DOT.search(written) or re.search(r"[._\d]", local))


def is_desk(local: str) -> bool:
    """Whether what stands before the @ names a desk, not a person."""
    if DESKS.fullmatch(local):
        return True
    words = re.split(r"[._-]+|\d+", local)
    return bool(DESKS.fullmatch(words[0]) or DESKS.fullmatch(words[-1]))
