"""What a query means: nodes that say whether a text matches, why, and (for NEAR) at which words.

Texts and terms become words in the same way: compatibility forms and accents folded, case folded, invisible
characters taken out, then every run of letters and digits is a word.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MOST_NAMED = 3  # parts named in a reason before it is cut short

Place = tuple[int, int]  # first word and the word after the last


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a text and where each of them stands."""

    words: Sequence[str]
    at: Mapping[str, Sequence[int]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found; open-ended ones match whatever begins so."""

    text: str
    open_ended: bool = False

    def fits(self, word: str) -> bool:
        """Whether a word of a text is this one."""
        return word.startswith(self.text) if self.open_ended else word == self.text


def fold(text: str) -> str:
    """Case, accents, compatibility forms and invisible characters taken away."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Me", "Cf"})


def read_text(text: str) -> Text:
    """A text as its words."""
    words = re.findall(r"[^\W_]+", fold(text))
    at: defaultdict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        at[word].append(index)
    return Text(words, at)


def words_of(term: str) -> tuple[Word, ...]:
    """The words of a term. A * ends an open-ended word; any other * stays in the word's text."""
    found = re.findall(r"(?:[^\W_]|\*(?=[^\W_*]))+\*?|\*", fold(term))
    return tuple(Word(word.removesuffix("*"), word.endswith("*")) for word in found)


class Node(Protocol):
    """A piece of a query; ``str()`` shows it as in the query."""

    def judge(self, text: Text) -> tuple[bool, str]:
        """Whether it matches, with the pieces that made it so."""


class Placed(Node, Protocol):
    """A piece that stands somewhere in the text."""

    def places(self, text: Text) -> list[Place]:
        """Where it matches, in order."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow one another; a single term is a phrase of one."""

    shown: str
    words: tuple[Word, ...]

    def __str__(self) -> str:
        return self.shown

    def places(self, text: Text) -> list[Place]:
        """Where it stands."""
        first, length = self.words[0], len(self.words)
        if first.open_ended:
            starts = sorted(index for word, held in text.at.items() if first.fits(word) for index in held)
        else:
            starts = list(text.at.get(first.text, ()))
        return [
            (start, start + length) for start in starts if self._follows(text.words[start : start + length])
        ]

    def _follows(self, words: Sequence[str]) -> bool:
        return len(words) == len(self.words) and all(
            wanted.fits(word) for wanted, word in zip(self.words, words, strict=True)
        )

    def judge(self, text: Text) -> tuple[bool, str]:
        """Found or not."""
        found = bool(self.places(text))
        return found, self.shown if found else f"no {self.shown}"


@dataclass(frozen=True, slots=True)
class Near:
    """Two pieces side by side, their nearer ends at most ``within`` words apart (neighbours are 1 apart)."""

    left: Placed
    right: Placed
    within: int

    def __str__(self) -> str:
        return f"{_grouped(self.left)} NEAR/{self.within} {_grouped(self.right)}"

    def places(self, text: Text) -> list[Place]:
        """The stretches from the first of the two to the end of the last."""
        rights = self.right.places(text)
        if not rights:
            return []
        starts = [start for start, _ in rights]
        longest = max(end - start for start, end in rights)
        found: set[Place] = set()
        for start, end in self.left.places(text):
            low = bisect_left(starts, start - self.within - longest)
            high = bisect_right(starts, end + self.within)
            found.update(
                (min(start, other[0]), max(end, other[1]))
                for other in rights[low:high]
                if 1 <= max(other[0] - end, start - other[1]) + 1 <= self.within
            )
        return sorted(found)

    def judge(self, text: Text) -> tuple[bool, str]:
        """Found or not."""
        found = bool(self.places(text))
        return found, str(self) if found else f"no {self}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts, or more."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))

    @property
    def has_places(self) -> bool:
        """Whether every part stands somewhere, so that the whole may be near something."""
        return all(
            isinstance(part, Phrase | Near) or (isinstance(part, AnyOf) and part.has_places)
            for part in self.parts
        )

    def places(self, text: Text) -> list[Place]:
        """Where any part stands; only for a node that ``has_places``."""
        placed = [part for part in self.parts if isinstance(part, Phrase | Near | AnyOf)]
        return sorted({place for part in placed for place in part.places(text)})

    def judge(self, text: Text) -> tuple[bool, str]:
        """The first part that matches says why."""
        failed = []
        for part in self.parts:
            matched, why = part.judge(text)
            if matched:
                return True, why
            failed.append(why)
        return False, _listed(failed)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(map(_grouped, self.parts))

    def judge(self, text: Text) -> tuple[bool, str]:
        """The first part that fails says why not."""
        reasons = []
        for part in self.parts:
            matched, why = part.judge(text)
            if not matched:
                return False, why
            if not isinstance(part, Not):
                reasons.append(why)
        return True, _listed(reasons or [str(self)])


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not match."""

    part: Node

    def __str__(self) -> str:
        return f"NOT {_grouped(self.part)}"

    def judge(self, text: Text) -> tuple[bool, str]:
        """The reason is the same both ways: this exclusion."""
        return not self.part.judge(text)[0], str(self)


def _grouped(node: Node) -> str:
    return f"({node})" if isinstance(node, AnyOf | AllOf) else str(node)


def _listed(reasons: Sequence[str]) -> str:
    more = f" and {len(reasons) - MOST_NAMED} more" if len(reasons) > MOST_NAMED else ""
    return ", ".join(reasons[:MOST_NAMED]) + more
