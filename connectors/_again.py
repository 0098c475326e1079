"""Looks again at what was found lately: most platforms tell of no deletion, so it has to be noticed.

The list of such looks keeps, as the state of its mark, what will be looked at: identifiers, keys and times, no words.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from connectors._walk import Ask, Mark, Page
from core.errors import FetchError
from core.types import Mention

LOOKS_BACK = timedelta(days=2)
MOST_REMEMBERED = 100
# What is deleted must be forgotten within a day, and the next visit may be hours away.
WITHIN_A_DAY = timedelta(hours=20)


class _Found(NamedTuple):
    """Something found: its key, when it was posted and last seen (Unix time), and what the platform asks for it by.

    That is empty where it is the key.
    """

    key: str
    posted: int
    seen: int
    ident: str = ""


_QUEUE = TypeAdapter(list[_Found])

Look = Callable[[Mapping[str, str]], Page]
"""Looks at items (their keys by what the platform asks for them by): what has changed, and what is gone."""


@dataclass(slots=True)
class Again:
    """What one visit saw, to be looked at on the visits after it: in turn, ``at_once`` by each of so many ``rounds``.

    The newest ``most`` are remembered for ``looks_back``, and each is looked at when nobody has seen it for ``every``.
    """

    now: datetime
    at_once: int
    rounds: int = 1
    every: timedelta = timedelta()
    looks_back: timedelta = LOOKS_BACK
    most: int = MOST_REMEMBERED
    _seen: dict[str, _Found] = field(default_factory=dict)
    _read: bool = False

    def saw(self, found: Iterable[tuple[str, Mention]]) -> None:
        """A list was read, and these are on it; nobody needs to look at them again on this visit."""
        self._read = True
        for ident, mention in found:
            posted = int((mention.posted_at or self.now).timestamp())
            asked = "" if ident == mention.key else ident
            self._seen[mention.key] = _Found(mention.key, posted, int(self.now.timestamp()), asked)

    def ask(self, look: Look) -> Ask:
        """The last of a visit's lists, which has no pages."""

        def again(_token: str, _since: datetime, mark: Mark) -> Page:
            if not self._read:
                raise FetchError("nothing was looked at again, as nothing new could be read", temporary=True)
            held = [one for one in _load(mark.state) if one.key not in self._seen and self._is_young(one)]
            due = [one for one in held if one.seen <= (self.now - self.every).timestamp()]
            page, tried, looked = self._look_at(due[: self.at_once * self.rounds], look)
            rest = [one for one in held if one not in tried]
            alive = [looked.get(one.key, one) for one in tried if one.key not in page.deleted]
            return replace(page, state=self._dump([*rest, *self._seen.values(), *alive]))

        return again

    def _look_at(self, due: list[_Found], look: Look) -> tuple[Page, list[_Found], dict[str, _Found]]:
        """What has become of them, those that were asked for, and those that were answered for.

        A look that fails is the last, and costs none that was made before it.
        """
        page, looked = Page(), dict[str, _Found]()
        for start in range(0, len(due), self.at_once):
            some = due[start : start + self.at_once]
            try:
                more = look({one.ident or one.key: one.key for one in some})
            except FetchError as error:
                return replace(page, failure=error), due[: start + self.at_once], looked
            looked |= {one.key: one._replace(seen=int(self.now.timestamp())) for one in some}
            page = replace(page, mentions=page.mentions + more.mentions, deleted=page.deleted + more.deleted)
        return page, due, looked

    def _is_young(self, one: _Found) -> bool:
        return one.posted >= (self.now - self.looks_back).timestamp()

    def _dump(self, queue: Sequence[_Found]) -> str:
        young = [one for one in queue if self._is_young(one)]
        newest = set(sorted(young, key=lambda one: one.posted)[-self.most :])
        return json.dumps([one for one in young if one in newest], separators=(",", ":"))


def _load(state: str) -> list[_Found]:
    try:
        return _QUEUE.validate_json(state or "[]")
    except ValidationError:
        return []
