"""Reads lists that come in pages: how far a visit goes, when it stops, and what it remembers for the next one.

A source holds one list or more (a hashtag, a search, the comments of a subreddit), each with a mark of its own in the
cursor. A list that fails leaves its mark where it was and costs the other lists nothing.

The cursor is a small JSON text: for each list the time of its newest item and short hashes of the keys seen last, and
which of several hosts asked to be left alone until when.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from connectors._keys import short
from connectors._options import Asking
from core.errors import FetchError
from core.types import Batch, Mention

MOST_KNOWN = 300
MOST_LISTS = 500
MOST_RESTS = 5
MOST_STALE = 3
# Clocks differ, and platforms index late: what is younger than this is asked for again.
OVERLAP = timedelta(hours=1)
# And searches much later: where they take a time to begin with, asking for a day more costs no further request.
INDEXED_LATE = timedelta(days=1)
_WAITS = "more pages are new than one visit reads: those after them wait for the next visits"
_AGAIN = "the source gave the same page again: what comes after it was not read"


class Rest(BaseModel):
    """Older pages that a visit did not come to: the token of the first, and before when their items are old.

    ``state`` is what the list's own was then, by which its pages were asked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: str
    since: AwareDatetime
    state: str = ""


class Mark(BaseModel):
    """How far a list was read: the time of its newest item, and the hashes of the keys read last, newest first.

    ``state`` is the list's own, for connectors whose lists are resumed by a token. ``rest`` are older pages that the
    next visits go on with, the newest first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    newest: datetime | None = None
    known: tuple[str, ...] = Field(default=(), max_length=MOST_KNOWN)
    state: str = ""
    rest: tuple[Rest, ...] = Field(default=(), max_length=MOST_RESTS)


class _Cursor(BaseModel):
    """The marks of all lists; and of several hosts those that want to be left alone, until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(default=1, ge=1, le=1)
    lists: dict[str, Mark] = Field(default_factory=dict, max_length=MOST_LISTS)
    waits: dict[str, AwareDatetime] = Field(default_factory=dict, max_length=MOST_LISTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list. ``next`` asks for the one after it, and is empty on the last.

    ``deleted`` are keys that the page says are gone, ``missed`` is what could not be read of it, ``state`` replaces
    that of the mark once the visit is over, also where a ``failure`` says why the rest was not read. ``ends`` says that
    what follows is older than what was asked for, and ``unordered`` that nothing else does: the pages go in the order
    of edits or of likeness, so that an old item ends nothing. ``onward`` says that they go from old to new, so that the
    next visit goes on by the state alone.
    """

    mentions: tuple[Mention, ...] = ()
    next: str = ""
    deleted: tuple[str, ...] = ()
    missed: str = ""
    state: str = ""
    failure: FetchError | None = None
    ends: bool = False
    unordered: bool = False
    onward: bool = False


Ask = Callable[[str, datetime, Mark], Page]
"""Gives the page of a token (the first one's is empty); items posted before the moment need not be on it."""


@dataclass(slots=True)
class _Read:
    """What was read of one list so far, in so many ``pages``.

    Its mark ``stays`` where a page failed, and ``rest`` is what the next visits go on with.
    """

    found: dict[str, Mention] = field(default_factory=dict)
    deleted: dict[str, None] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    state: str = ""
    stays: bool = False
    pages: int = 0
    rest: list[Rest] = field(default_factory=list)


def visit(
    lists: Mapping[str, Ask],
    cursor: str | None,
    options: Asking,
    *,
    now: datetime,
    host: Callable[[str], str] = lambda _name: "",
) -> Batch:
    """Read every list from its newest item back to where the last visit ended, or in the order of its pages.

    A first visit goes back as far as the ``options`` say. A list is left at its last page, at one whose last item is
    too old (or known, where it has no date), at one that repeats, or after so many pages as they allow; what that
    leaves unread is said in ``missed``, and read on the next visits where the pages are in order. Where a platform
    wants to be left alone, its other lists wait too: those of the same ``host``, which is told from the list's name. Of
    several hosts each is left alone for itself, on further visits too.

    Raises:
        FetchError: no list could be read. It says when to come again where a platform does, else it is the first.
    """
    before, hosts = _load(cursor), {host(name) for name in lists}
    marks, kept, reads = before.lists, dict[str, Mark](), list[_Read]()
    failures: list[FetchError] = []
    alone = {
        name: _left(until - now) for name, until in before.waits.items() if until > now and name in hosts
    }
    for name, ask in lists.items():
        mark = marks.get(name, Mark())
        if host(name) in alone:
            failures.append(alone[host(name)])
            continue
        own: list[FetchError] = []
        if read := _listed(ask, mark, options, failures=own, now=now):
            reads.append(read)
            kept[name] = mark if read.stays else _moved(mark, read, now)
        failures += own
        alone |= {host(name): one for one in own if one.retry_after is not None}
    if failures and not reads:
        raise min(alone.values(), key=_wait) if alone else failures[0]
    if failures:  # one of them may be why a list was not among those to be read
        kept = {name: mark for name, mark in marks.items() if name not in kept} | kept
    waits = {name: now + _wait(error) for name, error in alone.items()}
    return replace(
        _batch(reads, failures, now),
        cursor=_dump(kept, waits if len(hosts) > 1 else {}),
        not_before=min(waits.values()) if waits and waits.keys() == hosts else None,
    )


def _left(wait: timedelta) -> FetchError:
    return FetchError("a server asks to be left alone", temporary=True, retry_after=wait)


def _wait(error: FetchError) -> timedelta:
    return error.retry_after or timedelta()


def _listed(
    ask: Ask, mark: Mark, options: Asking, *, failures: list[FetchError], now: datetime
) -> _Read | None:
    """A list's new pages, then older ones; None where its first page cannot be read. Adds to the failures."""
    since = now - options.backfill if mark.newest is None else mark.newest - OVERLAP
    read = _newest(ask, mark, since=since, most_pages=options.max_pages, failures=failures)
    if read:
        _go_on(ask, mark, read, most_pages=options.max_pages, failures=failures)
    return read


def _newest(
    ask: Ask, mark: Mark, *, since: datetime, most_pages: int, failures: list[FetchError]
) -> _Read | None:
    """What a list holds that is new; None where its first page cannot be read. Adds to the failures."""
    read, token, asked, stale, page = _Read(state=mark.state), "", {""}, 0, Page()
    for number in range(most_pages):
        try:
            page = ask(token, since, mark)
        except FetchError as error:
            failures.append(error)
            read.stays = True
            return read if number else None
        stale = 0 if _take(page, read) else stale + 1
        failures += [page.failure] if page.failure else []
        if not page.next or page.ends or _reaches(page, mark, since):
            return read
        if page.next in asked:
            read.missed.append(_AGAIN)
            return read
        asked.add(page.next)
        token = page.next
    # A page that holds nothing fresh may be one that what was posted meanwhile has shifted: only many are a circle.
    circle = stale >= MOST_STALE and not page.onward
    if page.unordered or page.onward or not all(short(one.key) in mark.known for one in page.mentions):
        read.missed.append(_AGAIN if circle else _WAITS)
        read.rest += [] if circle or page.onward else [Rest(token=page.next, since=since, state=mark.state)]
    return read


def _go_on(ask: Ask, mark: Mark, read: _Read, *, most_pages: int, failures: list[FetchError]) -> None:
    """Read older pages that earlier visits did not come to: one at least, but none once we are to leave it alone."""
    for rest in mark.rest:
        token, asked, then = rest.token, {rest.token}, mark.model_copy(update={"state": rest.state})
        while token and read.pages <= most_pages and not any(one.retry_after for one in failures):
            try:
                page = ask(token, rest.since, then)
            except FetchError as error:
                failures.append(error)
                # What cannot be read for good is let go: the platform has forgotten the place.
                token = token if error.temporary else ""
                break
            state = read.state
            _take(page, read)
            read.state = state  # which is that of the newest pages
            failures += [page.failure] if page.failure else []
            token = "" if page.ends or page.next in asked or _reaches(page, mark, rest.since) else page.next
            asked.add(token)
        if token:
            read.rest.append(rest.model_copy(update={"token": token}))
            read.missed.append(_WAITS)


def _take(page: Page, read: _Read) -> bool:
    """Add a page; whether anything on it was not read before in this visit."""
    fresh = any(mention.key not in read.found for mention in page.mentions)
    for mention in page.mentions:
        read.found.setdefault(mention.key, mention)
    read.deleted |= dict.fromkeys(page.deleted)
    read.missed += [page.missed] if page.missed else []
    read.state = page.state or read.state
    read.pages += 1
    return fresh


def _reaches(page: Page, mark: Mark, since: datetime) -> bool:
    """Whether a page ends among what is too old; its first items may be pinned, so they say nothing.

    A known item ends it only where it has no date: what is indexed late stands behind what is known.
    """
    if not page.mentions or page.unordered or page.onward:
        return False
    last = page.mentions[-1]
    return last.posted_at < since if last.posted_at else short(last.key) in mark.known


def _moved(mark: Mark, read: _Read, now: datetime) -> Mark:
    dated = [mention.posted_at for mention in read.found.values() if mention.posted_at]
    dated += [mark.newest] if mark.newest else []
    hashes = dict.fromkeys(short(key) for key in read.found) | dict.fromkeys(mark.known)
    return Mark(
        newest=min(max(dated), now) if dated else None,
        known=tuple(hashes)[:MOST_KNOWN],
        state=read.state,
        rest=_few(read.rest),
    )


def _few(rests: Sequence[Rest]) -> tuple[Rest, ...]:
    """Where there are too many, the oldest become one that begins at the newer: it reads again what lies between."""
    kept, old = tuple(rests[: MOST_RESTS - 1]), rests[MOST_RESTS - 1 :]
    return (*kept, old[0].model_copy(update={"since": min(one.since for one in old)})) if old else kept


def _batch(reads: Iterable[_Read], failures: Iterable[FetchError], now: datetime) -> Batch:
    found: dict[str, Mention] = {}
    deleted: dict[str, None] = {}
    missed: dict[str, None] = {}
    for read in reads:
        found |= read.found
        deleted |= read.deleted
        missed |= dict.fromkeys(read.missed)
    missed |= dict.fromkeys(f"a part could not be read: {error}" for error in failures)
    return Batch(
        mentions=tuple(
            sorted(found.values(), key=lambda one: (one.posted_at is not None, one.posted_at or now))
        ),
        missed="; ".join(missed),
        deleted=tuple(key for key in deleted if key not in found),
    )


def _load(text: str | None) -> _Cursor:
    try:
        return _Cursor.model_validate_json(text or "{}")
    except (ValidationError, ValueError):
        return _Cursor()


def _dump(marks: Mapping[str, Mark], waits: Mapping[str, datetime]) -> str:
    lists = dict(list(marks.items())[-MOST_LISTS:])  # the last ones are those that were read on this visit
    return _Cursor(lists=lists, waits=dict(waits)).model_dump_json(exclude_defaults=True)
