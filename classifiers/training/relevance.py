"""Learns the weights by which a text is told to be about the organisation, and the threshold.

    python -m classifiers.training.relevance

    posts of the train parts, with their organisation's cues whole and thinned -> features -> logistic regression

Only posts that the model never saw can teach how far to believe its relevance: the rows that it was trained on it knows
nearly by heart, and they come without cues. What may only speak for us has a weight of at least 0, what may only speak
against us one of at most 0.

The threshold is chosen on organisations that the weights did not learn from, each left out in turn: the highest that
keeps KEPT of the posts about us. That is more than the 0.99 that is wanted, since the next organisation differs more.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from classifiers.about_us import speaks_against
from classifiers.about_us.features import AGAINST, FEATURES, FOR, features
from classifiers.about_us.organisation import Ours
from classifiers.artefact import bundled, load
from classifiers.scorer import Scorer
from core.organisation import Cues

ROOT = Path(__file__).parents[2]
NOISE = ROOT / "benchmarks" / "relevance.jsonl"
OTHER_HAND = ROOT / "benchmarks" / "relevance_other_hand.jsonl"  # by another writer
WEIGHTS = ROOT / "classifiers" / "about_us" / "weights.json"
KEPT = 0.995
THINNED, LEFT = 4, 0.5  # copies of each post whose organisation has only so many of its cues
SHRINK = 2.0  # how strongly weights are drawn to 0
SEED = 7

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Organisation:
    """An invented organisation and what its configuration would say."""

    name: str
    accounts: tuple[str, ...]
    contacts: tuple[str, ...]
    cues: Cues

    def ours(self, cues: Cues | None = None) -> Ours:
        """Its finders, with other cues where they are given."""
        return Ours.of(cues or self.cues, name=self.name, accounts=self.accounts, contacts=self.contacts)


@dataclass(frozen=True)
class Post:
    """A post of the same-name noise; ``part`` is train or test."""

    text: str
    part: str
    organisation: str
    topic: str
    relevant: bool


@dataclass(frozen=True)
class Noise:
    """Same-name noise: its organisations by key, and posts of which each belongs to one."""

    organisations: Mapping[str, Organisation]
    posts: Sequence[Post]


def read_noise(*paths: Path) -> Noise:
    """The organisations and posts in files of same-name noise; without a path, of both writers."""
    texts = [path.read_text(encoding="utf-8") for path in paths or (NOISE, OTHER_HAND)]
    rows = [json.loads(line) for text in texts for line in text.splitlines()]
    organisations = {
        row["organisation"]: Organisation(
            row["name"], tuple(row["accounts"]), tuple(row["contacts"]), Cues.model_validate(row["cues"])
        )
        for row in rows
        if "cues" in row
    }
    posts = [
        Post(row["text"], row["part"], row["organisation"], row["topic"], row["relevant"])
        for row in rows
        if "text" in row
    ]
    return Noise(organisations, posts)


def digest(posts: Sequence[Post]) -> str:
    """What tells whether the posts are those that the weights were learned from."""
    told = "\n".join(f"{post.organisation}\t{post.relevant}\t{post.text}" for post in posts)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def thinned(cues: Cues, chance: random.Random) -> Cues:
    """Some of the cues of each kind, as a hasty configuration would give them."""
    kinds = cues.model_dump()
    return Cues(**{kind: [one for one in all_ if chance.random() < LEFT] for kind, all_ in kinds.items()})


def matrix(posts: Sequence[Post], finders: Mapping[str, Ours], heads: Sequence[float]) -> Vector:
    """A row of features a post."""
    rows = zip(posts, heads, strict=True)
    return np.array([features(finders[post.organisation].look(post.text), head) for post, head in rows])


def fit(values: Vector, true: Flags, weights: Vector) -> Vector:
    """The weights of a logistic regression, within their signs."""
    bounds = [(0.0 if name in FOR else None, 0.0 if name in AGAINST else None) for name in FEATURES]
    shrink = np.array([0.01 if name == "one" else SHRINK for name in FEATURES])
    sign = np.where(true, 1.0, -1.0)

    def loss(given: Vector) -> tuple[float, Vector]:
        margin = sign * (values @ given)
        slope = -(weights * sign * np.exp(-np.logaddexp(0.0, margin))) @ values
        cost = weights @ np.logaddexp(0.0, -margin) + 0.5 * shrink @ given**2
        return float(cost), slope + shrink * given

    return minimize(loss, np.zeros(len(FEATURES)), jac=True, bounds=bounds, method="L-BFGS-B").x


def threshold_of(probabilities: Vector, true: Flags, exposed: Flags) -> float:
    """The highest threshold that loses no more than 1 - KEPT of the true; what is not exposed cannot be lost."""
    counted = np.sort(np.where(exposed, probabilities, 1.0)[true])
    return float(counted[int((1.0 - KEPT) * len(counted))])


def learn(noise: Noise, heads: Sequence[float]) -> tuple[dict[str, float], float]:
    """Weights by feature, and the threshold; ``heads`` go with the posts."""
    chance, known = random.Random(SEED), noise.organisations
    whole = {key: one.ours() for key, one in known.items()}
    thin = [{key: one.ours(thinned(one.cues, chance)) for key, one in known.items()} for _ in range(THINNED)]
    views = [matrix(noise.posts, finders, heads) for finders in (whole, *thin)]
    true = np.array([post.relevant for post in noise.posts])
    names = np.array([post.organisation for post in noise.posts])

    def fitted(chosen: Flags) -> Vector:
        rows = np.vstack([view[chosen] for view in views])
        return fit(rows, np.tile(true[chosen], len(views)), np.full(len(rows), 1.0 / len(views)))

    logits = np.zeros(len(true))
    for name in sorted(set(names)):
        logits[names == name] = views[0][names == name] @ fitted(names != name)
    against = [
        bool(speaks_against(seen, head)) and not seen.contact
        for post, head in zip(noise.posts, heads, strict=True)
        for seen in [whole[post.organisation].look(post.text)]
    ]
    threshold = threshold_of(1.0 / (1.0 + np.exp(-logits)), true, np.array(against))
    weights = fitted(np.full(len(true), fill_value=True))
    return dict(zip(FEATURES, weights.tolist(), strict=True)), threshold


def main(given: list[str] | None = None) -> int:
    """Learns from the train parts and writes the weights."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.training.relevance")
    parser.add_argument("--noise", type=Path, nargs="*", default=[], help="posts with organisations' cues")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    options = parser.parse_args(given)
    noise = read_noise(*options.noise)
    train = Noise(noise.organisations, [post for post in noise.posts if post.part == "train"])
    artefact = load(bundled())
    heads = [scores.relevance for scores in Scorer(artefact).score([post.text for post in train.posts])]
    weights, threshold = learn(train, heads)
    learned = {
        "learned_from": digest(train.posts),
        "posts": len(train.posts),
        "model": artefact.title,
        "threshold": round(threshold - 5e-5, 4),
        "weights": {name: round(weight, 4) for name, weight in weights.items()},
    }
    options.out.write_text(json.dumps(learned, indent=2) + "\n", encoding="utf-8")
    print(f"{len(train.posts)} posts, threshold {threshold:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
