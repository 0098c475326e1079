"""A text after edits, and the way back to the text as it was written. Offsets count code points."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.types import Finding


class Edit(NamedTuple):
    """Replace the characters from start to end."""

    start: int
    end: int
    plain: str


@dataclass(frozen=True, slots=True)
class Page:
    """The edited text; character ``i`` of it was written at ``starts[i]`` to ``ends[i]`` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def as_written(cls, text: str) -> "Page":
        """A text as it is."""
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def finding(self, kind: str, start: int, end: int) -> Finding:
        """A finding at a span of the page (start < end), in offsets of the original."""
        return Finding(kind=kind, start=self.starts[start], end=self.ends[end - 1])

    def edited(self, edits: Sequence[Edit]) -> "Page":
        """The page after edits that come in order and apart; offsets still lead to the original."""
        if not edits:
            return self
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, plain in [*edits, Edit(len(self.text), len(self.text), "")]:
            text += self.text[done:start], plain
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            if len(plain) == end - start:  # one sign for another
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            else:  # each new sign stands for the whole of what was written
                starts += self.starts[start : start + 1] * len(plain)
                ends += self.ends[end - 1 : end] * len(plain)
            done = end
        return Page("".join(text), tuple(starts), tuple(ends))

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the page stands in the original; an empty span stays empty."""
        return (self.starts[start], self.ends[end - 1]) if start < end else (0, 0)


def page_of(text: str, read: Callable[[int, str], str]) -> Page:
    """A text with each code point read as ``read`` says, given its place and itself."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        # A letter and its accents are one character, however they were typed (Unicode's form C).
        whole = text[start] if end == start + 1 else unicodedata.normalize("NFC", text[start:end])
        folded = "".join(read(start, character) for character in whole)
        characters += folded
        starts += [start] * len(folded)
        ends += [end] * len(folded)
        start = end
    return Page("".join(characters), tuple(starts), tuple(ends))
