"""The organisation's own Page on Facebook: its posts and what others post there, tags, comments, recommendations.

The cursor is that of ``_walk``: of the feed, the tags, the recommendations and the comments of each recent post, the
time of the newest item and short hashes of those seen last.
"""

from datetime import date, datetime
from functools import partial
from typing import Literal

from pydantic import Field

from connectors import _graph
from connectors._http import Client
from connectors._json import Shape
from connectors._keys import short
from connectors._terms import Terms
from connectors._walk import Ask, visit
from core.errors import FetchError
from core.types import Batch, Mention

PLATFORM = "facebook"
SAMPLE = "facebook/feed.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="Meta limits the requests of an app, a user and a Page, and says when it may be asked again",
    deletion="what the Page or its author deletes is no longer shown, and must be deleted on request",
    keys=("token",),
    approval="reading what others write on a Page needs Meta's App Review of the app",
)
COMMENT = "id,message,created_time,permalink_url,from{id,name}"
POST = f"{COMMENT},story,parent_id"
THREAD = {"filter": "stream", "order": "reverse_chronological"}
NESTED = f"comments.filter(stream).order(reverse_chronological).limit(25){{{COMMENT}}}"
RATING = "created_time,recommendation_type,review_text,open_graph_story{id},reviewer{id,name}"
RECOMMENDED = {"positive": "Recommends", "negative": "Does not recommend"}


class Options(_graph.Graphing):
    """The ``page`` is its id or its name; comments are read below its newest ``posts``. ``reads`` leaves lists out."""

    page: str = Field(pattern=r"^[A-Za-z0-9.]{1,100}$")
    posts: int = Field(default=25, ge=1, le=100)
    reads: tuple[Literal["feed", "tagged", "ratings"], ...] = ("feed", "tagged", "ratings")


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit; raises FetchError where no list can be read."""
    now, lists = client.now(), dict[str, Ask]()

    def edge(path: str, fields: str, kind: str, first: Shape | None = None, **more: str) -> Ask:
        params = {"fields": fields, "limit": 100, **more}
        read = partial(parse, name=options.name, now=now, kind=kind)
        return _graph.listing(options, client, path, params, read, first=first)

    if "feed" in options.reads:
        path, newest = f"{options.page}/feed", {"fields": f"{POST},{NESTED}", "limit": options.posts}
        try:
            feed = _graph.ask(options, client, path, newest)
            lists["feed"] = edge(path, POST, "post", feed)
            for post in feed.listed("data"):
                if post.ident("id") and post.at("comments"):
                    thread = f"{post.ident('id')}/comments"
                    lists[thread] = edge(thread, COMMENT, "comment", post.at("comments"), **THREAD)
        except FetchError as error:
            lists["feed"] = _graph.broken(error)
    if "tagged" in options.reads:
        lists["tagged"] = edge(f"{options.page}/tagged", POST, "post")
    if "ratings" in options.reads:
        lists["ratings"] = edge(f"{options.page}/ratings", RATING, "review")
    return visit(lists, cursor, options, now=now)


def parse(shape: Shape, *, name: str, now: datetime, kind: str = "post") -> tuple[Mention, ...]:
    """The posts, comments or recommendations of a page of a list; what has no words is left out."""
    return tuple(
        Mention(
            source=name,
            key=_key(item),
            url=_public(item.ident("id") or item.ident("open_graph_story", "id"), item.text("permalink_url")),
            title=RECOMMENDED.get(item.text("recommendation_type"), ""),
            text=_words(item),
            platform=PLATFORM,
            author=item.text("from", "name") or item.text("reviewer", "name"),
            posted_at=item.when(now, "created_time"),
            kind=kind,
            shared=_public(item.ident("parent_id")),
        )
        for item in shape.listed("data")
        if _key(item) and _words(item)
    )


def _words(item: Shape) -> str:
    return item.text("message") or item.text("review_text") or item.text("story")


def _key(item: Shape) -> str:
    """A recommendation has no id of its own, but a story tells of it."""
    own = item.ident("id") or item.text("permalink_url")
    reviewer, story = item.ident("reviewer", "id"), item.ident("open_graph_story", "id")
    if own or not (reviewer or story):
        return own
    return f"rating:{story or short(reviewer, item.text('created_time'))}"


def _public(ident: str, address: str = "") -> str:
    if address.startswith("https://"):
        return address
    return f"https://www.facebook.com/{ident}" if ident else ""
