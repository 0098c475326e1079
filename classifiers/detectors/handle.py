"""Private people's @handles. An organisation's own account is nobody's secret, nor is an e-mail a handle.

A handle counts where its name tells a person (a first name, a calling, digits at the end) or the text does ("the
carer who", "report this account"), and never where the name is plainly an institution's.
"""

import re

from classifiers.detectors._accounts import is_institution, is_personal
from classifiers.detectors._common import Samples, near
from classifiers.detectors._normalise import normalise
from core.types import Finding

KIND = "handle"
_PLATFORM = (
    r"insta(?:gram)?|ig|tik ?tok|snap(?:chat)?|twitter|threads|bluesky|discord|reddit|handle|user ?name"
)
_NAME = r"(?P<name>[a-z_][\w.]{1,40})"
PATTERNS = (
    # At the start of a name, perhaps with the server that it lives on.
    re.compile(
        rf"(?<![\w@/.+-])@{_NAME}(?:@(?P<host>(?:[\w-]{{1,40}}\.){{1,3}}[a-z]{{2,20}}))?(?<!\.)(?![\w@])",
        re.I,
    ),
    # Without the sign, a name with a dot, a line or a digit in it, right behind its platform.
    re.compile(
        rf"\b(?:{_PLATFORM})\b(?: (?:is|as|name|account|user|handle|called)){{0,2}}:? "
        rf"(?=[a-z]{{1,20}}[_.\d][\w.]){_NAME}(?<!\.)(?P<host>)(?![\w@/])",
        re.I,
    ),
    re.compile(r"(?<![\w/])/?u/(?P<name>[\w-]{3,24})(?P<host>)(?![\w/])"),
)
SAID_OF = re.compile(
    rf"\b(?:carers?|nurse|hca|doctor|gp|teacher|manager|deputy|worker|cleaner|driver|neighbour|woman|man|girl|bloke|lad"
    rf"|lass|mum|sister|brother|daughter|son|wife|husband|ex|{_PLATFORM}|account|profile|goes by|posted|posting|posts"
    r"|filmed|filming|report|block|who|whose)\b",
    re.I,
)
BEFORE, AFTER = 40, 40

SAMPLES = Samples(
    hits=(
        ("@kez_onnights_zzq99 is the carer who filmed it", "@kez_onnights_zzq99"),
        ("it was @jane_example_rn that did it", "@jane_example_rn"),
        ("her insta is @zzq.petals, have a look", "@zzq.petals"),
        ("by @jo.example99@social.example", "@jo.example99@social.example"),
        ("insta: zzq.petals", "zzq.petals"),
        ("u/jane_example99 wrote the thread", "u/jane_example99"),
    ),
    misses=(
        "@HarrowvaneHomes leak again",
        "thanks @dunmarrow_nhs and @northpolice",
        "@OakfieldOfficial she told you",
        "@tarnwick_school@social.example",
        "mail jane@example.org",
        "@zzqplace what now",
        "ask @user",
    ),
)


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    page = normalise(text)
    spans = set()
    for pattern in PATTERNS:
        for found in pattern.finditer(page.text):
            if _counts(page.text, found):
                bare = pattern is PATTERNS[1]  # there the platform's name is no part of it
                spans.add((found.start("name" if bare else 0), found.end()))
    return [page.finding(KIND, *span) for span in sorted(spans)]


def _counts(text: str, found: re.Match[str]) -> bool:
    if is_institution(found["name"]) or is_institution((found["host"] or "").rpartition(".")[0]):
        return False
    if is_personal(found["name"]):
        return True
    return near(SAID_OF, text, *found.span("name"), before=BEFORE, after=AFTER)
