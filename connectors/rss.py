"""Feeds: RSS, RDF, CDF, Atom and JSON Feed.

The cursor is a small JSON text (``_cursor.Cursor``): the validators of the last answer (ETag, Last-Modified),
where the feed has moved for good, and hashes of the newest entries, by which a visit sees that it came too
late and that something may have been missed.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice

from pydantic import BaseModel, ConfigDict, Field

from connectors import _articles, _cursor, _jsonfeed, _keys, _paging, _xmlfeed
from connectors._dates import LONGEST_FRESH, fresh_for, plausible
from connectors._entry import By, Entry, Feed, Page
from connectors._http import Client, Response
from connectors._options import Platform, WebAddress
from connectors._terms import Terms
from core.errors import FetchError
from core.types import Batch, Mention

# What a feed is nobody can tell from it; what is called news is the press, which is never asked to take anything down.
PLATFORM = "blog"
SAMPLE = "rss/oakfield.xml"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="as often as the feed itself and its server allow (ttl, Cache-Control, Retry-After)",
    deletion="a feed says nothing of what is deleted: whoever answers for the site may ask for it",
)
# What an entry most likely is where the feed is called so; elsewhere it is a post.
_KINDS = {
    "news": "article",
    "blog": "article",
    "review": "review",
    "wiki": "page",
    "youtube": "video",
    "vimeo": "video",
}
ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, */*;q=0.1"


class Options(BaseModel):
    """What can be set for a feed.

    ``max_pages`` bounds how many older pages (RFC 5005) are read to close a gap, ``max_entries`` the entries
    of one visit. ``full_text`` reads the linked article of each new entry.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    url: WebAddress
    platform: Platform = PLATFORM
    full_text: bool = False
    max_pages: int = Field(default=10, ge=1, le=100)
    max_entries: int = Field(default=10_000, ge=1, le=_cursor.MOST_ENTRIES)


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit: every entry of the feed, or nothing where it has not changed.

    Raises FetchError. An edited entry comes again under its key; telling old from new is storage's work.
    """
    last = _cursor.load(cursor, options.url)
    answer, last = _ask(last, client)
    if answer.status == 304 and not last.etag and not last.modified:
        raise FetchError("the feed answered 304 although it was not asked what changed", temporary=True)
    body = hashlib.sha256(answer.content).hexdigest()[:16]
    if answer.status == 304 or body == last.body:
        not_before = _next_visit(answer, timedelta(seconds=last.wait), client)
        return Batch(cursor=_cursor.dump(last), not_before=not_before, unchanged=True)
    known = {item.partition(".")[0] for item in last.known} | set(last.waiting)
    first = _page(options, answer, last.shared, client)

    def older(url: str, shared: Mapping[str, By]) -> Page:
        return _page(options, client.get(url, {"Accept": ACCEPT}), shared, client)

    read = _paging.read(first, answer.url, known, options.max_pages, older)
    validators = {
        "body": body,
        "etag": _cursor.header(answer.headers.get("etag"), 1000),
        "modified": _cursor.header(answer.headers.get("last-modified"), 100),
    }
    return _batch(options, answer, read, last.model_copy(update=validators), client)


def parse(
    content: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    name: str = "",
    platform: str = PLATFORM,
    now: datetime,
    shared: Mapping[str, By] | None = None,
) -> Page:
    """Reads a feed's body: pure. ``url`` is where it came from, ``name`` the source's name.

    ``shared`` is what earlier visits learnt of ids that several entries share. A date that cannot be is None.
    Raises FetchError: permanent where the body is no feed, temporary where it is empty or broke off.
    """
    kind = headers.get("content-type", "").lower()
    is_json = _jsonfeed.looks_like(content, kind)
    feed: Feed = _jsonfeed.parse(content, url) if is_json else _xmlfeed.parse(content, headers, url)
    keys, known = _keys.keys(feed.entries, dict(shared or {}))
    mentions = {
        key: _mention(entry, key, name, platform, now)
        for key, entry in zip(reversed(keys), reversed(feed.entries), strict=True)
    }
    return Page(
        mentions=_oldest_first(mentions.values()),
        next_url=feed.next_url,
        ttl=feed.ttl,
        broken_off=feed.broken_off,
        cut=feed.cut,
        shared=known,
    )


def _mention(entry: Entry, key: str, name: str, platform: str, now: datetime) -> Mention:
    return Mention(
        source=name,
        key=key,
        url=entry.link if entry.link.lower().startswith(("http://", "https://")) else "",
        text=entry.text,
        title=entry.title,
        author=entry.author,
        platform=platform,
        posted_at=plausible(entry.posted_at, now) or plausible(entry.updated_at, now),
        kind=_KINDS.get(platform, "post"),
    )


def _oldest_first(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """By date; what has none stays beside its neighbour. Expects the feed's order, reversed."""
    dated: list[tuple[datetime | None, Mention]] = []
    last: datetime | None = None
    for mention in mentions:
        last = mention.posted_at or last
        dated.append((last, mention))
    early = [mention for when, mention in dated if when is None]
    rest = sorted(((when, m) for when, m in dated if when is not None), key=lambda pair: pair[0])
    return (*early, *(mention for _, mention in rest))


def _ask(last: _cursor.Cursor, client: Client) -> tuple[Response, _cursor.Cursor]:
    """The answer, and the cursor with where the feed is now."""
    headers = {"Accept": ACCEPT}
    if last.etag:
        headers["If-None-Match"] = last.etag
    if last.modified:
        headers["If-Modified-Since"] = last.modified
    try:
        answer = client.get(last.moved_to or last.url, headers)
    except FetchError as error:
        if not last.moved_to or error.temporary:
            raise
        # The new address has died: the configured one may know better. Its validators are its own.
        fresh = last.model_copy(update={"moved_to": "", "etag": "", "modified": "", "body": ""})
        return _ask(fresh, client)
    moved_to = answer.permanent_url or last.moved_to
    return answer, last.model_copy(update={"moved_to": "" if moved_to == last.url else moved_to})


def _page(options: Options, answer: Response, shared: Mapping[str, By], client: Client) -> Page:
    return parse(
        answer.content,
        answer.headers,
        answer.url,
        name=options.name,
        platform=options.platform,
        now=client.now(),
        shared=shared,
    )


def _batch(
    options: Options, answer: Response, read: _paging.Pages, last: _cursor.Cursor, client: Client
) -> Batch:
    newest = read.pages[0]
    found = list({m.key: m for page in reversed(read.pages) for m in page.mentions}.values())
    missed = [read.gap, *dict.fromkeys(page.cut for page in read.pages)]
    if len(found) > options.max_entries:
        missed.append(
            f"the feed holds {len(found)} entries, of which the newest {options.max_entries} were read"
        )
        found = found[-options.max_entries :]
    broken_off = any(page.broken_off for page in read.pages)
    missed.append("the feed broke off before its end" if broken_off else "")
    filled = _articles.Filled(mentions=tuple(found))
    if options.full_text:
        filled = _articles.fill(found, set(last.known), last.waiting, client)
    missed.append(filled.missed)
    if broken_off or filled.waiting:  # a 304 next time would hide what is still to come
        last = last.model_copy(update={"etag": "", "modified": "", "body": ""})
    ttl = min(newest.ttl or timedelta(0), LONGEST_FRESH)
    cursor = last.model_copy(
        update={
            "wait": int(ttl.total_seconds()),
            "known": _known(found, filled.waiting, last, options),
            "waiting": filled.waiting,
            "shared": dict(list(read.pages[-1].shared.items())[-_cursor.MOST_KNOWN :]),
        }
    )
    return Batch(
        mentions=filled.mentions,
        cursor=_cursor.dump(cursor),
        missed="; ".join(filter(None, missed)),
        not_before=_next_visit(answer, ttl, client),
    )


def _next_visit(answer: Response, ttl: timedelta, client: Client) -> datetime | None:
    wait = fresh_for(answer.headers, client.now(), ttl)
    return client.now() + wait if wait else None


def _known(
    found: list[Mention], waiting: Collection[str], last: _cursor.Cursor, options: Options
) -> tuple[str, ...]:
    """The newest entries first; entries no longer in the feed stay known while there is room.

    With articles every entry of the feed stays known, or those forgotten would come again as excerpts.
    """
    keys = {_keys.short(m.key): _keys.mark(m) for m in reversed(found)}
    here = [mark for key, mark in keys.items() if key not in waiting]
    gone = (item for item in last.known if item.partition(".")[0] not in keys)
    room = _cursor.MOST_KNOWN + (len(here) if options.full_text else 0)
    return tuple(islice((*here, *gone), room))
