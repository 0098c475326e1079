"""Whether a text names a person of the house: whoever it names must not decide about it.

    Margaret Field, also Maggie Field, Registered Manager:
      Margaret Field, Maggie Field, Margaret J. Field, Mrs Field, M. Field; "registered manager" where the text accuses

Blind to case, accents, kinds of apostrophe and hyphen, and to how many spaces there are; only whole words count.
A first name alone is too common to mean anybody, and so is a surname alone (Field, Green, May). In doubt it counts:
a wrong hit has the deputy decide, a miss has the accused decide.
"""

import re
import unicodedata
from collections.abc import Sequence

from core.work import Member

# The words before a surname in British posts; wards and parishes have their own.
STYLES = (
    *("mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor", "sir", "dame", "lord", "lady"),
    *("nurse", "sister", "matron", "rev", "revd", "reverend", "father", "cllr", "councillor", "mister"),
)
# Surnames that follow such a word as verbs ("the nurse may"), and initials that are words ("a field"): in these
# capitals must tell the name from the word.
_VERBS = frozenset({"may", "will", "can", "might", "must"})
_ARTICLES = frozenset({"a", "i", "o"})
_LETTER = r"[^\W\d_]"
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u0060\u00b4\uff07"), "'")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


def named(text: str, members: Sequence[Member], *, accuses: bool) -> tuple[str, ...]:
    """The ids of the members whom ``text`` names, in their order; by job title only where it ``accuses``."""
    if not members:
        return ()
    written = _plain(text)
    return tuple(
        member.id
        for member in members
        if any(_by_name(name, written) for name in (member.name, *member.also))
        # A single word among the other names was put there because posts use it.
        or any(_found(_phrase(name), written) for name in member.also)
        or (accuses and _found(_phrase(member.title), written))
    )


def _by_name(name: str, written: str) -> bool:
    parts = [part for part in map(_phrase, name.split()) if part]
    if len(parts) > 1 and parts[0] in STYLES:
        parts = parts[1:]
    if not parts:
        return False
    first, capital = parts[0], _capital(parts[-1])
    last = capital if parts[-1] in _VERBS else parts[-1]
    if _found(rf"(?:{'|'.join(STYLES)})(?:\. ?| )(?:{first} )?{last}", written):
        return True
    if len(parts) == 1:
        return False
    surname = rf"(?:{last}|{' '.join(parts[1:])})"
    in_full = (
        rf"{first} (?:{_LETTER}\.? )?{surname}",  # Margaret Field, Margaret J. Field
        "".join(parts),  # @MargaretField
        rf"{_initial(first)}(?:\. ?| )(?:{_LETTER}(?:\. ?| ))?"  # M. Field, M J Field
        + (capital if first[0] in _ARTICLES else surname),
    )
    return any(_found(pattern, written) for pattern in in_full)


def _initial(first: str) -> str:
    return _capital(first[0]) if first[0] in _ARTICLES else first[0]


def _capital(word: str) -> str:
    """A pattern for the word with a capital, in the midst of one that is blind to case."""
    return rf"(?-i:{word[0].upper()}){word[1:]}"


def _phrase(name: str) -> str:
    """A pattern for the words of a name, one after another; empty where there are none."""
    return " ".join(re.findall(r"\w+", _plain(name).casefold()))


def _found(pattern: str, written: str) -> bool:
    return bool(pattern) and re.search(rf"(?<!\w)(?:{pattern})(?!\w)", written, re.IGNORECASE) is not None


def _plain(text: str) -> str:
    """Without accents, invisible characters, apostrophes and the s of possession; "&" is "and", a gap one space."""
    bare = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.translate(_QUOTES).translate(_HYPHENS))
        if unicodedata.category(character) not in ("Mn", "Cf")
    )
    bare = re.sub(r"'s\b", "", bare, flags=re.IGNORECASE).replace("'", "")
    bare = bare.replace("&", " and ").replace("ß", "ss")
    return re.sub(r"[\s\-_]+", " ", bare)
