"""From the token head's answers to spans of a text.

    logits of each window -> shares of each token, the mean of the windows that hold it -> words -> spans

Tags are those of the inside-outside-beginning scheme (Ramshaw and Marcus, 1995): O, and B- and I- for each kind.
A word is a run of tokens without space between them; it is decided as one, so that no name is cut in two.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifiers.names import is_name
from core.types import Finding

Shares = NDArray[np.float64]
PERSON = "person"
_INSIDE = " .'’-_@"  # what may stand between two words of one span


def merge(windows: Sequence[Shares], starts: Sequence[int], tokens: int) -> Shares:
    """The shares [tokens, tags] of a whole text from those of its windows [tokens of the window, tags]."""
    total = np.zeros((tokens, windows[0].shape[1]))
    seen = np.zeros((tokens, 1))
    for shares, start in zip(windows, starts, strict=True):
        total[start : start + len(shares)] += shares
        seen[start : start + len(shares)] += 1
    return total / np.maximum(seen, 1)


def decode(
    shares: Shares,
    offsets: Sequence[tuple[int, int]],
    tags: Sequence[str],
    limits: Mapping[str, float],
    text: str,
) -> tuple[Finding, ...]:
    """The spans of a text, in its order; a kind counts from its limit on (0 to 1, of B and I together).

    For a word that goes on with the span right before it, half of the limit is enough. A word that is on no list of
    names needs more to count as a person: the doubt that the limit leaves shrinks to a quarter.
    """
    words = _words(offsets, text)
    if not words:
        return ()
    kinds = list(limits)
    means = np.add.reduceat(shares, [first for first, _ in words]) / [[last - first] for first, last in words]
    own = np.stack(
        [means[:, tags.index(f"B-{kind}")] + means[:, tags.index(f"I-{kind}")] for kind in kinds], axis=1
    )
    found: list[Finding] = []
    # Most words are far from any kind: the loop is over the others.
    for at in np.flatnonzero((own >= [limits[kind] / 2 for kind in kinds]).any(axis=1)):
        first, last = words[at]
        start, end = offsets[first][0], offsets[last - 1][1]
        before = found[-1] if found and not text[found[-1].end : start].strip(_INSIDE) else None
        asked = dict(limits)
        if PERSON in asked and not is_name(text[start:end]):
            asked[PERSON] = 1 - (1 - asked[PERSON]) / 4
        if before is not None:
            asked[before.kind] /= 2
        share, kind = max((float(own[at, place]), kind) for place, kind in enumerate(kinds))
        if share < asked[kind]:
            continue
        begins = shares[first, tags.index(f"B-{kind}")] > shares[first, tags.index(f"I-{kind}")]
        if before is not None and before.kind == kind and not begins:
            found[-1] = Finding(kind=kind, start=before.start, end=end)
        else:
            found.append(Finding(kind=kind, start=start, end=end))
    # A sign by itself is nobody's name.
    return tuple(span for span in found if any(map(str.isalnum, text[span.start : span.end])))


def _words(offsets: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """First and past-last token of each word; a sign by itself is a word."""
    if not offsets:
        return []
    breaks = [
        at + 1
        for at, (one, two) in enumerate(pairwise(offsets))
        if one[1] < two[0] or not (text[one[1] - 1].isalnum() and text[two[0]].isalnum())
    ]
    return list(zip([0, *breaks], [*breaks, len(offsets)], strict=True))
