"""Vimeo: the videos that a search finds, and the comments under those that the query keeps.

The cursor is that of ``connectors._under``: how far each search and each list of comments was read and when it was
last asked, and which videos are watched since when.
"""

from datetime import date, datetime, timedelta

from pydantic import SecretStr

from connectors._http import Client
from connectors._json import Shape, ask, link
from connectors._keys import short
from connectors._lang import iso_639_1
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._secrets import secret
from connectors._sift import query_of, sifted
from connectors._terms import Terms
from connectors._text import html_to_text, tidy
from connectors._under import Under, seldom, visit
from connectors._walk import Ask, Mark, Page
from core.query import Item
from core.query.dialects import PLAIN
from core.sections import Duration
from core.types import Batch, Mention

PLATFORM = "vimeo"
SAMPLE = "vimeo/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="told in the headers of each answer (X-RateLimit-Reset), which are kept",
    deletion="what its owner deletes or hides is to be deleted; no list tells of it",
    keys=("token",),
)
ACCEPT = "application/vnd.vimeo.*+json;version=3.4"
VIDEO = "uri,name,description,link,language,created_time,release_time,user.name,tags.name,privacy.view"
COMMENT = "uri,type,text,created_on,user.name"


class Options(Asking):
    """What can be set for Vimeo. Comments are read no more often than ``comments_every``."""

    base: Address = "https://api.vimeo.com"
    token: SecretStr = SecretStr("")
    comments: bool = True
    comments_every: Duration = timedelta(hours=1)


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """Search, then read comments; raises FetchError."""
    headers = {"Accept": ACCEPT, "Authorization": f"bearer {secret(options, 'token')}"}
    query, now = query_of(options), client.now()

    def read(token: str, path: str, params: dict[str, object]) -> Page:
        url = link(options.base, token) if token else link(options.base, path, params)
        return parse(ask(client, url, headers), source=options.name, now=now)

    def search(words: str) -> Ask:
        given: dict[str, object] = {"query": words, "sort": "date", "direction": "desc", "per_page": 100}
        return lambda token, _since, _mark: read(token, "/videos", given | {"fields": VIDEO})

    def under(video: str) -> Ask:
        def comments(token: str, since: datetime, mark: Mark) -> Page:
            given: dict[str, object] = {"direction": "desc", "per_page": 100, "fields": COMMENT}
            page = read(token, f"{video}/comments", given)
            return sifted(page, query, token=token, since=since, mark=mark, now=now)

        return seldom(comments, options.comments_every, now)

    def watch(mention: Mention) -> str:
        return mention.key if options.comments and query.matches(Item.of(mention)).kept else ""

    return visit(
        {f"search:{short(words)}": search(words) for words in asked(options, PLAIN)},
        Under(watch=watch, ask=under, named={}),
        cursor,
        options=options,
        now=now,
    )


def parse(answer: Shape, *, source: str, now: datetime) -> Page:
    """The videos or comments of an answer; raises FetchError where it holds no list."""
    found = [_mention(item, source, now) for item in answer.listed("data")]
    following = answer.text("paging", "next")
    return Page(
        mentions=tuple(mention for mention in found if mention),
        next=following if following.startswith("/videos") else "",
    )


def _mention(item: Shape, source: str, now: datetime) -> Mention | None:
    """A video or a comment; its key is its path in the API, which no comment shares with a video."""
    key = item.text("uri")
    video, _, comment = key.removeprefix("/videos/").partition("/comments/")
    tags = " ".join(f"#{name}" for tag in item.items("tags") if (name := tag.text("name")))
    said = item.text("text") if comment else f"{item.text('description')}\n\n{tags}"
    title, text = tidy(item.text("name")).replace("\n", " "), html_to_text(said)
    hidden = item.text("privacy", "view") not in ("", "anybody")
    if not key.startswith("/videos/") or not video.isalnum() or hidden or not (title or text):
        return None
    return Mention(
        source=source,
        key=key,
        url=f"https://vimeo.com/{video}#comment_{comment}" if comment else item.text("link"),
        title=title,
        text=text,
        platform=PLATFORM,
        author=item.text("user", "name"),
        posted_at=item.when(now, "release_time")
        or item.when(now, "created_time")
        or item.when(now, "created_on"),
        kind="comment" if comment else "video",
        lang=iso_639_1(item.text("language")),
    )
