"""Personal data in a text: every module of this folder (but for ``_`` helpers) finds one kind.

    text -> every detector -> ours taken out, sealed premises put in -> overlaps settled -> findings in order

A detector holds ``KIND``, ``PATTERNS``, ``SAMPLES`` and ``detect(text) -> list[Finding]``; a new one is a new
file. Nothing here keeps or returns a value, only where it stands.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from classifiers.detectors import postcode
from classifiers.detectors._common import Samples
from classifiers.detectors._normalise import normalise
from core.types import Finding

ADDRESS = "address"
_URL = re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.I)


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


def find(text: str, allow: Sequence[str] = (), sealed: Sequence[str] = ()) -> tuple[Finding, ...]:
    """What personal data stands where, without overlaps, in the order of the text.

    ``allow`` holds the organisation's own telephones, e-mails and postcodes, in any format: they never count.
    ``sealed`` holds addresses and postcodes of confidential premises: they always do. A number inside a link
    belongs to the link.
    """
    ours = {_key(value) for value in allow}
    links = [found.span() for found in _URL.finditer(text)]
    open_ones = [
        finding
        for detector in detectors()
        for finding in detector.detect(text)
        if _key(text[finding.start : finding.end]) not in ours
        and not any(start <= finding.start and finding.end <= end for start, end in links)
    ]
    return _without_overlaps([*_sealed(text, sealed), *sorted(open_ones, key=_longest_first)])


def _longest_first(finding: Finding) -> tuple[int, int, str]:
    return finding.start - finding.end, finding.start, finding.kind


def _without_overlaps(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The earlier in the list wins."""
    kept: list[Finding] = []
    for finding in findings:
        if all(finding.end <= other.start or other.end <= finding.start for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: finding.start))


def _key(value: str) -> str:
    """One form for every way to write the same telephone, e-mail or postcode."""
    folded = normalise(value).text.casefold()
    if re.search(r"@|\bat\b", folded):
        folded = re.sub(r"[\[({ ]+at[\])} ]+", "@", folded)
        return re.sub(r"\s", "", re.sub(r"[\[({ ]+dot[\])} ]+", ".", folded))
    plain = re.sub(r"[\W_]", "", folded)
    return re.sub(r"^(?:00)?44(?=\d)0?", "0", plain)


def _sealed(text: str, premises: Sequence[str]) -> list[Finding]:
    """Every place where a sealed address, or a part of it that holds a number, is written."""
    page = normalise(text)
    findings = []
    for value in premises:
        for part in {value, *(piece for piece in value.split(",") if re.search(r"\d", piece))}:
            words = re.findall(r"[^\W_]+", normalise(part).text)
            kind = postcode.KIND if postcode.PATTERNS[0].fullmatch(part.strip()) else ADDRESS
            # A postcode may be written in one word, an address with any signs between its words.
            pattern = r"[\W_]{0,3}".join(map(re.escape, words))
            if words:
                places = re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", page.text, re.I)
                findings += [page.finding(kind, *place.span()) for place in places]
    return sorted(findings, key=_longest_first)
