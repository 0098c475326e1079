"""A business account on Instagram: photos and videos that tag it, comments on its own, and hashtags. Words only.

The cursor is that of ``_walk``: of each list the time of the newest item and short hashes of those seen last; of a
hashtag also its id and when that was looked up.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from pydantic import Field

from connectors import _graph
from connectors._http import Client
from connectors._json import Shape
from connectors._keys import short
from connectors._terms import Budget, Terms
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query import hashtags
from core.query import parse as parse_query
from core.types import Batch, Mention

PLATFORM = "instagram"
SAMPLE = "instagram/tags.json"
WEEK = timedelta(days=7)
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="30 different hashtags in 7 days; Meta limits the requests of an app and says when it may be asked again.",
    deletion="What its author deletes is no longer shown, and must be deleted on request.",
    keys=("token",),
    approval="Hashtag search and reading comments need Meta's App Review of the app.",
    budgets={"hashtags": Budget(units=30, per=WEEK)},
)
COMMENT = "id,text,timestamp,username"
MEDIA = "id,caption,permalink,timestamp,media_type"
OWN = f"{MEDIA},username"
THREAD = f"{COMMENT},replies.limit(50){{{COMMENT}}}"
KINDS = {"VIDEO": "video", "IMAGE": "photo", "CAROUSEL_ALBUM": "photo"}


class Options(_graph.Graphing):
    """``user`` is the account's id. ``hashtags`` stand without #, by default those that the query makes; comments are
    read below its newest ``posts``.
    """

    user: str = Field(pattern=r"^[0-9]{1,30}$")
    hashtags: tuple[str, ...] = Field(default=(), max_length=30)
    posts: int = Field(default=25, ge=1, le=50)


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit; raises FetchError where no list can be read."""
    now = client.now()

    def edge(path: str, fields: str, first: Shape | None = None, post: str = "") -> Ask:
        read = partial(parse, name=options.name, now=now, post=post)
        return _graph.listing(options, client, path, {"fields": fields, "limit": 50}, read, first=first)

    lists = {"tags": edge(f"{options.user}/tags", OWN)}
    try:
        newest = {"fields": f"{OWN},comments.limit(50){{{THREAD}}}", "limit": options.posts}
        media = _graph.ask(options, client, f"{options.user}/media", newest)
        lists["media"] = edge(f"{options.user}/media", OWN, media)
        for item in media.listed("data"):
            if item.ident("id") and item.at("comments"):
                path = f"{item.ident('id')}/comments"
                lists[path] = edge(path, THREAD, item.at("comments"), item.text("permalink"))
    except FetchError as error:
        lists["media"] = _graph.broken(error)
    wanted = options.hashtags or (hashtags(parse_query(options.query)) if options.query else ())
    lists |= {f"hashtag:{short(tag.lower())}": _hashtag(tag.lower(), options, client) for tag in wanted[:30]}
    return visit(lists, cursor, now=now, most_pages=options.max_pages, backfill=options.backfill)


def parse(shape: Shape, *, name: str, now: datetime, post: str = "") -> tuple[Mention, ...]:
    """The media of a page of a list, or the comments with their replies where ``post`` is what they stand below."""
    return tuple(
        Mention(
            source=name,
            key=item.ident("id"),
            url=item.text("permalink") or (f"{post.rstrip('/')}/c/{item.ident('id')}/" if post else ""),
            text=item.text("caption") or item.text("text"),
            platform=PLATFORM,
            author=item.text("username"),
            posted_at=item.when(now, "timestamp"),
            kind="comment" if item.text("text") else KINDS.get(item.text("media_type"), "post"),
        )
        for item in _flat(shape)
        if item.ident("id") and (item.text("caption") or item.text("text"))
    )


def _flat(shape: Shape) -> Iterator[Shape]:
    """The items of a page, each after its replies: the last one must be the oldest of the list itself."""
    for item in shape.listed("data"):
        yield from item.items("replies", "data")
        yield item


def _hashtag(tag: str, options: Options, client: Client) -> Ask:
    """The newest media under a hashtag; once in 7 days its id is looked up and taken from the budget."""
    now, known = client.now(), ["", ""]  # the id, and when it was looked up

    def look_up(state: str) -> None:
        known[:] = [*state.split(), "", ""][:2]
        if not known[1].isdecimal() or now.timestamp() - int(known[1]) >= WEEK.total_seconds():
            params = {"user_id": options.user, "q": tag}
            found = _graph.ask(options, client, "ig_hashtag_search", params, budget="hashtags").listed("data")
            known[:] = [found[0].ident("id") if found else "", str(int(now.timestamp()))]
        if not known[0]:
            raise FetchError("Instagram knows no such hashtag", temporary=False)

    def ask(token: str, since: datetime, mark: Mark) -> Page:
        if not token:
            look_up(mark.state)
        params = {"user_id": options.user, "fields": MEDIA, "limit": 50}
        read = partial(parse, name=options.name, now=now)
        edge = _graph.listing(options, client, f"{known[0]}/recent_media", params, read)
        return replace(edge(token, since, mark), state=" ".join(known))

    return ask
