"""Reads lists that come in pages: how far a visit goes, when it stops, and what it remembers for the next one.

A source holds one list or more (a hashtag, a search, the comments of a subreddit), each with a mark of its own in the
cursor. A list that fails leaves its mark where it was and costs the other lists nothing.

The cursor is a small JSON text: for each list the time of its newest item and short hashes of the keys seen last.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors._keys import short
from core.errors import FetchError
from core.types import Batch, Mention

MOST_KNOWN = 300
MOST_LISTS = 500
# Clocks differ, and platforms index late: what is younger than this is asked for again.
OVERLAP = timedelta(hours=1)
_AGAIN = "the source gave the same page again: what comes after it was not read"


class Mark(BaseModel):
    """How far a list was read: the time of its newest item, and the hashes of the keys read last, newest first.

    ``state`` is the list's own, for connectors whose lists are resumed by a token.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    newest: datetime | None = None
    known: tuple[str, ...] = Field(default=(), max_length=MOST_KNOWN)
    state: str = ""


class _Cursor(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(default=1, ge=1, le=1)
    lists: dict[str, Mark] = Field(default_factory=dict, max_length=MOST_LISTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list. ``next`` asks for the one after it, and is empty on the last.

    ``deleted`` are keys that the page says are gone, ``missed`` is what could not be read of it, ``state`` replaces
    that of the mark once the visit is over. ``ends`` says that what follows is older than what was asked for, and
    ``unordered`` that nothing else does: the pages are in the order of edits or of likeness, so that a known item ends
    nothing; ``forward`` that they go from old to new.
    """

    mentions: tuple[Mention, ...] = ()
    next: str = ""
    deleted: tuple[str, ...] = ()
    missed: str = ""
    state: str = ""
    ends: bool = False
    unordered: bool = False
    forward: bool = False


Ask = Callable[[str, datetime, Mark], Page]
"""Gives the page of a token (the first one's is empty); items posted before the moment need not be on it."""


@dataclass(slots=True)
class _Read:
    """What was read of one list so far. Its mark ``stays`` where older pages are still to be read."""

    found: dict[str, Mention] = field(default_factory=dict)
    deleted: dict[str, None] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    state: str = ""
    stays: bool = False


def visit(
    lists: Mapping[str, Ask],
    cursor: str | None,
    *,
    now: datetime,
    most_pages: int,
    backfill: timedelta,
    host: Callable[[str], str] = lambda _name: "",
) -> Batch:
    """Read every list from its newest item back to where the last visit ended, or in the order of its pages.

    A first visit goes back as far as ``backfill``. A list is left at its last page, at a page whose last item is
    known or too old, at one that repeats, or after ``most_pages``; what that leaves unread is said in ``missed``.
    Where a platform wants to be left alone, its other lists wait too: those of the same ``host``, which is told from
    the list's name.

    Raises:
        FetchError: no list could be read; the first failure says why.
    """
    marks = _load(cursor)
    kept: dict[str, Mark] = {}
    reads: list[_Read] = []
    failures: list[FetchError] = []
    alone: dict[str, FetchError] = {}
    for name, ask in lists.items():
        mark = marks.get(name, Mark())
        if host(name) in alone:
            failures.append(alone[host(name)])
        else:
            failed = len(failures)
            read = _list(
                ask, mark, since=_since(mark, now, backfill), most_pages=most_pages, failures=failures
            )
            alone |= {host(name): one for one in failures[failed:] if one.retry_after is not None}
            reads += [read] if read else []
            if read:
                kept[name] = mark if read.stays else _moved(mark, read, now)
                continue
        if name in marks:
            kept[name] = mark
    if failures and not reads:
        raise failures[0]
    return _batch(reads, failures, _dump(kept), now)


def _since(mark: Mark, now: datetime, backfill: timedelta) -> datetime:
    return now - backfill if mark.newest is None else mark.newest - OVERLAP


def _list(
    ask: Ask, mark: Mark, *, since: datetime, most_pages: int, failures: list[FetchError]
) -> _Read | None:
    """What a list holds that is new; None where its first page cannot be read. Adds to the failures."""
    read, token, asked, fresh, page = _Read(state=mark.state), "", {""}, True, Page()
    for number in range(most_pages):
        try:
            page = ask(token, since, mark)
        except FetchError as error:
            failures.append(error)
            read.stays = True
            return read if number else None
        fresh = _take(page, read)
        if not page.next or page.ends or _reaches(page, mark, since):
            return read
        if page.next in asked:
            read.missed.append(_AGAIN)
            return read
        asked.add(page.next)
        token = page.next
    # A page that holds nothing fresh may be one that what was posted meanwhile has shifted: only many are a circle.
    more = f"more than {most_pages} pages are new: those after them were not read"
    read.missed.append(more if fresh or page.unordered else _AGAIN)
    return read


def _take(page: Page, read: _Read) -> bool:
    """Add a page; whether anything on it was not read before in this visit."""
    fresh = any(mention.key not in read.found for mention in page.mentions)
    for mention in page.mentions:
        read.found.setdefault(mention.key, mention)
    read.deleted |= dict.fromkeys(page.deleted)
    read.missed += [page.missed] if page.missed else []
    read.state = page.state or read.state
    return fresh


def _reaches(page: Page, mark: Mark, since: datetime) -> bool:
    """Whether a page ends among what is known or too old; its first items may be pinned, so they say nothing."""
    if not page.mentions or page.unordered or page.forward:
        return False
    last = page.mentions[-1]
    return short(last.key) in mark.known or (last.posted_at is not None and last.posted_at < since)


def _moved(mark: Mark, read: _Read, now: datetime) -> Mark:
    dated = [mention.posted_at for mention in read.found.values() if mention.posted_at]
    dated += [mark.newest] if mark.newest else []
    hashes = dict.fromkeys(short(key) for key in read.found) | dict.fromkeys(mark.known)
    return Mark(
        newest=min(max(dated), now) if dated else None,
        known=tuple(hashes)[:MOST_KNOWN],
        state=read.state,
    )


def _batch(reads: Iterable[_Read], failures: list[FetchError], cursor: str, now: datetime) -> Batch:
    found: dict[str, Mention] = {}
    deleted: dict[str, None] = {}
    missed: dict[str, None] = {}
    for read in reads:
        found |= read.found
        deleted |= read.deleted
        missed |= dict.fromkeys(read.missed)
    missed |= dict.fromkeys(f"a part could not be read: {error}" for error in failures)
    waits = [error.retry_after for error in failures if error.retry_after is not None]
    return Batch(
        mentions=tuple(
            sorted(found.values(), key=lambda one: (one.posted_at is not None, one.posted_at or now))
        ),
        cursor=cursor,
        missed="; ".join(missed),
        not_before=now + max(waits) if waits else None,
        deleted=tuple(key for key in deleted if key not in found),
    )


def _load(text: str | None) -> Mapping[str, Mark]:
    try:
        return _Cursor.model_validate_json(text or "{}").lists
    except (ValidationError, ValueError):
        return {}


def _dump(marks: Mapping[str, Mark]) -> str:
    return _Cursor(lists=dict(list(marks.items())[:MOST_LISTS])).model_dump_json(exclude_defaults=True)
