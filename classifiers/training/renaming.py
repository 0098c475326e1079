"""Copies of our marked rows with other people in them, so that a name is known by its place and not by heart.

Names are those of Faker's lists for the countries that people in Britain and Ireland come from.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from faker import Faker

from classifiers.training.data import Example, Span

LOCALES = (
    "en_GB", "en_IE", "en_IN", "en_NG", "en_PH", "pl_PL", "ro_RO", "pt_PT", "es_ES", "it_IT", "de_DE", "fr_FR",
    "tr_TR", "cs_CZ", "lt_LT", "hu_HU", "zu_ZA", "en_PK", "ga_IE", "nl_NL", "yo_NG",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{3,}")
TITLES = frozenset(
    {
        "mrs",
        "miss",
        "prof",
        "cllr",
        "auntie",
        "uncle",
        "nana",
        "nan",
        "officer",
        "manager",
        "doctor",
        "nurse",
        "sister",
        "matron",
        "father",
        "councillor",
        "sir",
        "lady",
    }
)


class Names:
    """First and last names in Latin letters, each country as likely as the next; a seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._makers = []
        for locale in LOCALES:
            try:
                self._makers.append(Faker(locale))
            except AttributeError:  # this release of Faker has no such locale
                continue
        for maker in self._makers:
            maker.seed_instance(seed)

    def one(self, kind: str, rng: random.Random) -> str:
        """A "first_name" or "last_name" of one word."""
        while True:
            name = str(getattr(rng.choice(self._makers), kind)())
            if len(name) > 1 and name[0] < "\u0250" and " " not in name:
                return name


def renamed(rows: Sequence[Example], share: float, rng: random.Random, names: Names) -> list[Example]:
    """Copies of about such a share of the rows in which somebody is named, with other names."""
    named = [row for row in rows if row.spans and any(kind == "person" for _, _, kind in row.spans)]
    return [rename(row, rng, names) for row in named if rng.random() < share]


def rename(row: Example, rng: random.Random, names: Names) -> Example:
    """The row with every word of a name replaced, one word always by the same; titles and initials stay."""
    chosen: dict[str, str] = {}
    pieces: list[str] = []
    spans: list[Span] = []
    done = size = 0
    for start, end, kind in sorted(row.spans or ()):
        if start < done:
            continue
        written = row.text[start:end]
        new = _other(written, chosen, rng, names) if kind == "person" else written
        pieces += row.text[done:start], new
        begun = size + start - done
        size = begun + len(new)
        spans.append((begun, size, kind))
        done = end
    return replace(row, text="".join([*pieces, row.text[done:]]), spans=tuple(spans))


def _other(written: str, chosen: dict[str, str], rng: random.Random, names: Names) -> str:
    words = [found.group() for found in _WORD.finditer(written) if found.group().lower() not in TITLES]
    for place, word in enumerate(words):
        if word.lower() not in chosen:
            chosen[word.lower()] = names.one("last_name" if place else "first_name", rng)

    def swap(found: re.Match[str]) -> str:
        word = found.group()
        new = chosen.get(word.lower(), word)
        return new.lower() if word.islower() else new.upper() if word.isupper() else new

    return _WORD.sub(swap, written)
