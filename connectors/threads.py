"""Threads: what keyword search finds, posts that mention the own account, and replies to its newest posts.

The cursor is that of ``_walk``: of each search, the mentions and each of the own posts, the time of the newest item and
short hashes of those seen last.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from pydantic import Field

from connectors import _graph
from connectors._http import Client
from connectors._json import Shape
from connectors._keys import short
from connectors._options import Address
from connectors._queries import asked
from connectors._terms import Budget, Terms
from connectors._walk import Ask, visit
from core.errors import FetchError
from core.query.dialects import PLAIN
from core.types import Batch, Mention

PLATFORM = "threads"
SAMPLE = "threads/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="2,200 searches of a user in any 24 hours, which are shared out by the hour",
    deletion="what its author deletes is no longer shown, and must be deleted on request",
    keys=("token",),
    approval="searching the posts of others needs Meta's review of the permission threads_keyword_search",
    budgets={"searches": Budget(units=88, per=timedelta(hours=1))},  # 24 hours touch upon 25 of these
)
# Whether quotation marks make a phrase is not documented: all its words are asked for.
DIALECT = replace(PLAIN, name="Threads", both=" ", quote="", tags=True)
FIELDS = "id,text,username,permalink,timestamp,media_type,is_reply"


class Options(_graph.Graphing):
    """Replies are read below the newest ``posts`` of the account whose key it is; ``own = false`` leaves that out."""

    base: Address = "https://graph.threads.net"
    version: str = Field(default="v1.0", pattern=r"^v\d{1,3}\.\d{1,2}$")
    own: bool = True
    posts: int = Field(default=10, ge=1, le=25)


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit; raises FetchError where no list can be read."""
    now = client.now()
    read = partial(parse, name=options.name, now=now)

    def edge(path: str, **more: str) -> Ask:
        return _graph.listing(options, client, path, {"fields": FIELDS, "limit": 100, **more}, read)

    lists = {
        f"search:{short(words)}": _graph.listing(
            options,
            client,
            "keyword_search",
            {"q": words, "search_type": "RECENT", "fields": FIELDS, "limit": 100},
            read,
            budget="searches",
            dated=True,
        )
        for words in asked(options, DIALECT)
    }
    if options.own:
        lists["mentions"] = edge("me/mentions")
        try:
            newest = _graph.ask(options, client, "me/threads", {"fields": "id", "limit": options.posts})
            for path in [
                f"{post.ident('id')}/conversation" for post in newest.listed("data") if post.ident("id")
            ]:
                lists[path] = edge(path, reverse="true")
        except FetchError as error:
            lists["own"] = _graph.broken(error)
    return visit(lists, cursor, options, now=now)


def parse(shape: Shape, *, name: str, now: datetime) -> tuple[Mention, ...]:
    """The posts and replies of a page of a list; what has no words is left out."""
    return tuple(
        Mention(
            source=name,
            key=item.ident("id"),
            url=item.text("permalink"),
            text=item.text("text"),
            platform=PLATFORM,
            author=item.text("username"),
            posted_at=item.when(now, "timestamp"),
            kind="comment" if item.flag("is_reply") else "post",
        )
        for item in shape.listed("data")
        if item.ident("id") and item.text("text")
    )
