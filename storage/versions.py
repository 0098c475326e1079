"""Which contents of a batch are new: decided on values, the same for both databases."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from core.types import Mention

Place = tuple[str, str]
"""Where a mention is told apart for good: source and key."""

# PostgreSQL takes no NUL, and neither database takes half a surrogate pair. Each is replaced by one
# character, so that offsets into the text stay true.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LONGEST_KEY = 512  # an index entry of PostgreSQL ends at 2,704 bytes; a key may be a link of any length
_TEXTS = ("source", "key", "url", "title", "text", "author", "platform", "kind", "lang", "shared")


def storable_key(key: str) -> str:
    """A key as both databases can hold it: the same one, nearly always."""
    clean = _UNSTORABLE.sub("\ufffd", key)
    return clean if len(clean) <= _LONGEST_KEY else "sha256:" + hashlib.sha256(clean.encode()).hexdigest()


def storable(mention: Mention) -> Mention:
    """Give the mention as both databases can hold it: the same one, nearly always."""
    changes: dict[str, Any] = {
        name: _UNSTORABLE.sub("\ufffd", value)
        for name in _TEXTS
        if _UNSTORABLE.search(value := getattr(mention, name))
    }
    changes |= {"key": key} if (key := storable_key(mention.key)) != mention.key else {}
    changes |= {} if _in_calendar(mention.posted_at) else {"posted_at": None}
    return replace(mention, **changes) if changes else mention


def _in_calendar(moment: datetime | None) -> bool:
    """Whether a moment has a year in UTC; what a source gives as the first or last day of all time is no time."""
    return moment is None or MINYEAR < moment.year < MAXYEAR


def by_place(mentions: Iterable[Mention]) -> dict[Place, list[Mention]]:
    """Gather a batch by place, sorted; what one place repeats at once is kept once.

    All processes go through places in the same order, so two that add the same never wait for each other.
    """
    places: dict[Place, list[Mention]] = {}
    for mention in map(storable, mentions):
        contents = places.setdefault((mention.source, mention.key), [])
        if not contents or (contents[-1].title, contents[-1].text) != (mention.title, mention.text):
            contents.append(mention)
    return dict(sorted(places.items()))


def unseen(contents: Sequence[Mention], newest: str) -> Sequence[Mention]:
    """Pick what must be written as versions after the one whose content hash is ``newest``.

    A batch that ends where the database stands brings nothing new, whatever it says on the way there:
    else a feed that holds an item twice would make two versions at every visit.
    """
    if contents[-1].content_hash == newest:
        return ()
    return contents[1:] if contents[0].content_hash == newest else contents
