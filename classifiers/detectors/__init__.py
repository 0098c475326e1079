"""Personal data in a text: every module of this folder (but for ``_`` helpers) finds one kind.

    text -> every detector, then the model -> ours out, sealed premises in -> overlaps settled -> findings in order

A detector holds ``KIND``, ``PATTERNS``, ``SAMPLES`` and ``detect(text) -> list[Finding]``; a new one is a new
file. Nothing here keeps or returns a value, only where it stands.
"""

import re
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


def _is_linked(finding: Finding, links: Iterable[tuple[int, int]]) -> bool:
    return finding.kind != url_profile.KIND and any(
        start <= finding.start and finding.end <= end for start, end in links
    )


def _longest_first(finding: Finding) -> tuple[int, int, int, str]:
    return finding.start - finding.end, finding.kind not in _SURER, finding.start, finding.kind


def without_overlaps(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One kind a place: the earlier in the list wins. A postcode may stand inside an address."""
    kept: list[Finding] = []
    for finding in findings:
        if not any(_is_in_the_way(other, finding) for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: (finding.start, -finding.end)))


def _is_in_the_way(kept: Finding, finding: Finding) -> bool:
    if finding.end <= kept.start or kept.end <= finding.start:
        return False
    return {kept.kind, finding.kind} != {address.KIND, postcode.KIND}
