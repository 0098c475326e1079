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


class _Found(NamedTuple):
    """Something found: what the platform asks for it by, its key, and when it was posted (Unix time)."""

    ident: str
    key: str
    posted: float


_QUEUE = TypeAdapter(list[_Found])

Look = Callable[[Mapping[str, str]], Page]
"""Looks at items (their keys by what the platform asks for them by): what has changed, and what is gone."""


@dataclass(slots=True)
class Again:
    """What one visit saw, to be looked at on the visits after it, ``at_once`` on each and in turn."""

    now: datetime
    at_once: int
    _seen: dict[str, _Found] = field(default_factory=dict)
    _read: bool = False

    def saw(self, found: Iterable[tuple[str, Mention]]) -> None:
        """A list was read, and these are on it; nobody needs to look at them again on this visit."""
        self._read = True
        for ident, mention in found:
            posted = (mention.posted_at or self.now).timestamp()
            self._seen[mention.key] = _Found(ident, mention.key, posted)

    def ask(self, look: Look) -> Ask:
        """The last of a visit's lists, which has no pages."""

        def again(_token: str, _since: datetime, mark: Mark) -> Page:
            if not self._read:
                raise FetchError("nothing was looked at again, as nothing new could be read", temporary=True)
            due = [one for one in _load(mark.state) if one.key not in self._seen and self._is_young(one)]
            turn, rest = due[: self.at_once], due[self.at_once :]
            page = _looked(look, turn)
            alive = [one for one in turn if one.key not in page.deleted]
            return replace(page, state=self._dump([*rest, *self._seen.values(), *alive]))

        return again

    def _is_young(self, one: _Found) -> bool:
        return one.posted >= (self.now - LOOKS_BACK).timestamp()

    def _dump(self, queue: Sequence[_Found]) -> str:
        young = [one for one in queue if self._is_young(one)]
        newest = set(sorted(young, key=lambda one: one.posted)[-MOST_REMEMBERED:])
        return json.dumps([one for one in young if one in newest])


def _looked(look: Look, turn: Sequence[_Found]) -> Page:
    """A look that fails costs only itself, unless the platform wants to be left alone."""
    try:
        return look({one.ident: one.key for one in turn}) if turn else Page()
    except FetchError as error:
        if error.retry_after is not None:
            raise
        return Page(missed=f"what was found before could not be looked at again: {error}")


def _load(state: str) -> list[_Found]:
    try:
        return _QUEUE.validate_json(state or "[]")
    except ValidationError:
        return []
