"""Cross-validation over writers: what the model says of texts whose writer it never read.

A writer is a file of our own rows. Rows of one writer resemble one another, so that a row left out by chance
would be too easy; whole writers are left out together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifiers.training.data import Example
from classifiers.training.scoring import Scores


@dataclass(frozen=True)
class HeldOut:
    """Our rows with what a model said of each that had not read its writer, and the fold of each row."""

    rows: list[Example]
    scores: Scores
    fold: list[int]


PARTS = ("labels", "relevant", "author_role", "severity")


def folds(rows: Sequence[Example], count: int) -> list[frozenset[str]]:
    """So many sets of writers with about as many rows each; the same rows give the same sets."""
    sizes = Counter(row.writer for row in rows)
    chosen: list[list[str]] = [[] for _ in range(count)]
    filled = [0] * count
    for writer, size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        least = filled.index(min(filled))
        chosen[least].append(writer)
        filled[least] += size
    return [frozenset(writers) for writers in chosen]


def split(rows: Sequence[Example], left_out: frozenset[str]) -> tuple[list[Example], list[Example]]:
    """The rows to learn from, and those of the writers left out."""
    kept = [row for row in rows if row.writer not in left_out]
    return kept, [row for row in rows if row.writer in left_out]


def join(parts: Sequence[Scores]) -> Scores:
    """The scores of all folds as one."""
    return Scores(*(np.concatenate([getattr(part, name) for part in parts]) for name in PARTS))


def save(path: Path, rows: Sequence[Example], scores: Scores) -> None:
    """Keeps a fold's logits, with the ids of its rows."""
    parts = {name: getattr(scores, name) for name in PARTS}
    np.savez_compressed(path, ids=np.array([row.id for row in rows]), **parts)


def read(path: Path, rows: Sequence[Example]) -> tuple[list[Example], Scores]:
    """The rows of a fold that are still among these, and their logits as kept."""
    known = {row.id: row for row in rows}
    with np.load(path) as kept:
        at = [place for place, identity in enumerate(kept["ids"]) if str(identity) in known]
        scores = Scores(*(kept[name][at] for name in PARTS))
        return [known[str(identity)] for identity in kept["ids"][at]], scores
