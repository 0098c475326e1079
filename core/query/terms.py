"""Terms and phrases of a query as words to be found."""

import re

from core.query.fold import WORD, fold, is_ambiguous, is_unspaced, latin
from core.query.fuzzy import FEWEST_LETTERS, default_slips
from core.query.nodes import Phrase, Word

# A word with its marks; a * inside a word stays in it, to be refused.
_MARKED = re.compile(rf"({WORD}(?:\*+(?=[^\W_]){WORD})*|(?<!\w)\*(?=\w){WORD}|\*)(\*|~(?!\w)|~\d+(?!\w))?")


class TermError(ValueError):
    """A term cannot be read; ``offset`` points into it."""

    def __init__(self, problem: str, offset: int = 0) -> None:
        self.offset = offset
        super().__init__(problem)


def phrase_of(written: str, *, quoted: bool) -> Phrase:
    """The phrase in a term; raises TermError."""
    if not quoted:
        _check_bare(written)
    words = _words_of(written)
    if not words:
        raise TermError("there is no word in this term")
    return Phrase(f'"{written}"' if quoted else written, words, written)


def _check_bare(text: str) -> None:
    if text.partition("/")[0] == "NEAR":
        raise TermError("NEAR needs a number of words, as in NEAR/8 or, with the left side first, NEAR/8f")
    if text.startswith("-"):
        raise TermError("a hyphen does not take away: write NOT")
    if text.startswith("~"):
        raise TermError("a ~ stands right behind a word, inside the quotation marks too")


def _words_of(written: str) -> tuple[Word, ...]:
    plain = _MARKED.findall(fold(written))
    alike = _MARKED.findall(latin(written))
    return tuple(
        _word(_as_meant(word, other), mark, written)
        for (word, mark), (other, _) in zip(plain, alike, strict=True)
    )


def _as_meant(word: str, other: str) -> str:
    """A word that mixes Latin letters with others that look like them, as Latin."""
    return other if is_ambiguous(word) and re.search("[a-z]", word) and other.isascii() else word


def _word(word: str, mark: str, written: str) -> Word:
    if "*" in word:
        raise TermError("a * stands only at the end of a word", written.find("*"))
    if mark == "*":
        if is_unspaced(word):
            return Word(word)
        if len(word) < 2:
            raise TermError("at least two letters must stand before a *", written.find("*"))
        return Word(word, open_ended=True)
    return Word(word, slips=_slips(word, mark, written)) if mark else Word(word)


def _slips(word: str, mark: str, written: str) -> int:
    slips = int(mark[1:]) if mark[1:] else default_slips(word)
    at = max(written.find("~"), 0)
    if slips not in FEWEST_LETTERS:
        raise TermError("a ~ takes 1 or 2 slips, as in oakfield~1", at)
    if len(word) < FEWEST_LETTERS[slips]:
        raise TermError(f"at least {FEWEST_LETTERS[slips]} letters must stand before ~{slips}", at)
    return slips
