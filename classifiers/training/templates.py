"""Short sentences from templates, so that a group's name, an insult or a violent word alone decides nothing.

Our own rows tell stories about organisations; what is said of a group in one plain sentence is rarer among them.
The templates of ``benchmarks/functional.py`` are others, written apart from these, and are never trained on.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from classifiers.training.data import Example, targets_of, weights_of

PATH = Path(__file__).with_name("templates.yaml")
# Of a hundred sentences, how many of each family, the label they bear, and what they leave open.
FAMILIES: Mapping[str, tuple[int, Sequence[str], Sequence[str]]] = {
    "hate": (32, ("hate",), ("harassment", "threat")),
    "clean_group": (28, (), ()),
    "harassment": (10, ("harassment",), ("sexual",)),
    "clean_person": (10, (), ("reputation",)),
    "threat": (8, ("threat",), ("harassment",)),
    "clean_threat": (8, (), ("reputation",)),
    "clean_thing": (4, (), ()),
}


@cache
def read(path: Path = PATH) -> dict[str, Any]:
    """The lists of templates and of what fills them."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def templated(count: int, rng: random.Random) -> list[Example]:
    """So many sentences, each template and each filler as likely as its neighbours."""
    families = list(FAMILIES)
    shares = [FAMILIES[family][0] for family in families]
    return [sentence(family, rng) for family in rng.choices(families, shares, k=count)]


def sentence(family: str, rng: random.Random) -> Example:
    """One sentence of a family; of what it leaves open it teaches nothing."""
    _, labels, unknown = FAMILIES[family]
    text = str(rng.choice(read()[family]).format_map(_fillers(rng)))
    if rng.random() < 0.7:
        text = text[:1].upper() + text[1:]
    return Example(text, targets_of(labels), weights_of(labels, unknown, ()), source="template")


def _fillers(rng: random.Random) -> dict[str, str]:
    """One filler for every slot."""
    lists = read()
    group = rng.choice(lists["groups"])
    many = str(group["many"])
    nouns = [insult["noun"] for insult in lists["insults"] if "noun" in insult]
    adjectives = [insult["adjective"] for insult in lists["insults"] if "adjective" in insult]
    return {
        "many": many,
        "Many": many[:1].upper() + many[1:],
        "one": str(group["one"]),
        "adjective": str(group["adjective"]),
        "person": str(rng.choice(lists["people"])),
        "thing": str(rng.choice(lists["things"])),
        "insult_noun": str(rng.choice(nouns)),
        "insult_adjective": str(rng.choice(adjectives)),
        "place": str(rng.choice(lists["places"])),
    }
