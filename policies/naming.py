"""Whether a text names a person of the house: whoever it names must not decide about it.

    Margaret Field, also Maggie Field, Registered Manager:
      Margaret Field, Maggie Field, Margaret J. Field, Margaret Jane Field, Margaret (Mags) Field, Field, Margaret,
      margaret.field, @MargaretField, Mrs Field, M. Field; "registered manager" where the text accuses

Blind to case, accents, kinds of apostrophe and hyphen, and to how many spaces there are; only whole words count.
A first name alone is too common to mean anybody, and so is a surname alone (Field, Green, May). In doubt it counts:
a wrong hit has the deputy decide, a miss has the accused decide. Where a name reads as common words (will power, a
day in the field, Margaret), capitals must tell the two apart.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.work import Member

# The words before a surname in British posts; wards and parishes have their own.
STYLES = (
    *("mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor", "sir", "dame", "lord", "lady"),
    *("nurse", "sister", "matron", "rev", "revd", "reverend", "father", "cllr", "councillor", "mister"),
)
# Honours, degrees and registrations that people write after their name.
_LETTERS = frozenset(
    (
        *("MBE", "OBE", "CBE", "DBE", "KBE", "BEM", "QN", "QC", "KC", "JP", "DL", "MP", "RN", "RGN", "RMN"),
        *("RNLD", "RNMH", "RM", "RSCN", "RSW", "SRN", "SEN", "FRCN", "FRCP", "FRCS", "FRCGP", "MRCP"),
        *("MRCGP", "MRCPsych", "FRCPsych", "MCSP", "CQSW", "DipSW", "BA", "BSc", "BEd", "BN", "LLB", "MA"),
        *("MSc", "MEd", "MBA", "MSW", "MPhil", "MRes", "LLM", "PGCE", "PhD", "DPhil", "EdD", "MD", "MBBS"),
        *("MBChB", "Hons"),
    )
)
# Surnames that follow a style as verbs ("the nurse may"), first names that begin a phrase ("will power"), and
# initials that are words ("a field").
_VERBS = frozenset({"may", "will", "can", "might", "must"})
_WORDS = frozenset(
    (
        *_VERBS,
        *("april", "art", "autumn", "bill", "chase", "dawn", "faith", "frank", "grace", "grant", "hope"),
        *("joy", "june", "mark", "pat", "rob", "rose", "sue", "summer"),
    )
)
_ARTICLES = frozenset({"a", "i", "o"})
_LETTER = r"[^\W\d_]"
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u0060\u00b4\uff07"), "'")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
# Letters that Unicode does not take for another one with a mark.
_PLAIN = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H", "ı": "i"}
    | {"æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "Th"}
)  # fmt: skip


def named(text: str, members: Sequence[Member], *, accuses: bool) -> tuple[str, ...]:
    """The ids of the members whom ``text`` names, in their order; by job title only where it ``accuses``."""
    if not members:
        return ()
    written = _bare(text).replace("'", "")
    return tuple(
        member.id
        for member in members
        if any(_by_name(name, written) for name in (member.name, *member.also))
        # A single word among the other names was put there because posts use it.
        or any(_found(_phrase(name), written) for name in member.also)
        or (accuses and _found(_phrase(member.title), written))
    )


def _by_name(name: str, written: str) -> bool:
    return _found(_any_of(name), written)


@lru_cache(maxsize=4096)
def _any_of(name: str) -> str:
    """A pattern for all ways of writing a name; empty where it has no words."""
    parts = [part for part in map(_phrase, _own_words(name)) if part]
    while len(parts) > 1 and parts[0] in STYLES:
        parts = parts[1:]
    return "|".join(_patterns(parts)) if parts else ""


def _own_words(name: str) -> list[str]:
    """A name as it is configured, first name first, without what stands in brackets or after it (MBE, RGN)."""
    before, _, after = re.sub(r"\([^)]*\)", " ", name).partition(",")
    shouted = name.isupper()
    given = [word for word in after.split() if shouted or not (word in _LETTERS or word.isupper())]
    words = [*given, *before.split()]
    while len(words) > 2 and words[-1] in _LETTERS and not shouted:
        words.pop()
    return words


def _patterns(parts: Sequence[str]) -> Iterator[str]:
    """The ways of writing a name of these parts, each a phrase, the first name first."""
    first, last, rest = parts[0], parts[-1], " ".join(parts[1:]) or parts[0]
    titled = _capital(last) if last in _VERBS else last
    yield rf"(?:{'|'.join(STYLES)})(?:\. ?| )(?:{first} )?(?:{titled}|{rest if ' ' in rest else titled})"
    if len(parts) == 1:
        return
    shown, shown_first = rf"(?:{_capital(last)}|{_capital(rest)})", _capital(first)
    surname = rf"(?:{last}|{rest})"
    if first in _WORDS:
        first, surname = shown_first, shown
    yield rf"{first}(?:\.| (?:{_LETTER}\.? )?){surname}"  # Margaret Field, Margaret J. Field, margaret.field
    yield rf"{first} [(\"\u201c]\w{{1,30}}[)\"\u201d] {surname}"  # Margaret (Mags) Field
    yield rf"{first} (?-i:(?:[A-Z][a-z]{{1,30}} ){{1,2}}){shown}"  # Margaret Jane Field
    yield rf"{shown}, ?{shown_first}"  # Field, Margaret
    yield from _handles(parts)
    initial = _capital(parts[0][0]) if parts[0][0] in _ARTICLES else parts[0][0]
    after = _capital(last) if parts[0][0] in _ARTICLES else rf"(?:{last}|{rest})"
    yield rf"{initial}(?:\. ?| )(?:{_LETTER}(?:\. ?| ))?{after}"  # M. Field, M J Field


def _handles(parts: Sequence[str]) -> Iterator[str]:
    """@MargaretField, margaretfield82."""
    bare = [part.replace(" ?", "").replace(" ", "") for part in parts]
    for joined in {("".join(bare[1:])), bare[-1]}:
        first, surname = (_capital(bare[0]), _capital(joined)) if bare[0] in _WORDS else (bare[0], joined)
        yield rf"{first}{surname}\d*"


def _capital(word: str) -> str:
    """A pattern for the word with a capital, in the midst of one that is blind to case."""
    return rf"(?-i:{word[0].upper()}){word[1:]}"


def _phrase(name: str) -> str:
    """A pattern for the words of a name, one after another; empty where there are none. O'Brien may be O Brien."""
    pieces = (" ".join(re.findall(r"\w+", piece)) for piece in _bare(name).casefold().split("'"))
    return " ?".join(piece for piece in pieces if piece)


def _found(pattern: str, written: str) -> bool:
    return bool(pattern) and _whole(pattern).search(written) is not None


@lru_cache(maxsize=4096)
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def _bare(text: str) -> str:
    """Without accents, invisible characters and the s of possession; "&" is "and", a gap one space."""
    spelt = text.translate(_QUOTES).translate(_HYPHENS).translate(_PLAIN)
    bare = "".join(
        character
        for character in unicodedata.normalize("NFKD", spelt)
        if unicodedata.category(character) not in ("Mn", "Cf")
    )
    bare = re.sub(r"'s\b", "", bare, flags=re.IGNORECASE).replace("&", " and ")
    return re.sub(r"[\s\-_]+", " ", bare)
