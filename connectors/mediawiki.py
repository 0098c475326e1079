"""Wikis that run MediaWiki, Wikipedia among them: pages and talk pages, edit summaries, deletions.

The cursor is that of ``connectors._walk``: for each search the time of its newest page and hashes of the keys seen
last, for the lists of changes and deletions the time up to which they were read.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pydantic import Field

from connectors import _wiki
from connectors._changed import read_from, read_to
from connectors._http import Client
from connectors._json import Shape, link
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._sift import query_of
from connectors._terms import Terms
from connectors._walk import INDEXED_LATE, Ask, Mark, Page, visit
from core.query import Item, Query
from core.query.dialects import MEDIAWIKI
from core.types import Batch, Mention

PLATFORM = "wiki"
SAMPLE = "mediawiki/pages.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="none in numbers for reading: one request after the other, none while the databases are behind (maxlag)",
    deletion="deleted pages are followed by the deletion log",
)
PER_SEARCH = 50
PER_LIST = 500
LATE = timedelta(minutes=5)  # what the lists of changes are read again for: databases that lag behind
NO_SUCH_ORDER = frozenset({"badvalue", "unknown_srsort"})


class Options(Asking):
    """What can be set for a wiki. ``base`` is the address of its api.php; even ``namespaces`` are pages, odd ones talk.

    ``changes`` also reads the list of recent changes, for titles and edit summaries.
    """

    base: Address = "https://en.wikipedia.org/w/api.php"
    namespaces: tuple[int, ...] = Field(default=(0, 1), min_length=1)
    changes: bool = True


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """The pages that match and were edited since the last visit; raises FetchError."""
    query = query_of(options)
    lists = {f"search:{short(words)}": _search(words, options, client) for words in asked(options, MEDIAWIKI)}
    lists |= {"changes": _changes(query, options, client)} if options.changes else {}
    return visit(lists | {"deleted": _deleted(query, options, client)}, cursor, options, now=client.now())


def parse(answer: Shape, *, source: str, now: datetime) -> Page:
    """The pages in an answer to ``prop=revisions|info``; raises FetchError where it holds none at all."""
    return _wiki.parse(answer, source, now)


def _search(words: str, options: Options, client: Client) -> Ask:
    order = {"srsort": "last_edit_desc"}

    def ask(token: str, since: datetime, _mark: Mark) -> Page:
        params = {"list": "search", "srsearch": words, "srwhat": "text", "srprop": "timestamp"}
        params |= {"srlimit": str(PER_SEARCH), "srnamespace": _joined(options), "sroffset": token}
        try:
            answer = _wiki.ask(client, options.base, params | order)
        except _wiki.RefusedError as error:
            if error.code not in NO_SUCH_ORDER or not order:
                raise
            order.clear()  # the database's own search knows but likeness
            answer = _wiki.ask(client, options.base, params)
        hits = [
            (hit.ident("pageid"), hit.when(client.now(), "timestamp"))
            for hit in answer.listed("query", "search")
        ]
        start = since - INDEXED_LATE
        page = _wiki.pages(
            client, options.base, [key for key, when in hits if when is None or when >= start], options.name
        )
        last = hits[-1][1] if hits else None
        ends = bool(order) and last is not None and last < start
        return replace(page, next=answer.ident("continue", "sroffset"), ends=ends, unordered=True)

    return ask


def _changes(query: Query, options: Options, client: Client) -> Ask:
    def ask(token: str, since: datetime, mark: Mark) -> Page:
        params = {"list": "recentchanges", "rcprop": "title|ids|timestamp|comment|user", "rctype": "edit|new"}
        params |= {"rclimit": str(PER_LIST), "rcnamespace": _joined(options), "rccontinue": token}
        answer = _wiki.ask(client, options.base, params | {"rcend": _until(mark, since)})
        rows = answer.listed("query", "recentchanges")
        named = query.sift([row.text("title") for row in rows])
        page = _wiki.pages(
            client, options.base, [rows[index].ident("pageid") for index in named], options.name
        )
        said = [rows[index] for index in query.sift([row.text("comment") for row in rows])]
        edits = [_edit(row, options, client.now()) for row in said if row.ident("revid")]
        whole = replace(page, mentions=(*page.mentions, *edits), next=answer.ident("continue", "rccontinue"))
        return _onwards(whole, rows, token=token, mark=mark, now=client.now())

    return ask


def _deleted(query: Query, options: Options, client: Client) -> Ask:
    last, told = dict[str, str](), set[str]()

    def ask(token: str, since: datetime, mark: Mark) -> Page:
        params = {"list": "logevents", "letype": "delete", "leprop": "ids|timestamp|type"}
        params |= {
            "lelimit": str(PER_LIST),
            "lecontinue": token,
            "ledir": "newer",
            "lestart": _until(mark, since),
        }
        answer = _wiki.ask(client, options.base, params)
        rows = answer.listed("query", "logevents")
        # The newest event of a page counts: from old to new, a visit that breaks off has not seen a later one.
        for row in rows:
            if row.ident("logpage") not in ("", "0") and row.text("action") in ("delete", "restore"):
                last[row.ident("logpage")] = row.text("action")
        # On a first visit nothing has been taken for deleted.
        back = [key for key, action in last.items() if action == "restore" and key not in told and mark.state]
        page = _wiki.pages(client, options.base, back, options.name)
        told.update(back)
        kept = query.sift([Item.of(mention) for mention in page.mentions])
        whole = Page(
            mentions=tuple(page.mentions[index] for index in kept),
            deleted=tuple(key for key, action in last.items() if action == "delete"),
            next=answer.ident("continue", "lecontinue"),
        )
        times = (row.when(client.now(), "timestamp") for row in rows)
        return replace(whole, state=read_to(times, "", client.now()), ends=not mark.state, onward=True)

    return ask


def _joined(options: Options) -> str:
    return "|".join(map(str, options.namespaces))


def _until(mark: Mark, since: datetime) -> str:
    """How far back a list is read, as the API writes times."""
    return f"{read_from(mark, since, LATE).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _onwards(page: Page, rows: list[Shape], *, token: str, mark: Mark, now: datetime) -> Page:
    """A page of a list that is read by time alone. A first visit reads but one: it has nothing to catch up with."""
    state = read_to((row.when(now, "timestamp") for row in rows), token, now)
    return replace(page, state=state, ends=not mark.state, unordered=True)


def _edit(row: Shape, options: Options, now: datetime) -> Mention:
    """An edit as a mention of its own, for what its summary says."""
    diff = link(f"{options.base.removesuffix('api.php')}index.php", "", {"diff": row.ident("revid")})
    return Mention(
        source=options.name,
        key=f"edit:{row.ident('revid')}",
        url=diff,
        text=row.text("comment"),
        platform=PLATFORM,
        title=row.text("title"),
        author=row.text("user"),
        posted_at=row.when(now, "timestamp"),
        kind="comment",
    )
