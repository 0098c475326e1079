"""Copies of a text as somebody would write it who hides from filters, or types in haste."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from classifiers.training.data import Example

_WORD = re.compile(r"[A-Za-z]{4,}")
_SIGNS = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$"}
_TWINS = str.maketrans("aeopcxi", "аеорсхі")  # Cyrillic


def disguised(rows: Sequence[Example], share: float, rng: random.Random) -> list[Example]:
    """A disguised copy of about such a share of the rows; its spans are no longer known."""
    chosen = [row for row in rows if rng.random() < share]
    return [replace(row, text=disguise(row.text, rng), spans=None) for row in chosen]


def disguise(text: str, rng: random.Random) -> str:
    """The text with one way of writing in about a third of its longer words, at least in one."""
    way = rng.choice(WAYS)
    words = list(_WORD.finditer(text))
    if not words:
        return text
    hit = {words[rng.randrange(len(words))].start()} | {word.start() for word in words if rng.random() < 0.3}
    return _WORD.sub(lambda found: way(found.group(), rng) if found.start() in hit else found.group(), text)


def swap(word: str, rng: random.Random) -> str:
    """Two neighbours inside the word change places."""
    at = rng.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def drop(word: str, rng: random.Random) -> str:
    """A letter inside the word is missing."""
    at = rng.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1 :]


def double(word: str, rng: random.Random) -> str:
    """A letter is there two to four times."""
    at = rng.randrange(len(word))
    return word[:at] + word[at] * rng.randrange(2, 5) + word[at + 1 :]


def sign(word: str, rng: random.Random) -> str:
    """Signs stand for letters."""
    return "".join(rng.choice(_SIGNS[c]) if c in _SIGNS and rng.random() < 0.6 else c for c in word)


def star(word: str, rng: random.Random) -> str:
    """A vowel is starred out."""
    vowels = [at for at, letter in enumerate(word) if letter in "aeiou" and at]
    at = rng.choice(vowels) if vowels else len(word) - 1
    return word[:at] + "*" + word[at + 1 :]


def apart(word: str, rng: random.Random) -> str:
    """Every letter by itself."""
    return rng.choice(" .-").join(word)


def halves(word: str, rng: random.Random) -> str:
    """A space inside the word."""
    at = rng.randrange(1, len(word))
    return f"{word[:at]} {word[at:]}"


def twins(word: str, rng: random.Random) -> str:
    """Letters of another alphabet that look the same."""
    return word.translate(_TWINS) if rng.random() < 0.8 else word.upper()


WAYS: tuple[Callable[[str, random.Random], str], ...] = (swap, drop, double, sign, star, apart, halves, twins)
