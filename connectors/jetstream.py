"""Jetstream: the stream of all posts on Bluesky, of which only what the query keeps is taken.

The cursor is a small JSON text: the time of the newest event read, in microseconds since 1970, as Jetstream counts.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors import _bsky, _stream
from connectors._dates import from_epoch
from connectors._http import Client
from connectors._json import Shape, link
from connectors._options import Asking
from connectors._sift import query_of
from connectors._terms import Terms
from core.errors import FetchError
from core.query import Item, Query
from core.sections import Duration
from core.types import Batch, Mention

PLATFORM = "bluesky"
SAMPLE = "jetstream/stream.jsonl"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="none published; one connection at a time",
    deletion="the stream tells what was deleted, and that is to be deleted here",
)
OVERLAP = timedelta(seconds=5)  # events are not strictly in the order of their times
GAP = timedelta(minutes=5)
BEHIND = timedelta(hours=1)
AHEAD = timedelta(hours=1)  # what claims to be from further on would lead the cursor astray
MOST_BYTES = 256 * 1024  # of one event; posts are far smaller
MOST_DELETED = 50_000
_MICRO = timedelta(microseconds=1)


def _socket(url: object) -> object:
    if not isinstance(url, str) or not url.lower().startswith(("ws://", "wss://")):
        raise ValueError("must start with ws:// or wss://")
    return url.rstrip("/")


class Options(Asking):
    """What can be set for the stream. A visit reads until now, but ``seconds`` and ``most`` events at the longest."""

    base: Annotated[str, BeforeValidator(_socket)] = "wss://jetstream2.us-east.bsky.network"
    backfill: Duration = timedelta(minutes=10)
    seconds: int = Field(default=45, ge=1, le=600)
    most: int = Field(default=200_000, ge=1)


class _Cursor(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(ge=1, le=1)
    time_us: int = Field(ge=0, le=10**17)


@dataclass(slots=True)
class _Window:
    """What was read of the stream on one visit: posts kept, keys deleted, and between which times."""

    options: Options
    query: Query
    now: datetime
    found: dict[str, Mention] = field(default_factory=dict)
    deleted: dict[str, None] = field(default_factory=dict)
    events: int = 0
    unreadable: int = 0
    forgotten: int = 0
    first: int = 0
    last: int = 0

    def take(self, line: bytes) -> None:
        """Add an event; what is none is counted."""
        self.events += 1
        event = _event(line)
        moment = event.number("time_us") or 0
        if not 0 < moment <= _micro(self.now + AHEAD):
            self.unreadable += 1
            return
        self.first = self.first or moment
        self.last = max(self.last, moment)
        commit = event.at("commit")
        if event.text("kind") != "commit" or commit.text("collection") != _bsky.POST:
            return
        key = _bsky.uri(event.text("did"), commit.text("rkey"))
        self.found.pop(key, None)
        if commit.text("operation") == "delete":
            self._delete(key)
            return
        post = parse(event, source=self.options.name, now=self.now)
        if post and self.query.sift([Item.of(post)]):
            self.found[key] = post
            self.deleted.pop(key, None)

    def _delete(self, key: str) -> None:
        if not _bsky.page(key):
            return
        self.deleted[key] = None
        if len(self.deleted) > MOST_DELETED:
            del self.deleted[next(iter(self.deleted))]
            self.forgotten += 1

    def missed(self, start: int) -> Iterator[str]:
        """What may be missing in it, in words."""
        if not self.first:
            yield f"no event came within {self.options.seconds} seconds"
        elif self.first - start > GAP / _MICRO:
            yield f"the server does not keep events that long: {_span(self.first - start)} were not read"
        if self.last and _micro(self.now - BEHIND) > self.last:
            yield f"the reading is {_span(_micro(self.now) - self.last)} behind the stream"
        if self.unreadable:
            yield f"{self.unreadable} events could not be read"
        if self.forgotten:
            yield f"{self.forgotten} deletions were too many to be kept"


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """Read from where the last visit ended up to now; raises FetchError."""
    now, before = client.now(), _load(cursor)
    window = _Window(options, query_of(options), now)
    start = (before if before is not None else _micro(now - options.backfill)) - OVERLAP // _MICRO
    given = {"wantedCollections": _bsky.POST, "cursor": max(start, 1), "maxMessageSizeBytes": MOST_BYTES}
    url = link(options.base, "/subscribe", given)
    try:
        with closing(_stream.messages(url, client, seconds=options.seconds, most_bytes=MOST_BYTES)) as lines:
            for line in lines:
                window.take(line)
                if window.last >= _micro(now) or window.events >= options.most:
                    break
    except FetchError:
        # Where a stream broke off the next visit goes on; where it always breaks off at the same event, it is stuck.
        if window.last <= (before or 0):
            raise
    newest = min(max(window.last, before or 0, start), _micro(now))
    return Batch(
        mentions=tuple(window.found.values()),
        cursor=_Cursor(v=1, time_us=newest).model_dump_json(),
        missed="; ".join(window.missed(start)),
        deleted=tuple(window.deleted),
    )


def parse(event: Shape, *, source: str, now: datetime) -> Mention | None:
    """The post that an event of the stream creates or changes, or None."""
    key = _bsky.uri(event.text("did"), event.text("commit", "rkey"))
    seen = from_epoch((event.number("time_us") or 0) / 1e6)
    return _bsky.mention(
        key, event.at("commit", "record"), source=source, author=event.text("did"), seen=seen, now=now
    )


def _event(line: bytes) -> Shape:
    try:
        return Shape(json.loads(line))
    except (ValueError, RecursionError):
        return Shape(None)


def _load(text: str | None) -> int | None:
    try:
        return _Cursor.model_validate_json(text or "").time_us
    except (ValidationError, ValueError):
        return None


def _micro(when: datetime) -> int:
    return int(when.timestamp() * 1_000_000)


def _span(micro: int) -> str:
    """A stretch of time in hours and minutes."""
    minutes = micro // 60_000_000
    return f"{minutes // 60} h {minutes % 60} min"
