"""Reads what is said under what a search found: the comments of videos.

    searches -> what they find -> is it watched? -> comments of all that is watched

The cursor is a small JSON text: a cursor of ``connectors._walk`` for the searches and one for the comments, and when
each of the watched items was found.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from connectors._dates import from_iso
from connectors._options import Asking
from connectors._walk import Ask, Mark, Page
from connectors._walk import visit as walk
from core.errors import FetchError
from core.types import Batch, Mention

MOST_WATCHED = 50
WATCHED_FOR = timedelta(days=30)


class _Cursor(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(default=1, ge=1, le=1)
    found: str = ""
    under: str = ""
    watched: dict[str, AwareDatetime] = Field(default_factory=dict, max_length=MOST_WATCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """How comments are read.

    ``watch`` gives the identifier by which what was found is watched, or nothing where it is not; ``ask`` makes the
    list of an identifier's comments. ``named`` are lists that are read besides, whatever is found.
    """

    watch: Callable[[Mention], str]
    ask: Callable[[str], Ask]
    named: Mapping[str, Ask]


def seldom(ask: Ask, every: timedelta, now: datetime) -> Ask:
    """The list, read no more often than that: the time of its last reading is kept in its mark's state."""

    def asked(token: str, since: datetime, mark: Mark) -> Page:
        before = from_iso(mark.state)
        if not token and before and now < before + every:
            return Page(state=mark.state)
        return replace(ask(token, since, mark), state=now.isoformat())

    return asked


def visit(
    searches: Mapping[str, Ask], under: Under, cursor: str | None, *, options: Asking, now: datetime
) -> Batch:
    """Search, then read the comments under the newest 50 items that are watched, each for 30 days.

    Where the one fails the other goes on, unless the platform wants to be left alone.

    Raises:
        FetchError: nothing could be read.
    """
    before = _load(cursor)
    found = _walked(searches, before.found, options, now)
    mentions = found.mentions if isinstance(found, Batch) else ()
    watched = _watched(before.watched, [name for one in mentions if (name := under.watch(one))], now)
    if _waits(found):
        return _joined((found, None), before, watched, now)
    lists = dict(under.named) | {f"under:{name}": under.ask(name) for name in watched}
    return _joined((found, _walked(lists, before.under, options, now)), before, watched, now)


def _waits(part: Batch | FetchError | None) -> bool:
    """Whether the platform wants to be left alone."""
    wait = part.retry_after if isinstance(part, FetchError) else part and part.not_before
    return wait is not None


def _walked(
    lists: Mapping[str, Ask], cursor: str, options: Asking, now: datetime
) -> Batch | FetchError | None:
    if not lists:
        return None
    try:
        return walk(lists, cursor, options, now=now)
    except FetchError as error:
        return error


def _watched(before: Mapping[str, datetime], found: list[str], now: datetime) -> dict[str, datetime]:
    known = dict.fromkeys(found, now) | dict(before)
    fresh = {name: since for name, since in known.items() if since > now - WATCHED_FOR}
    return dict(sorted(fresh.items(), key=lambda item: item[1], reverse=True)[:MOST_WATCHED])


def _joined(
    parts: tuple[Batch | FetchError | None, Batch | FetchError | None],
    before: _Cursor,
    watched: Mapping[str, datetime],
    now: datetime,
) -> Batch:
    found, under = parts
    batches = [part for part in parts if isinstance(part, Batch)]
    errors = [part for part in parts if isinstance(part, FetchError)]
    if errors and not batches:
        raise next((error for error in errors if error.retry_after is not None), errors[0])
    cursor = _Cursor(
        found=found.cursor or "" if isinstance(found, Batch) else before.found,
        under=under.cursor or "" if isinstance(under, Batch) else before.under,
        watched=dict(watched),
    )
    mentions = {mention.key: mention for batch in batches for mention in batch.mentions}
    deleted = dict.fromkeys(key for batch in batches for key in batch.deleted)
    missed = [batch.missed for batch in batches] + [f"a part could not be read: {error}" for error in errors]
    waits = [batch.not_before for batch in batches if batch.not_before]
    waits += [now + error.retry_after for error in errors if error.retry_after is not None]
    return Batch(
        mentions=tuple(mentions.values()),
        cursor=cursor.model_dump_json(exclude_defaults=True),
        missed="; ".join(part for part in missed if part),
        not_before=max(waits, default=None),
        deleted=tuple(key for key in deleted if key not in mentions),
    )


def _load(text: str | None) -> _Cursor:
    try:
        return _Cursor.model_validate_json(text or "{}")
    except (ValidationError, ValueError):
        return _Cursor()
