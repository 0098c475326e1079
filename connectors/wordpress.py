"""Sites that run WordPress: posts and comments, through the REST interface that the site leaves open.

The cursor is that of ``connectors._walk``: for each list the time of its newest item and hashes of the keys seen last,
and which of them to look at again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from connectors._again import Again
from connectors._changed import read_from, read_to
from connectors._failures import refusal
from connectors._http import Client, Response
from connectors._json import Shape, link, read
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._terms import Terms
from connectors._text import html_to_text
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query.dialects import PLAIN
from core.types import Batch, Mention

PLATFORM = "blog"
SAMPLE = "wordpress/posts.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="none published: robots.txt is honoured, and at most 100 items are asked for at a time",
    deletion="what is gone is noticed by looking again, for two days",
)
PER_PAGE = 100
LATE = timedelta(days=3)  # a comment keeps the time of its writing, however late the site's owner approves it
CLOSED = frozenset({401, 403, 404})
KINDS = {"posts": "article", "comments": "comment"}


class Options(Asking):
    """What can be set for a site; without a query all its posts are read. ``base`` is the site's address."""

    base: Address
    comments: bool = True


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """New and edited posts, and new comments; raises FetchError."""
    again = Again(client.now(), PER_PAGE)
    site = _Site(options, client)
    words = asked(options, PLAIN) if options.query.strip() else ("",)
    lists: dict[str, Ask] = {}
    for one in words:
        lists[f"posts:{short(one)}"] = site.listing("posts", one, again)
        lists[f"edits:{short(one)}"] = site.listing("posts", one, again, order="modified")
    for one in words if options.comments else ():
        # The search of comments knows no quotes: it would look for them.
        lists[f"comments:{short(one)}"] = site.listing("comments", one.replace('"', ""), again)
    return visit(lists | {"again": again.ask(site.look)}, cursor, options, now=client.now())


def parse(answer: Shape, kind: str, *, source: str, now: datetime) -> list[Mention]:
    """The posts or comments (``kind``) in an answer; raises FetchError where it is no list."""
    made = [_mention(item, kind, source, now) for item in answer.listed()]
    return [one for one in made if one]


class _Site:
    """The lists of one site."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options = options
        self._client = client

    def listing(self, kind: str, words: str, again: Again, order: str = "date") -> Ask:
        """Posts or comments, newest first, or those edited last first."""

        def ask(token: str, since: datetime, mark: Mark) -> Page:
            number, now = int(token or 1), self._client.now()
            start = read_from(mark, since) if order == "modified" else since
            start -= LATE if kind == "comments" else timedelta()
            answer = self._get(kind, {"search": words, "page": number} | _ordered(order, start))
            if answer.status == 400:
                return _past_the_end(answer, number, now)
            items = read(answer)
            mentions = parse(items, kind, source=self._options.name, now=now)
            again.saw((mention.key, mention) for mention in mentions)
            times = [item.when(now, f"{order}_gmt") for item in items.listed()]
            whole = Shape(answer.headers.get("x-wp-totalpages")).number()
            more = number < whole if whole is not None else len(times) == PER_PAGE
            return Page(
                mentions=tuple(mentions),
                next=str(number + 1) if more else "",
                # An old WordPress knows no modified_after.
                ends=any(when < start for when in times[-1:] if when),
                state=read_to(times, token, now) if order == "modified" else "",
                unordered=True,
            )

        return ask

    def look(self, keys: Mapping[str, str]) -> Page:
        """What has become of items found before."""
        page = Page()
        for kind in KINDS:
            mine = [key for key in keys if key.startswith(f"{kind}-")]
            if not mine:
                continue
            idents = ",".join(key.removeprefix(f"{kind}-") for key in mine)
            answer = read(self._get(kind, {"include": idents}))
            mentions = parse(answer, kind, source=self._options.name, now=self._client.now())
            shown = {mention.key for mention in mentions}
            if shown - set(mine):
                raise FetchError("the site shows other items than those that were asked for", temporary=True)
            page = replace(
                page,
                mentions=(*page.mentions, *mentions),
                deleted=(*page.deleted, *(key for key in mine if key not in shown)),
            )
        return page

    def _get(self, kind: str, params: Mapping[str, object]) -> Response:
        given = {"per_page": PER_PAGE, "_embed": "author" if kind == "posts" else ""} | dict(params)
        url = link(self._options.base, f"/wp-json/wp/v2/{kind}", given)
        try:
            return self._client.get(url, {"Accept": "application/json"}, robots=True, errors=(400,))
        except FetchError as error:
            if error.status not in CLOSED:
                raise
            raise FetchError(
                f'{error}: the REST interface is closed; use kind "rss" with the address of the site\'s /feed/',
                temporary=False,
                status=error.status,
            ) from None


def _ordered(order: str, start: datetime) -> dict[str, object]:
    after = "after" if order == "date" else "modified_after"
    return {"orderby": order, "order": "desc", after: f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _past_the_end(answer: Response, number: int, now: datetime) -> Page:
    """Items can go while pages are turned: a page too far is the end; any other refusal is raised."""
    if number > 1 and read(answer).text("code").endswith("_invalid_page_number"):
        return Page()
    raise refusal(urlsplit(answer.url).hostname or "", answer.status, answer.headers, now)


def _mention(item: Shape, kind: str, source: str, now: datetime) -> Mention | None:
    ident, url = item.ident("id"), item.web("link")
    title = " ".join(html_to_text(item.text("title", "rendered")).split())
    text = html_to_text(item.text("content", "rendered"))
    if not ident or not url or not (title or text):
        return None
    writer = next(iter(item.items("_embedded", "author")), Shape(None))
    return Mention(
        source=source,
        key=f"{kind}-{ident}",
        url=url,
        text=text,
        platform=PLATFORM,
        title=title,
        author=html_to_text(item.text("author_name") or writer.text("name")),
        posted_at=item.when(now, "date_gmt"),
        kind=KINDS[kind],
    )
