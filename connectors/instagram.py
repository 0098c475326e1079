"""A business account on Instagram: photos and videos that tag it, comments on its own, and hashtags. Words only.

The cursor is that of ``_walk``: of each list the time of the newest item and short hashes of those seen last; of a
hashtag also its id and when it was last counted.
"""

from collections.abc import Iterator, Sequence
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
    limits="30 different hashtags in 7 days; Meta limits the requests of an app and says when it may be asked again",
    deletion="what its author deletes is no longer shown, and must be deleted on request",
    keys=("token",),
    approval="hashtag search and reading comments need Meta's App Review of the app",
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
    now, answered = client.now(), list[str]()

    def edge(path: str, fields: str, first: Shape | None = None, post: str = "") -> Ask:
        def read(shape: Shape) -> tuple[Mention, ...]:
            answered.append(path)
            return parse(shape, name=options.name, now=now, post=post)

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
    tags = dict.fromkeys(tag.lower() for tag in wanted)
    lists |= {f"hashtag:{short(tag)}": _hashtag(tag, options, client, answered) for tag in list(tags)[:30]}
    return visit(lists, cursor, options, now=now)


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


def _hashtag(tag: str, options: Options, client: Client, answered: Sequence[str]) -> Ask:
    """The newest media under a hashtag. Its pages are numbered here, as all of them name the same cursor for the next.

    Nothing is asked where nothing else was ``answered``: what was counted is kept with a visit that succeeds.
    """
    known = ["", ""]  # its id, and when it was counted

    def ask(token: str, since: datetime, mark: Mark) -> Page:
        if not answered:
            raise FetchError("no hashtag was asked for, as nothing else could be read", temporary=True)
        if not token:
            ident, _, counted = mark.state.partition(" ")
            known[:] = [ident, _counted(counted, client)]
        params = {"user_id": options.user, "fields": MEDIA, "limit": 50}
        read = partial(parse, name=options.name, now=client.now())
        try:
            known[0] = known[0] or _ident(tag, options, client)
            edge = _graph.listing(options, client, f"{known[0]}/recent_media", params, read)
            number, _, at = token.partition(" ")
            page = edge(at, since, mark)
        except FetchError as error:
            if token:
                raise
            return Page(failure=error, state=" ".join(known))
        following = f"{int(number or 1) + 1} {page.next}" if page.next else ""
        return replace(page, next=following, state=" ".join(known))

    return ask


def _counted(before: str, client: Client) -> str:
    """When a hashtag was last taken from the budget: once in 7 days, however often it is asked for."""
    now = int(client.now().timestamp())
    if before.isdecimal() and now - int(before) < WEEK.total_seconds():
        return before
    try:
        client.spend(1, "hashtags")
    except FetchError as error:  # all else has other limits, so that it need not wait
        raise FetchError(str(error), temporary=True) from None
    return str(now)


def _ident(tag: str, options: Options, client: Client) -> str:
    params = {"user_id": options.user, "q": tag}
    found = _graph.ask(options, client, "ig_hashtag_search", params).listed("data")
    if not found or not found[0].ident("id"):
        raise FetchError("Instagram knows no such hashtag", temporary=False)
    return found[0].ident("id")
