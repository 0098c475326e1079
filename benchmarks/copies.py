"""How well a near copy is told from a further disclosure in the same form, and what that costs.

    python benchmarks/copies.py [--rounds 5]

The pairs of copies.jsonl are written by hand and invented. ``chosen`` are those that the thresholds were chosen on,
``held`` were written afterwards. A pair counts as found where the two share a band, as in the database, and compare
as the same or near. Beside it stands what the estimated Jaccard alone would say. The cost is that of the sketch beside
that of the exact story key of the same mentions, in the same run, interleaved.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.copies import ALIKE, Words, alike, compare, sketch
from core.types import Mention
from storage.stories import story_key

PAIRS = Path(__file__).with_suffix(".jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    set: str
    near: bool
    kind: str
    one: str
    other: str


def read(path: Path = PAIRS) -> list[Pair]:
    return [Pair(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def found(pair: Pair) -> bool:
    share = set(sketch(pair.one).bands) & set(sketch(pair.other).bands)
    return bool(share) and compare(pair.one, pair.other) is not Words.other


def by_jaccard(pair: Pair) -> bool:
    return alike(sketch(pair.one), sketch(pair.other)) >= ALIKE


def score(pairs: Sequence[Pair], judge: Callable[[Pair], bool]) -> tuple[float, float]:
    """Precision and recall."""
    said = [judge(pair) for pair in pairs]
    right = sum(near and pair.near for near, pair in zip(said, pairs, strict=True))
    return right / max(sum(said), 1), right / max(sum(pair.near for pair in pairs), 1)


def seconds(work: Callable[[Mention], object], mentions: Sequence[Mention]) -> float:
    began = time.perf_counter()
    for mention in mentions:
        work(mention)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    pairs = read()
    for name in ("chosen", "held", "all"):
        some = [pair for pair in pairs if name in (pair.set, "all")]
        ours, bare = score(some, found), score(some, by_jaccard)
        print(
            f"{name:7} {len(some):4} pairs, {sum(pair.near for pair in some):3} near: "
            f"precision {ours[0]:.3f} recall {ours[1]:.3f}; Jaccard alone {bare[0]:.3f} {bare[1]:.3f}"
        )
    for pair in pairs:
        if found(pair) != pair.near:
            print(f"  {'missed' if pair.near else 'wrong'}: {pair.set}, {pair.kind}")
    texts = [text for pair in pairs for text in (pair.one, pair.other)]
    mentions = [
        Mention(source="s", key=str(number), url="", text=text, platform="", author="a")
        for number, text in enumerate(texts)
    ]
    exact, sketched = [], []
    anew = sketch.__wrapped__  # what was sketched before is known by heart
    for _ in range(rounds):
        exact.append(len(mentions) / seconds(story_key, mentions))
        sketched.append(len(mentions) / seconds(lambda one: anew(one.full_text), mentions))
    a, b = statistics.median(exact), statistics.median(sketched)
    print(f"{b:.0f} sketches a second, {a:.0f} story keys a second: a sketch costs {a / b:.1f} keys")


if __name__ == "__main__":
    main()
