"""A text as the model reads it: disguises undone, and the way back to the text as it was written.

    text -> look-alike and invisible characters -> letters apart ("i d i o t") -> signs for letters ("1d10t")

Training and running read through the same function. Words of another script stay as they are, and so does all that
a plain reader would not call a disguise. Offsets count code points.
"""

import re
import unicodedata
from collections.abc import Iterator

from classifiers.characters import fold
from classifiers.page import Edit, Page, page_of

_SIGNS = str.maketrans("4@31!05$", "aaeiioss")
_WORD = re.compile(r"\w+")
# Four letters or more, each by itself, with one and the same mark between them.
_APART = re.compile(r"(?<![^\W_])[^\W\d_](?:([ ._*|/-])[^\W\d_])(?:\1[^\W\d_]){2,}(?![^\W_])")
# Possessive: a long word that is no disguise after all must not be tried again from every letter of it.
_SIGNED = re.compile(r"(?<![\w@#/.$])[A-Za-z0-9@!$]++(?![\w@/]|\.\w)")
_INNER = re.compile(r"(?<=[A-Za-z])[4@31!05$]{1,2}(?=[A-Za-z])")
_FIRST = re.compile(r"^[4315$](?=[A-Za-z])")
_LETTER = re.compile(r"[A-Za-z]")


def read(text: str) -> Page:
    """The page that the model reads; both offsets never fall from one character to the next."""
    page = _plain(text)
    page = page.edited([Edit(*found.span(), found.group()[::2]) for found in _APART.finditer(page.text)])
    return page.edited(list(_unsigned(page.text)))


def _plain(text: str) -> Page:
    """Look-alikes folded and what cannot be seen taken out, but for words that hold no Latin letter at all."""
    if text.isascii():
        return Page.as_written(text)
    other = {at for found in _WORD.finditer(text) if _is_other(found.group()) for at in range(*found.span())}
    # Emoji are joined and coloured by invisible characters, and are read whole.
    return page_of(text, lambda index, character: character if index in other else fold(character))


def _is_other(word: str) -> bool:
    """Whether a word is written in another script: letters, and none of them Latin or a copy of a Latin one."""
    letters = [character for character in word if character.isalpha()]
    return bool(letters) and all(_is_foreign(character) for character in letters)


def _is_foreign(character: str) -> bool:
    name = unicodedata.name(character, "")
    return not name.startswith(("LATIN", "FULLWIDTH LATIN", "MATHEMATICAL"))


def _unsigned(text: str) -> Iterator[Edit]:
    """The words in which signs stand for letters, with the letters. Plates, codes, times and handles are left."""
    for found in _SIGNED.finditer(text):
        word = found.group()
        letters = _LETTER.findall(word)
        inner = _INNER.findall(word)
        if not inner or len(letters) < (2 if len(word) > 4 else 3) or (len(letters) < 5 and word.isupper()):
            continue
        plain = _INNER.sub(lambda sign: sign.group().translate(_SIGNS), word)
        plain = _FIRST.sub(lambda sign: sign.group().translate(_SIGNS), plain)
        if len(word) >= 4 and not re.search(r"\d", plain):
            yield Edit(*found.span(), plain)
