"""Tumblr: the posts that bear a tag.

The cursor is that of ``connectors._walk``: for each tag the time of its newest post and hashes of the keys last seen.
"""

from datetime import date, datetime, timedelta

from pydantic import SecretStr

from connectors import _npf
from connectors._http import Client
from connectors._json import Shape, ask, link
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._secrets import secret
from connectors._sift import query_of
from connectors._terms import DAY, Budget, Terms
from connectors._text import tidy
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query import hashtags
from core.types import Batch, Mention

PLATFORM = "tumblr"
SAMPLE = "tumblr/tagged.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="1,000 requests an hour and 5,000 a day for a key; 20 posts a request",
    deletion="what its author deletes is to be deleted; no list tells of it",
    keys=("api_key",),
    budgets={"": Budget(units=5000, per=DAY), "hour": Budget(units=1000, per=timedelta(hours=1))},
)
PER_PAGE = 20


class Options(Asking):
    """What can be set for Tumblr. ``tags`` are read besides those that the query's names make."""

    base: Address = "https://api.tumblr.com"
    api_key: SecretStr = SecretStr("")
    tags: tuple[str, ...] = ()


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """Read the tags; raises FetchError."""
    key = secret(options, "api_key")
    own = hashtags(query_of(options)) if options.query or not options.tags else ()
    tags = dict.fromkeys(tag.strip().lstrip("#").lower() for tag in (*options.tags, *own))
    if not tags:
        raise FetchError("the query holds no name that makes a tag; give the source tags", temporary=False)

    def tagged(tag: str) -> Ask:
        def page(token: str, _since: datetime, _mark: Mark) -> Page:
            client.spend(budget="hour")
            params = {"tag": tag, "limit": PER_PAGE, "before": token, "api_key": key}
            answer = ask(client, link(options.base, "/v2/tagged", params))
            return parse(answer, source=options.name, now=client.now())

        return page

    return visit({f"tag:{short(tag)}": tagged(tag) for tag in tags}, cursor, options, now=client.now())


def parse(answer: Shape, *, source: str, now: datetime) -> Page:
    """The posts of an answer; raises FetchError where it holds no list of them."""
    posts = answer.listed("response")
    last = posts[-1] if posts else Shape(None)
    before = last.number("featured_timestamp") or last.number("timestamp")
    return Page(
        mentions=tuple(found for post in posts if (found := _mention(post, source, now))),
        next=str(before) if before else "",
    )


def _mention(post: Shape, source: str, now: datetime) -> Mention | None:
    key, url = post.ident("id_string") or post.ident("id"), post.web("post_url")
    tags = " ".join(f"#{tag}" for tag in post.strings("tags"))
    title, text = tidy(post.text("title")).replace("\n", " "), _npf.words(post)
    if not key or not url or not (title or text or tags):
        return None
    return Mention(
        source=source,
        key=key,
        url=url,
        title=title,
        text="\n\n".join(part for part in (text, tags) if part),
        platform=PLATFORM,
        author=post.text("blog_name"),
        posted_at=post.when(now, "timestamp"),
        kind="photo" if post.text("type") == "photo" else "video" if post.text("type") == "video" else "post",
        shared=_npf.passed_on(post),
    )
