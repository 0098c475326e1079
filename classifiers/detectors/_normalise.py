"""A text as a detector wants to read it, and the way back to the text as it was written.

Compatibility forms are folded (NFKC, one code point at a time), invisible characters are taken out, digits of
any script become 0 to 9, letters that stand for digits inside a number (o, l) become digits, and numbers said
in words ("double seven oh") become runs of digits. Offsets count code points.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from core.types import Finding

_UNITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TIMES = {"double": 2, "treble": 3, "triple": 3}
_LOOKALIKES = str.maketrans("oOlI", "0011")
FEWEST_WORDS = 3  # "one two" is ordinary speech

_NUMBER_WITH_LETTERS = re.compile(r"(?<![^\W_])[0-9oOlI]{3,}(?![^\W_])")
_WORD = rf"(?:(?:{'|'.join(_TIMES)})\s{{1,3}})?(?:{'|'.join(_UNITS)})\b|[0-9]+"
_SPOKEN = re.compile(rf"\b(?:{_WORD})(?:[\s,-]{{1,3}}(?:{_WORD})){{{FEWEST_WORDS - 1},}}", re.I)
_UNIT = re.compile(rf"(?:({'|'.join(_TIMES)})\s+)?\b({'|'.join(_UNITS)})\b|([0-9]+)", re.I)


@dataclass(frozen=True, slots=True)
class Normalised:
    """The folded text; character ``i`` of it was written at ``starts[i]`` to ``ends[i]`` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def finding(self, kind: str, start: int, end: int) -> Finding:
        """A finding at a span of the folded text (start < end), in offsets of the original."""
        return Finding(kind=kind, start=self.starts[start], end=self.ends[end - 1])


@lru_cache(maxsize=4)  # every detector asks for the same text in turn
def normalise(text: str) -> Normalised:
    """The folded form of a text. Both offsets never fall from one character to the next."""
    characters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        folded = _fold(character)
        characters += folded
        origins += [index] * len(folded)
    joined = _NUMBER_WITH_LETTERS.sub(_as_digits, "".join(characters))
    return _spoken(Normalised(joined, tuple(origins), tuple(origin + 1 for origin in origins)))


def _fold(character: str) -> str:
    if character < "\x80":
        return character
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category == "Pd":
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in folded)


def _as_digits(found: re.Match[str]) -> str:
    token = found.group()
    return token.translate(_LOOKALIKES) if re.search("[0-9]", token) else token


def _spoken(page: Normalised) -> Normalised:
    """Runs of digits said in words become digits without space between them."""
    pieces: list[tuple[str, int, int]] = []  # characters, and the span of the page they come from
    done = 0
    for run in _SPOKEN.finditer(page.text):
        units = list(_UNIT.finditer(page.text, *run.span()))
        if sum(unit[2] is not None for unit in units) < FEWEST_WORDS:
            continue
        pieces.append((page.text[done : run.start()], done, run.start()))
        pieces += [(_digits_of(unit), *unit.span()) for unit in units]
        done = run.end()
    if not pieces:
        return page
    pieces.append((page.text[done:], done, len(page.text)))
    return _joined(page, pieces)


def _digits_of(unit: re.Match[str]) -> str:
    times, word, digits = unit.groups()
    return digits or _UNITS[word.lower()] * _TIMES.get((times or "").lower(), 1)


def _joined(page: Normalised, pieces: list[tuple[str, int, int]]) -> Normalised:
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for characters, start, end in pieces:
        text.append(characters)
        if len(characters) == end - start:  # kept as it was
            starts += page.starts[start:end]
            ends += page.ends[start:end]
        else:  # a word for one digit or more
            starts += [page.starts[start]] * len(characters)
            ends += [page.ends[end - 1]] * len(characters)
    return Normalised("".join(text), tuple(starts), tuple(ends))
