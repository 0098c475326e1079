"""A feed as read, before it becomes mentions: what all formats have in common."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.types import Mention

By = Literal["link", "content"]  # how entries that share an id are told apart

MOST_COMPARED = 8
_TAIL = 60  # characters in which an excerpt says that it goes on
_CUT = re.compile(
    r"[\s\[(]*(?:\.\.\.|\u2026|read more|continue reading)[\s\])\u2192\u00bb.]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, in plain text. ``link`` may be of any scheme; the dates have not been judged."""

    id: str
    link: str
    title: str
    text: str
    author: str = ""
    posted_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A page of a feed, newest entry first as most feeds are. ``broken_off`` says the end is missing.

    ``cut`` is empty, or says what of an oversized page was not read.
    """

    entries: tuple[Entry, ...]
    next_url: str = ""
    ttl: timedelta | None = None
    broken_off: bool = False
    cut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a feed as mentions, oldest first, and what the feed says of itself.

    ``shared`` says which ids (short hashes) several entries share, for the keys of the next visit.
    """

    mentions: tuple[Mention, ...]
    next_url: str
    ttl: timedelta | None
    broken_off: bool
    cut: str
    shared: Mapping[str, By]


def fullest(*texts: str) -> str:
    """The longest text, and before it any other of which some part is not in it (an excerpt is).

    Each is looked for in the ``MOST_COMPARED`` longest that were kept: comparing all with all would take
    quadratic time, and a text too many is better than a word too few.
    """
    kept: list[str] = []
    longest: list[str] = []
    for text in sorted(dict.fromkeys(filter(None, texts)), key=len, reverse=True):
        bare = _bare(_without_cut(text))
        if any(bare in other for other in longest):
            continue
        kept.append(text)
        if len(longest) < MOST_COMPARED:
            longest.append(_bare(text))
    return "\n\n".join(reversed(kept))


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()


def _without_cut(text: str) -> str:
    # Only the tail: looked for in a whole text, a run of dots or brackets would take quadratic time.
    return text[:-_TAIL] + _CUT.sub("", text[-_TAIL:])
