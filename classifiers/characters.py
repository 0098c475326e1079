"""One character as it is meant to be read: look-alikes folded, invisible ones gone.

The tables hold only letters that a reader takes for the Latin one at a glance (after Unicode's confusables.txt,
https://www.unicode.org/reports/tr39/). Accents stay: "é" is no "e".
"""

import unicodedata

_LOOKALIKES = {
    # Cyrillic
    "аеорсухіјѕһԁԛԝкӏ": "aeopcyxijshdqwkl",
    "АВЕКМНОРСТУХІЈЅҮԚԜ": "ABEKMHOPCTYXIJSYQW",
    # Greek
    "αινορυχκγηωε": "aivopuxkynwe",
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ": "ABEZHIKMNOPTYX",
    # Armenian, and letters of phonetics and of small capitals
    "օոսցհ": "onugh",
    "ɡıɑᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ": "giaABCDEFGHIJKLMNOPRSTUVWYZ",
    # Signs
    "’‘ʼ＇": "''''",
    "·•∙‧⋅。": "......",
    "−⁃": "--",
    "⁄∕": "//",
}
_FOLDED = {
    strange: plain
    for written, meant in _LOOKALIKES.items()
    for strange, plain in zip(written, meant, strict=True)
}
# Letters in dark squares and circles, which NFKC leaves alone.
_FOLDED |= {chr(first + n): chr(ord("A") + n) for first in (0x1F150, 0x1F170) for n in range(26)}

# Blank or invisible, though of a category that is neither format nor space.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def fold(character: str) -> str:
    """What one code point reads as: nothing, itself, or a few plain characters."""
    if character < "\x80":
        return character
    if character in _FOLDED:
        return _FOLDED[character]
    category = unicodedata.category(character)
    if category in {"Cf", "Me"} or character in _UNSEEN or _lies_over(character):
        return ""
    if category == "Pd":
        return "-"
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", character)
    return "".join(_FOLDED.get(c, c) if not c.isdecimal() else str(unicodedata.decimal(c)) for c in folded)


def _lies_over(character: str) -> bool:
    """Whether it is drawn through the character before it, or only chooses how that one is drawn."""
    code = ord(character)
    return 0x0334 <= code <= 0x0338 or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
