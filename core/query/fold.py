"""How texts and terms are read alike: case, accents, look-alikes and what cannot be seen are folded away.

``fold`` takes away what never matters. ``latin`` besides reads letters of other alphabets as the Latin ones that they
look like: a second reading, as a Russian word is no disguise. ``glue`` leaves only letters and digits, all in one.

The table of look-alikes is ours: those of Unicode's confusables.txt (https://www.unicode.org/reports/tr39/) that a
reader takes for the Latin letter at a glance. The libraries that carry the whole file fold far more than that.
"""

import re
import unicodedata
from collections.abc import Callable

# Letters of other alphabets: they look Latin, and are Latin only where that makes a word of the query.
_LOOKALIKES = {
    "аеорсухіјѕһԁԛԝкӏ": "aeopcyxijshdqwkl",  # Cyrillic
    "АВЕКМНОРСТУХІЈЅҮԚԜ": "ABEKMHOPCTYXIJSYQW",
    "αινορυχκγηωε": "aivopuxkynwe",  # Greek
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ": "ABEZHIKMNOPTYX",
    "օոսցհ": "onugh",  # Armenian
}
_LATIN = str.maketrans("".join(_LOOKALIKES), "".join(_LOOKALIKES.values()))
# Small capitals, phonetic and barred letters, which Unicode's own foldings leave alone.
_PLAIN = dict(
    zip(
        "ɡıɑᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢøłđħŧ",
        "giaabcdefghijklmnoprstuvwyzoldht",
        strict=True,
    )
) | {"æ": "ae", "œ": "oe"}
# Letters in dark squares and circles.
_PLAIN |= {chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)}
# Blank or invisible, though of a category that is neither format nor space.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

_BRAHMIC = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer: their marks are letters
# Scripts without spaces: those, Chinese, and Japanese.
_UNSPACED = (
    _BRAHMIC + "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
)
_MARKS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1060\u17b6-\u17d3"
)
WORD = rf"(?:(?=\w)[{_UNSPACED}][{_MARKS}]*|[^\W_{_UNSPACED}]+)"

_is_unspaced = re.compile(f"[{_UNSPACED}]").match
# Marks that make another letter: those of these scripts, and the two of Japanese that voice a syllable.
_is_letter = re.compile(f"[{_BRAHMIC}\u3099\u309a]").match


class _Table(dict[int, str | None]):
    """What each character becomes, worked out when it is first met."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, code: int) -> str | None:
        self[code] = self._read(chr(code)) or None  # None is dropped, and faster so than ""
        return self[code]

    def of(self, text: str) -> str:
        """A text with all its characters read."""
        return (text if text.isascii() else unicodedata.normalize("NFKC", text)).translate(self)


def _folded(character: str) -> str:
    if character in _UNSEEN:
        return ""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).lower()
    kept = (c for c in decomposed if unicodedata.category(c) not in {"Mn", "Me", "Cf"} or _is_letter(c))
    return unicodedata.normalize("NFC", "".join(_PLAIN.get(c, c) for c in kept))


def _folded_latin(character: str) -> str:
    return "".join(map(_folded, unicodedata.normalize("NFC", _as_latin(character))))


def _as_latin(character: str) -> str:
    return unicodedata.normalize("NFKD", character).translate(_LATIN)


_FOLD, _LATIN_FOLD = _Table(_folded), _Table(_folded_latin)
_GLUE = _Table(lambda character: "".join(filter(str.isalnum, _folded(character))))
_LATIN_GLUE = _Table(lambda character: "".join(filter(str.isalnum, _folded_latin(character))))


def fold(text: str) -> str:
    """Case, accents, compatibility forms and invisible characters taken away."""
    return text.lower() if text.isascii() else _FOLD.of(text)


def latin(text: str) -> str:
    """The text folded, with letters that look Latin as Latin; it has as many words as ``fold(text)``."""
    return text.lower() if text.isascii() else _LATIN_FOLD.of(text)


# Folded words of these letters may be read otherwise by ``latin``; all others are read in one way.
_AMBIGUOUS = frozenset(fold("".join(_LOOKALIKES)))


def is_ambiguous(word: str) -> bool:
    """Whether ``latin`` may read a folded word otherwise than ``fold`` does."""
    return not word.isascii() and not _AMBIGUOUS.isdisjoint(word)


def glue(text: str) -> str:
    """The letters and digits of a text, folded, and nothing between them."""
    return _GLUE.of(text)


def latin_glue(text: str) -> str:
    """As ``glue``, with letters that look Latin as Latin."""
    return _LATIN_GLUE.of(text)


def spaced(words: tuple[str, ...]) -> str:
    """Folded words as they are written: with spaces, but for scripts that have none."""
    text = ""
    for word in words:
        text += f" {word}" if text and not (is_unspaced(word) and is_unspaced(text[-1:])) else word
    return text


def is_unspaced(word: str) -> bool:
    """Whether a word begins in a script that writes no spaces; each of its characters is a word by itself."""
    return bool(_is_unspaced(word))
