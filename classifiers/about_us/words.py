"""A text as words: as written, and folded for comparing."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.reading import read

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ENDS = re.compile(r"[.!?…:;\n\"(•]|(?:^|\s)-\s")
_PARTS = re.compile(r"[,)]")


@dataclass(frozen=True, slots=True)
class Words:
    """Words in order: as ``written``, ``folded``, and whether each ``opens`` a sentence, is ``parted`` from the
    word before it by a sentence's end or a comma, or is ``tagged`` (#, @, in a link).

    ``line`` are the folded words with one blank between them.
    """

    written: Sequence[str]
    folded: Sequence[str]
    opens: Sequence[bool]
    parted: Sequence[bool]
    tagged: Sequence[bool]
    line: str


def words_of(text: str) -> Words:
    """The words of a text, disguises undone."""
    plain = read(text).text
    found = list(_WORD.finditer(plain))
    written = [word[0] for word in found]
    folded = [_fold(word) for word in written]
    ends = [0, *(word.end() for word in found)]
    between = [plain[end : word.start()] for end, word in zip(ends, found, strict=False)]
    opens = [index == 0 or bool(_ENDS.search(gap)) for index, gap in enumerate(between)]
    parted = [opening or bool(_PARTS.search(gap)) for opening, gap in zip(opens, between, strict=True)]
    tagged = [gap.endswith(("#", "@", "_", "/", ".")) for gap in between]
    return Words(written, folded, opens, parted, tagged, " ".join(folded))


def _fold(word: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


def some(words: str) -> frozenset[str]:
    """A list of words, written with blanks between them."""
    return frozenset(words.split())
