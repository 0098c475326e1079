"""What a query means: nodes that say whether a text matches, why, and (for NEAR) at which words."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.query.fuzzy import is_misspelt
from core.query.item import Place, Text

MOST_NAMED = 3  # parts named in a reason before it is cut short


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found; open-ended ones match whatever begins so, and ``slips`` how it may be misspelt."""

    text: str
    open_ended: bool = False
    slips: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether only the word itself fits."""
        return not (self.open_ended or self.slips)

    def fits(self, word: str) -> bool:
        """Whether a word of a text is this one."""
        if self.open_ended:
            return word.startswith(self.text)
        return word == self.text or bool(self.slips and is_misspelt(word, self.text, self.slips))

    def places(self, text: Text) -> Sequence[Place]:
        """Where it stands, in order."""
        if self.is_exact:
            return text.at.get(self.text, ())
        return sorted({place for word, held in text.at.items() if self.fits(word) for place in held})


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
    """Words that follow one another; a single term is a phrase of one. A hashtag may hold them glued.

    ``written`` is the term as the query has it, without its quotation marks.
    """

    shown: str
    words: tuple[Word, ...]
    written: str

    def __str__(self) -> str:
        return self.shown

    @property
    def is_exact(self) -> bool:
        """Whether only the words themselves fit."""
        return all(word.is_exact for word in self.words)

    @property
    def glued(self) -> str:
        """Its words without what stands between them."""
        return "".join(word.text for word in self.words)

    def places(self, text: Text) -> list[Place]:
        """Where it stands."""
        if len(self.words) == 1:
            return list(self.words[0].places(text))
        found = {
            (start, end) for start, next_ in self.words[0].places(text) for end in self._ends(text, next_, 1)
        }
        if text.tags and self.is_exact:
            found.update(text.tags.get(self.glued, ()))
        return sorted(found)

    def _ends(self, text: Text, at: int, index: int) -> Iterator[int]:
        """Where the words from ``index`` on end, if they begin at a place."""
        if index == len(self.words):
            yield at
        elif at < len(text.after):
            for word, end in text.after[at]:
                if self.words[index].fits(word):
                    yield from self._ends(text, end, index + 1)

    def judge(self, text: Text) -> tuple[bool, str]:
        """Found or not."""
        found = bool(self.places(text))
        return found, self.shown if found else f"no {self.shown}"


@dataclass(frozen=True, slots=True)
class Near:
    """Two pieces side by side, their nearer ends at most ``within`` words apart (neighbours are 1 apart).

    Where it is ``ordered``, the left piece stands first.
    """

    left: Placed
    right: Placed
    within: int
    ordered: bool = False

    def __str__(self) -> str:
        return f"{grouped(self.left)} NEAR/{self.within}{'f' * self.ordered} {grouped(self.right)}"

    def places(self, text: Text) -> list[Place]:
        """The stretches from the first of the two to the end of the last."""
        return sorted(set(self._stretches(text)))

    def _stretches(self, text: Text) -> Iterator[Place]:
        rights = self.right.places(text)
        if not rights:
            return
        starts = [start for start, _ in rights]
        longest = max(end - start for start, end in rights)
        for start, end in self.left.places(text):
            low = bisect_left(starts, end if self.ordered else start - self.within - longest)
            high = bisect_right(starts, end + self.within)
            for other in rights[low:high]:
                if 1 <= max(other[0] - end, start - other[1]) + 1 <= self.within:
                    yield min(start, other[0]), max(end, other[1])

    def judge(self, text: Text) -> tuple[bool, str]:
        """Found or not; the first is enough."""
        found = next(self._stretches(text), None) is not None
        return found, str(self) if found else f"no {self}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts, or more; ``name`` is that of the list in the configuration that it stands for."""

    parts: tuple[Node, ...]
    name: str = ""

    def __str__(self) -> str:
        if self.name:
            return f"{{{self.name}}}"
        return " OR ".join(f"({part})" if _is_excluding(part) else str(part) for part in self.parts)

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
                return True, f"{self}: {why}" if self.name else why
            failed.append(why)
        return False, f"no {self}" if self.name else _listed(failed)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(map(grouped, self.parts))

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
        return f"NOT ({self.part})" if isinstance(self.part, Not) else f"NOT {grouped(self.part)}"

    def judge(self, text: Text) -> tuple[bool, str]:
        """The reason is the same both ways: this exclusion."""
        return not self.part.judge(text)[0], str(self)


def grouped(node: Node) -> str:
    """A piece as it stands beside others."""
    group = isinstance(node, AllOf) or (isinstance(node, AnyOf) and not node.name)
    return f"({node})" if group else str(node)


def _is_excluding(node: Node) -> bool:
    return isinstance(node, AllOf) and any(isinstance(part, Not) for part in node.parts)


def _listed(reasons: Sequence[str]) -> str:
    more = f" and {len(reasons) - MOST_NAMED} more" if len(reasons) > MOST_NAMED else ""
    return ", ".join(reasons[:MOST_NAMED]) + more
