"""Which sentences carry a label: those whose absence lowers its probability most.

A text is cut into at most 24 stretches (sentences, or neighbouring sentences together), and scored again with
each left out. For a very long text that would cost 24 readings of it: there each stretch is first scored by
itself, and only the two that weigh most are left out.
"""

import re
from collections.abc import Sequence

from classifiers.scores import Score, Scores
from core.types import Reason

MOST_STRETCHES = 24
MOST_REASONS = 2
LONG = 20_000  # code points: about twenty windows

# A sentence ends at a line break, or at the space after closing marks and a quote or bracket. Between two
# sentences is the only thing matched, so a hostile text cannot make the search slow.
_BETWEEN = re.compile(r"[\r\n]+|(?<=[.!?\u2026])\s+|(?<=[.!?\u2026][\"'\u2019\u201d)\]])\s+")

Span = tuple[int, int]


def sentences(text: str) -> list[Span]:
    """Spans of the sentences, without the space around them."""
    breaks = [found.span() for found in _BETWEEN.finditer(text)]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    spans = []
    for start, end in zip(starts, ends, strict=True):
        part = text[start:end]
        if part.strip():
            spans.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))
    return spans


def stretches(text: str, most: int = MOST_STRETCHES) -> list[Span]:
    """The sentences, joined with their neighbours where there are more than ``most``."""
    spans = sentences(text)
    size = -(-len(spans) // most) or 1
    groups = [spans[start : start + size] for start in range(0, len(spans), size)]
    return [(group[0][0], group[-1][1]) for group in groups]


def find_reasons(text: str, labels: Sequence[str], scores: Scores, score: Score) -> tuple[Reason, ...]:
    """One or two reasons for each label, the weightiest first.

    The second must weigh at least half as much as the first. A weight of 0 means that the label does not hang
    on any one stretch.
    """
    spans = stretches(text)
    if len(text) > LONG:
        spans = _narrow(text, spans, labels, score)
    rest = score([text[:start] + text[end:] for start, end in spans])
    reasons: list[Reason] = []
    for label in labels:
        drops = [max(0.0, scores.labels[label] - without.labels[label]) for without in rest]
        order = sorted(range(len(spans)), key=lambda index: (-drops[index], index))[:MOST_REASONS]
        reasons += [
            Reason(label=label, start=spans[index][0], end=spans[index][1], weight=drops[index])
            for rank, index in enumerate(order)
            if rank == 0 or drops[index] >= drops[order[0]] / 2 > 0
        ]
    return tuple(reasons)


def _narrow(text: str, spans: Sequence[Span], labels: Sequence[str], score: Score) -> list[Span]:
    """For each label the stretches that score highest by themselves."""
    alone = score([text[start:end] for start, end in spans])
    kept: set[int] = set()
    for label in labels:
        order = sorted(range(len(spans)), key=lambda index: -alone[index].labels[label])
        kept.update(order[:MOST_REASONS])
    return [spans[index] for index in sorted(kept)]
