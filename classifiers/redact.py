"""A text with its personal data masked: what is found becomes the name of its kind in brackets."""

from collections.abc import Iterable

from core.types import Finding


def redact(text: str, findings: Iterable[Finding]) -> str:
    """The text with every span replaced by its kind, as in "[phone]"; of spans that touch, the widest counts."""
    pieces: list[str] = []
    done = 0
    for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        if finding.start >= done:
            pieces += text[done : finding.start], f"[{finding.kind}]"
        done = max(done, finding.end)
    return "".join([*pieces, text[done:]])
