"""Lemmy: posts and comments that the search of several servers finds, in version 0.19 (API v3) and 1.0 (API v4).

The cursor is a small JSON text (``_walk``): for each search the time of its newest item, short hashes of the keys seen
last, and which version the server speaks.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from connectors._http import Client
from connectors._json import Shape, ask, link
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._terms import Terms
from connectors._text import tidy
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query import Dialect
from core.types import Batch, Mention

PLATFORM = "lemmy"
SAMPLE = "lemmy/posts.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="none published for all servers: each sets its own",
    deletion="what its author or a moderator took down says so in the answers, and is to be forgotten",
)
PER_PAGE = 50
WANTED = ("post", "comment")
# It looks for the words one behind the other, and takes quotation marks for letters.
DIALECT = Dialect(name="Lemmy", quote="")


class Options(Asking):
    """What can be set for Lemmy: the servers (``instances``), and the ``version`` of the API where it is known."""

    instances: tuple[Address, ...] = Field(default=("https://lemmy.world",), min_length=1)
    version: Literal["", "v3", "v4"] = ""


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit to every server: each search back to where the last one ended; raises FetchError."""

    def search(base: str, words: str, wanted: str) -> Ask:
        def page(token: str, _since: datetime, mark: Mark) -> Page:
            def read(version: str, at: str = "") -> Page:
                answer = ask(client, _address(base, version, words, wanted, at))
                found = parse(answer, name=options.name, now=client.now(), token=at)
                return replace(found, next=found.next and f"{version}:{found.next}", state=version)

            if token:
                version, _, at = token.partition(":")
                return read(version, at)
            return read(options.version) if options.version else _either(read, mark.state)

        return page

    lists = {
        f"{short(base)}:{wanted}:{short(words)}": search(base, words, wanted)
        for base in options.instances
        for words in asked(options, DIALECT)
        for wanted in WANTED
    }
    return visit(lists, cursor, options, now=client.now(), host=lambda listed: listed.partition(":")[0])


def parse(answer: Shape, *, name: str, now: datetime, token: str = "") -> Page:
    """The posts and comments of a search, in either shape: pure. ``token`` is that of the page."""
    if answer.at("search").value is not None:
        views = answer.listed("search")
        following = answer.text("next_page")
    else:
        views = [*answer.listed("posts"), *answer.listed("comments")]
        following = str(int(token or 1) + 1) if views else ""
    mentions, deleted = [], []
    for view in views:
        item = view.at("comment") if view.at("comment") else view.at("post")
        key = item.web("ap_id")
        if item.flag("deleted") or item.flag("removed"):
            deleted.append(key)
        elif key:
            mentions.append(_mention(view, item, name, now))
    return Page(mentions=tuple(mentions), deleted=tuple(filter(None, deleted)), next=following)


def _either(read: Callable[[str], Page], spoken: str) -> Page:
    """In the version that it spoke last, else in the other: 1.0 may still speak the older one, or stop to."""
    versions = ("v4", "v3") if spoken == "v4" else ("v3", "v4")
    try:
        return read(versions[0])
    except FetchError as error:
        if error.status not in (400, 404):
            raise
    return read(versions[1])


def _address(base: str, version: str, words: str, wanted: str, token: str) -> str:
    if version == "v4":  # the name of the search term changed on the way to 1.0
        own = {"search_term": words, "type_": f"{wanted}s", "sort": "new", "listing_type": "all"}
        return link(base, "/api/v4/search", {"q": words, "limit": PER_PAGE, "page_cursor": token, **own})
    own = {"q": words, "type_": f"{wanted.title()}s", "sort": "New", "listing_type": "All"}
    return link(base, "/api/v3/search", {"limit": PER_PAGE, "page": token or 1, **own})


def _mention(view: Shape, item: Shape, name: str, now: datetime) -> Mention:
    is_comment = bool(view.at("comment"))
    body = (item.text("content"),) if is_comment else (item.text("body"), item.text("url"))
    return Mention(
        source=name,
        key=item.web("ap_id"),
        url=item.web("ap_id"),
        title=tidy(view.text("post", "name")),
        text=tidy("\n\n".join(filter(None, body))),
        author=_handle(view.at("creator")),
        platform=PLATFORM,
        posted_at=item.when(now, "published") or item.when(now, "published_at"),
        kind="comment" if is_comment else "post",
    )


def _handle(creator: Shape) -> str:
    host = urlsplit(creator.text("actor_id") or creator.text("ap_id")).hostname
    name = creator.text("name")
    return f"{name}@{host}" if name and host else name
