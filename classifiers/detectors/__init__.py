"""Personal data in a text: every module of this folder (but for ``_`` helpers) finds one kind.

    text -> every detector, then the model -> ours out, sealed premises in -> overlaps settled -> findings in order

A detector holds ``KIND``, ``PATTERNS``, ``SAMPLES`` and ``detect(text) -> list[Finding]``; a new one is a new
file. Nothing here keeps or returns a value, only where it stands.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from classifiers.detectors import address, postcode, url_profile
from classifiers.detectors._common import Samples
from classifiers.detectors._ours import Ours, sealed_premises
from core.types import Finding

_URL = re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.I)
# Of two kinds on the same characters, the one that is checked by a digit or named by the text.
_SURER = ("nhs_number", "chi_number", "pupil_number", "driving_licence", "passport", "bank_account", "email")


class Detector(Protocol):
    """What a module of this folder holds."""

    KIND: str
    PATTERNS: tuple[re.Pattern[str], ...]
    SAMPLES: Samples

    def detect(self, text: str) -> list[Finding]:
        """Findings of one kind, in offsets of the text."""


@cache
def detectors() -> tuple[Detector, ...]:
    """The detectors in this folder, by name of their files."""
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast("Detector", import_module(f"{__name__}.{name}")) for name in names)


def find(
    text: str,
    allow: Sequence[str] = (),
    sealed: Sequence[str] = (),
    read: Sequence[Finding] = (),
    *,
    accounts: Sequence[str] = (),
    names: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """What personal data stands where, in the order of the text; only a postcode may lie in another, an address.

    ``allow`` holds the organisation's own telephones, e-mails, postcodes and addresses, ``accounts`` its accounts, in
    any format, ``names`` what it is called: they never count. ``sealed`` holds addresses and postcodes of
    confidential premises: they always do. ``read`` holds what the model read in the text (names, rooms): it gives
    way to what a detector found. A number inside a link belongs to the link.
    """
    detected = [finding for detector in detectors() for finding in detector.detect(text)]
    links = [link.span() for link in _URL.finditer(text)]
    ours = _ours(tuple(allow), tuple(accounts), tuple(names))
    always = sealed_premises(text, sealed)
    ranked = [finding for group in (detected, read) for finding in sorted(group, key=_longest_first)]
    counting = [
        finding for finding in ranked if not _is_linked(finding, links) and not ours.holds(finding, text)
    ]
    return without_overlaps([*sorted(always, key=_longest_first), *counting])


@lru_cache(maxsize=4)
def _ours(allow: tuple[str, ...], accounts: tuple[str, ...], names: tuple[str, ...]) -> Ours:
    """Made once for an organisation, not once a text."""
    return Ours(allow, accounts, names)


def _is_linked(finding: Finding, links: Sequence[tuple[int, int]]) -> bool:
    """Whether it stands inside a link; links come in order and apart."""
    at = bisect_right(links, (finding.start, len(links) and links[-1][1])) - 1
    return finding.kind != url_profile.KIND and at >= 0 and finding.end <= links[at][1]


def _longest_first(finding: Finding) -> tuple[int, int, int, str]:
    return finding.start - finding.end, finding.kind not in _SURER, finding.start, finding.kind


def without_overlaps(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One kind a place: the earlier in the list wins. A postcode may stand inside an address."""
    taken: dict[str, list[tuple[int, int]]] = {address.KIND: [], postcode.KIND: [], "": []}
    kept: list[Finding] = []
    for finding in findings:
        own = finding.kind if finding.kind in taken else ""
        beside = {address.KIND: postcode.KIND, postcode.KIND: address.KIND}.get(own)
        span = finding.start, finding.end
        if not any(_is_taken(spans, span) for kind, spans in taken.items() if kind != beside):
            insort(taken[own], span)
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: (finding.start, -finding.end)))


def _is_taken(spans: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Whether a span touches any of those that are kept in order and apart."""
    at = bisect_left(spans, span)
    return (at < len(spans) and spans[at][0] < span[1]) or (at > 0 and spans[at - 1][1] > span[0])
