"""Reads the training rows and says which labels of a row may teach. Pure Python: no torch here.

A row of our own speaks about everything. A row of a public source speaks only about the labels that its
people judged: what its source or the row itself lists as unknown gets no loss, except that a label presumed
absent counts as a weak negative. Rows kept for measuring (split dev, the development files) are never read.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.types import Severity
from core.vocabulary import AUTHOR_ROLES, LABELS

SEVERITIES = tuple(str(severity) for severity in Severity)
RARE = frozenset({"threat", "sexual", "privacy", "confidentiality"})
# What the token head tells apart; the pattern detectors find the rest.
SPAN_KINDS = ("person", "room", "handle", "address")
TAGS = ("O", *(f"{place}-{kind}" for kind in SPAN_KINDS for place in "BI"))
# What the sources with entities call these kinds.
ENTITY_KINDS = {
    "person": "person", "PER": "person", "PERSON": "person", "PERSON_NAME": "person",
    "STREET_ADDRESS": "address", "ADDRESS": "address",
}  # fmt: skip
ENTITY_SOURCES = frozenset({"wnut17_ner", "btc_ner", "presidio_synth"})
EXAMPLES = Path(__file__).parent / "examples"
CORRECTIONS = Path(__file__).parent / "corrections.jsonl"
PUBLIC_LABELS = Path(__file__).parent / "public-labels.jsonl"
WEAK = 0.1
UNSAID = -1

Span = tuple[int, int, str]


class DataError(Exception):
    """The data folder is missing something; the message says what."""


@dataclass(frozen=True)
class Example:
    """One text with its targets; weight 0 means that nobody judged the label, UNSAID that nobody said."""

    text: str
    targets: tuple[float, ...]
    weights: tuple[float, ...]
    relevant: int = UNSAID
    role: int = UNSAID
    severity: int = UNSAID
    source: str = "own"
    id: str = ""
    writer: str = ""
    spans: tuple[Span, ...] | None = None  # in code points; None where nobody marked them

    @property
    def positive(self) -> bool:
        """Bears any label."""
        return any(self.targets)

    @property
    def rare(self) -> bool:
        """Bears a label that few public rows bear."""
        return any(target and label in RARE for label, target in zip(LABELS, self.targets, strict=True))


def targets_of(labels: Iterable[str]) -> tuple[float, ...]:
    """One 0 or 1 for each label of the taxonomy, in its order."""
    held = set(labels)
    return tuple(float(label in held) for label in LABELS)


def weights_of(labels: Iterable[str], unknown: Iterable[str], presumed: Iterable[str]) -> tuple[float, ...]:
    """How much each label of a row may teach: 1 judged, WEAK presumed absent, 0 unknown."""
    held, masked, weak = set(labels), set(unknown), set(presumed)

    def weight(label: str) -> float:
        if label in held or label not in masked:
            return 1.0
        return WEAK if label in weak else 0.0

    return tuple(weight(label) for label in LABELS)


def own_example(row: Mapping[str, Any], writer: str = "") -> Example:
    """A row of our own, which bears every target."""
    spans = row.get("spans")
    return Example(
        text=row["text"],
        targets=targets_of(row["labels"]),
        weights=(1.0,) * len(LABELS),
        relevant=int(row["relevant"]),
        role=AUTHOR_ROLES.index(row["author_role"]),
        severity=SEVERITIES.index(row["severity"]),
        id=row["id"],
        writer=writer,
        spans=None if spans is None else tuple((span["start"], span["end"], span["kind"]) for span in spans),
    )


def public_example(row: Mapping[str, Any], source: Mapping[str, Any]) -> Example:
    """A row of a public source, with its unknown labels masked."""
    presumed = set(source.get("presumed_negative", ()))
    unknown = set(source.get("unknown", ())) | set(row.get("unknown", ()))
    # A row's own list is a doubt about this very text: it takes no presumption.
    presumed -= set(row.get("unknown", ()))
    weights = weights_of(row["labels"], unknown, presumed)
    return Example(
        row["text"],
        targets_of(row["labels"]),
        weights,
        source=source["name"],
        id=str(row["id"]),
        spans=entity_spans(row) if source["name"] in ENTITY_SOURCES else None,
    )


def entity_spans(row: Mapping[str, Any]) -> tuple[Span, ...]:
    """The entities of a row that are of a kind of ours."""
    entities = row.get("source_labels", {}).get("entities", ())
    return tuple(
        (one["start"], one["end"], ENTITY_KINDS[one["type"]])
        for one in entities
        if one["type"] in ENTITY_KINDS
    )


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON Lines file, packed or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_own(folder: Path, examples: Path = EXAMPLES) -> list[Example]:
    """Our own training rows, those of the data folder and those kept here; a writer is a file.

    The development file has another name and is not among them. Rows of the data folder that a second reading
    settled otherwise take the labels and the severity of ``corrections.jsonl``.
    """
    paths = sorted(folder.glob("mentions-train-*.jsonl"))
    if not paths:
        raise DataError(f"no mentions-train-*.jsonl in {folder}: give the data folder with --data")
    paths += sorted(examples.glob("*.jsonl"))
    settled = {row["id"]: row for row in json_lines(CORRECTIONS)}
    return [
        own_example(row | settled.get(row["id"], {}), path.stem.removeprefix("mentions-train-"))
        for path in paths
        for row in json_lines(path)
    ]


def read_dev(folder: Path) -> list[Example]:
    """The development rows: for thresholds and figures, never for training."""
    path = folder / "mentions-dev.jsonl"
    if not path.exists():
        raise DataError(f"no {path}: thresholds are chosen on it")
    return [own_example(row) for row in json_lines(path)]


def read_labels(path: Path = PUBLIC_LABELS) -> dict[tuple[str, str], tuple[str, ...]]:
    """Labels that we gave to public texts of which a model was least sure, by source and id."""
    return {(row["source"], str(row["id"])): tuple(row["labels"]) for row in json_lines(path)}


def read_again(rows: Mapping[str, Sequence[Example]]) -> list[Example]:
    """The public rows that we labelled ourselves; every label of theirs is judged."""
    given = read_labels()
    return [
        replace(
            row, targets=targets_of(given[name, row.id]), weights=(1.0,) * len(LABELS), source="read again"
        )
        for name, source in rows.items()
        for row in source
        if (name, row.id) in given
    ]


def read_public(folder: Path, split: str = "train") -> dict[str, list[Example]]:
    """Public rows of one split by source."""
    manifest = folder / "abuse" / "MANIFEST.json"
    if not manifest.exists():
        raise DataError(f"no {manifest}: the public data is described there")
    sources = json.loads(manifest.read_text(encoding="utf-8"))["sources"]
    read: dict[str, list[Example]] = {}
    for source in sources:
        rows = json_lines(manifest.parent / source["file"])
        read[source["name"]] = [public_example(row, source) for row in rows if row["split"] == split]
    return read


def quotas(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """Shares of a total that grow with the square root of a source's size, none above that size."""
    shares: dict[str, int] = {}
    left = total
    roots = {name: math.sqrt(size) for name, size in sizes.items()}
    for name in sorted(
        sizes, key=lambda name: (sizes[name], name)
    ):  # small ones first: what they lack passes on
        share = round(left * roots[name] / (sum(roots.values()) or 1.0))
        shares[name] = min(sizes[name], share)
        left -= shares[name]
        del roots[name]
    return shares


def sample_source(rows: Sequence[Example], count: int, rng: random.Random) -> list[Example]:
    """Rare labels first, then up to half of the rest positive, then negatives, then whatever is left."""
    shuffled = list(rows)
    rng.shuffle(shuffled)
    rare = [row for row in shuffled if row.rare]
    positive = [row for row in shuffled if row.positive and not row.rare]
    negative = [row for row in shuffled if not row.positive]
    taken = rare[:count]
    half = (count - len(taken) + 1) // 2
    taken += positive[:half]
    taken += negative[: count - len(taken)]
    taken += positive[half : half + count - len(taken)]
    return taken


def sample_public(sources: Mapping[str, Sequence[Example]], total: int, seed: int) -> list[Example]:
    """A sample balanced over sources and classes; the same seed gives the same rows in the same order."""
    shares = quotas({name: len(rows) for name, rows in sources.items()}, total)
    taken: list[Example] = []
    for name in sorted(sources):
        taken += sample_source(sources[name], shares[name], random.Random(f"{seed}:{name}"))
    random.Random(seed).shuffle(taken)
    return taken


def length_batches(lengths: Sequence[int], size: int, rng: random.Random, pool: int = 50) -> list[list[int]]:
    """Shuffled batches of indices whose texts are of about one length, so that little is padding."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), size * pool):
        near = sorted(order[start : start + size * pool], key=lengths.__getitem__)
        batches += [near[at : at + size] for at in range(0, len(near), size)]
    rng.shuffle(batches)
    return batches


def count_by_source(rows: Iterable[Example]) -> dict[str, int]:
    """How many rows came from each source."""
    counted: dict[str, int] = defaultdict(int)
    for row in rows:
        counted[row.source] += 1
    return dict(counted)
