"""What a query may ask of an item besides its text: author:, site:, lang:, type:, source:."""

import re
from dataclasses import dataclass

from core.query.fold import fold
from core.query.item import Item, Text
from core.vocabulary import KINDS

NAMES = ("author", "site", "lang", "type", "source")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")
_LANG = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is known of an item; ``value`` is already folded as it is compared."""

    shown: str
    name: str
    value: str

    def __str__(self) -> str:
        return self.shown

    def judge(self, text: Text) -> tuple[bool, str]:
        """So or not so; what is not known of an item is not so."""
        matched = _holds(self.name, self.value, text.item)
        return matched, self.shown if matched else f"not {self.shown}"


def _holds(name: str, value: str, item: Item) -> bool:
    if name == "author":
        author = _author(item.author)
        return value == author or ("@" not in value and value == author.partition("@")[0])
    if name == "site":
        return f".{item.host}".endswith(f".{value}")
    if name == "lang":
        return f"{item.lang.lower()}-".startswith(f"{value}-")
    return value == (item.kind if name == "type" else _plain(item.source))


def field_value(name: str, value: str) -> str:
    """A value of the query as it is compared; raises ValueError saying what is wrong with it."""
    if name == "type":
        if value not in KINDS:
            raise ValueError(f"type: takes one of {', '.join(KINDS)}")
        return value
    plain = _author(value) if name == "author" else _plain(value)
    if not re.search(r"\w", plain):
        raise ValueError(f"a value must stand right behind {name}:")
    if "*" in value or "~" in value:
        raise ValueError(f"{name}: takes a whole value, without * and ~")
    if name == "site" and not _HOST.fullmatch(plain):
        raise ValueError("site: takes the name of a host, as in site:reddit.com")
    if name == "lang" and not _LANG.fullmatch(plain):
        raise ValueError("lang: takes the code of a language, as in lang:en")
    return plain


def _plain(value: str) -> str:
    return " ".join(fold(value).split())


def _author(name: str) -> str:
    return _plain(name).removeprefix("@").removeprefix("u/")
