"""What people say or disguise instead of writing: the edits that make "[at]", "o77oo" and "double seven" plain.

Each function takes a text and gives the edits for it, in order and apart from one another.
"""

import re

from classifiers.page import Edit

_AT = r"(?:\s{0,2}@\s{0,2}|\s{0,2}[\[({<]\s?(?:at|@)\s?[\])}>]\s{0,2}|\s{1,2}at\s{1,2})"
_DOT = r"(?:\.|\s{1,2}\.\s{0,2}|\s{0,2}[\[({<]\s?(?:dot|\.)\s?[\])}>]\s{0,2}|\s{1,2}dot\s{1,2})"
_DASH = r"(?:\s{1,2}(?:underscore|hyphen|dash)\s{1,2})"
_SLASH = r"(?:\s{1,2}(?:forward )?slash\s{1,2}|\s{0,2}[\[({<]\s?slash\s?[\])}>]\s{0,2})"
_END = r"(?:com|org|net|uk|info|io|me|eu|edu|ie|scot|wales|cymru|london|example|app|social)"
_HOST = rf"[\w-]{{1,40}}(?:{_DOT}[\w-]{{1,40}}){{0,3}}{_DOT}{_END}(?![\w@])"
_ADDRESS = re.compile(
    rf"(?<![\w.+@/-])(?:[\w+-]{{1,40}}(?:(?:{_DOT}|{_DASH})[\w+-]{{1,40}}){{0,3}}{_AT}{_HOST}"
    rf"|{_HOST}(?:{_SLASH}[\w.-]{{1,40}}(?:(?:{_DOT}|{_DASH})[\w-]{{1,40}}){{0,3}}){{1,3}})",
    re.I,
)
_MARK = re.compile(rf"(?P<at>{_AT})|(?P<slash>{_SLASH})|(?P<dash>{_DASH})|(?P<dot>{_DOT})", re.I)
_SIGNS = {"at": "@", "slash": "/", "dot": "."}
_NAMES = {"underscore": "_", "hyphen": "-", "dash": "-"}
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s{1,2}(dot|dash|hyphen)\s{1,2}(?=\d)|\bplus\s{1,2}(?=44\b|447)", re.I)


def marks(text: str) -> list[Edit]:
    """ "jane dot smith [at] example dot org", "07700 dot 900 dot 123", "plus 44"."""
    edits = [
        Edit(*mark.span(), _sign(mark))
        for address in _ADDRESS.finditer(text)
        for mark in _MARK.finditer(text, *address.span())
        if mark.group() not in {".", "@"}
    ]
    for found in _BETWEEN_DIGITS.finditer(text):
        word = (found[1] or "plus").lower()
        edits.append(Edit(*found.span(), {"dot": ".", "plus": "+"}.get(word, "-")))
    return _apart(edits)


def _sign(mark: re.Match[str]) -> str:
    kind = mark.lastgroup or "dot"
    return _SIGNS.get(kind) or _NAMES[mark.group().strip().lower()]


def _apart(edits: list[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in sorted(edits):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


_DIGITS_OF_LETTERS = str.maketrans("oOlI", "0011")
_TOKENS = re.compile(r"(?<![^\W_])[0-9oOlI]+(?:[ .-]{1,2}[0-9oOlI]+)*(?![^\W_])")
_TOKEN = re.compile(r"[0-9oOlI]+")
FEWEST_SINGLE = 6  # "o 7 7 o o 9": fewer letters that stand alone are words


def letters(text: str) -> list[Edit]:
    """Letters that stand for digits inside a number: o and l, also where every digit stands alone."""
    edits = []
    for run in _TOKENS.finditer(text):
        tokens = list(_TOKEN.finditer(text, *run.span()))
        spaced = sum(len(token.group()) == 1 for token in tokens) >= FEWEST_SINGLE
        numbers = [place for place, token in enumerate(tokens) if re.search("[0-9]", token.group())]
        for place, token in enumerate(tokens):
            if _stands_for_digits(
                token.group(), spaced=spaced, inside=bool(numbers) and numbers[0] < place < numbers[-1]
            ):
                edits.append(Edit(*token.span(), token.group().translate(_DIGITS_OF_LETTERS)))
    return edits


def _stands_for_digits(token: str, *, spaced: bool, inside: bool) -> bool:
    if token.isdigit():
        return False
    if len(token) == 1:
        return spaced
    if re.search("[0-9]", token):
        return True
    return inside and not token.strip("oO")


_UNITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TEENS = {
    word: str(10 + n)
    for n, word in enumerate(
        (
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        )
    )
}
_TENS = {
    word: str(20 + 10 * n)
    for n, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"))
}
_TIMES = {"double": 2, "treble": 3, "triple": 3}
_ZEROS = {"hundred": "00", "thousand": "000"}
FEWEST_WORDS = 3  # "one two" is ordinary speech


def _any(words: dict[str, str] | dict[str, int]) -> str:
    return "|".join(words)


_PIECE = (
    rf"(?:(?P<times>{_any(_TIMES)})\s{{1,3}})?(?P<unit>{_any(_UNITS)})\b(?:\s(?P<zeros>{_any(_ZEROS)})\b)?"
    rf"|(?P<teen>{_any(_TEENS)})\b|(?P<tens>{_any(_TENS)})\b(?:[\s-](?P<rest>{_any(_UNITS)})\b)?|(?P<digits>[0-9]+)"
)
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _PIECE)
_SPOKEN = re.compile(rf"\b(?:{_UNNAMED})(?:[\s,-]{{1,3}}(?:{_UNNAMED})){{{FEWEST_WORDS - 1},}}", re.I)
_PIECES = re.compile(rf"\b(?:{_PIECE})", re.I)


def numbers(text: str) -> list[Edit]:
    """Runs of numbers said in words become digits, without what stands between them."""
    edits: list[Edit] = []
    for run in _SPOKEN.finditer(text):
        pieces = list(_PIECES.finditer(text, *run.span()))
        if sum(piece["digits"] is None for piece in pieces) < FEWEST_WORDS:
            continue
        for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
            edits.append(Edit(*piece.span(), _digits_of(piece)))
            if after is not None:
                edits.append(Edit(piece.end(), after.start(), ""))
    return edits


def _digits_of(piece: re.Match[str]) -> str:
    if piece["digits"]:
        return piece["digits"]
    if piece["teen"]:
        return _TEENS[piece["teen"].lower()]
    if piece["tens"]:
        tens = _TENS[piece["tens"].lower()]
        return tens[0] + _UNITS[piece["rest"].lower()] if piece["rest"] else tens
    digit = _UNITS[piece["unit"].lower()] * _TIMES.get((piece["times"] or "").lower(), 1)
    return digit + _ZEROS.get((piece["zeros"] or "").lower(), "")
