"""Stack Exchange: questions and answers that the search of its sites finds.

The cursor is a small JSON text (``_walk``): for each search short hashes of the keys seen last, and from when on it has
to be read (Unix time), as it is read from the oldest item to the newest.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from connectors._dates import LONGEST_WAIT
from connectors._failures import refusal
from connectors._http import Client, Response
from connectors._json import Shape, link, read
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._terms import DAY, Budget, Terms
from connectors._text import html_to_text
from connectors._walk import OVERLAP, Ask, Mark, Page, visit
from core.errors import FetchError
from core.query.dialects import PLAIN
from core.types import Batch, Mention

PLATFORM = "forum"
SAMPLE = "stackexchange/excerpts.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="10,000 requests a day with a key, as its answers say; and it may ask to be left alone for some seconds",
    deletion="none is told of; what is gone is not in later answers",
    budgets={"": Budget(units=10_000, per=DAY)},
)
PER_PAGE = 100
_MORE_IN = re.compile(r"available in (\d{1,7}) seconds")
_TEMPORARY = frozenset({500, 502, 503})
_NAME = re.compile(r"[a-z_]{1,40}")
_OWN_DOMAIN = frozenset({"askubuntu", "serverfault", "stackapps", "stackoverflow", "superuser"})
_UNTITLED: Mapping[str, str] = MappingProxyType({})


class Options(Asking):
    """What can be set for Stack Exchange: the ``sites`` to search, and a ``key`` that allows more requests a day."""

    base: Address = "https://api.stackexchange.com"
    sites: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]{2,60}$")], ...] = Field(
        default=("stackoverflow",), min_length=1
    )
    key: SecretStr = SecretStr("")


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit: each search on from where the last one ended; raises FetchError."""
    api = _Api(options, client)
    lists = {
        f"{site}:{short(words)}": api.search(site, words)
        for site in options.sites
        for words in asked(options, PLAIN)
    }
    batch = visit(lists, cursor, options, now=client.now())
    waits = [moment for moment in (batch.not_before, api.not_before) if moment]
    return replace(batch, not_before=max(waits, default=None))


def parse(
    posts: Sequence[Shape], site: str, *, name: str, now: datetime, titles: Mapping[str, str] = _UNTITLED
) -> list[Mention]:
    """Questions and answers as its methods give them: pure. ``titles`` are those of posts that lack one, by number.

    What has no words is left out.
    """
    mentions = [_mention(post, site, name, now, titles) for post in posts if _ident(post)]
    return [mention for mention in mentions if mention.full_text]


class _Api:
    """The API; a method that asks to be left alone for some seconds is not asked again on this visit."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options, self._client = options, client
        self._until: dict[str, datetime] = {}

    @property
    def not_before(self) -> datetime | None:
        """Until when it asks to be left alone."""
        return max(self._until.values(), default=None)

    def search(self, site: str, words: str) -> Ask:
        """A search finds pieces of posts; the posts themselves are asked for by their numbers."""

        def ask(token: str, since: datetime, mark: Mark) -> Page:
            number = int(token or 1)
            found = self._get(
                "/2.3/search/excerpts",
                site=site,
                q=words,
                sort="creation",
                order="asc",
                fromdate=mark.state if mark.state.isdecimal() else int(since.timestamp()),
                page=number,
            )
            pieces = found.listed("items")
            mentions = self._posts(site, pieces)
            more = found.flag("has_more")
            cut = more and self.not_before is not None
            following = str(number + 1) if more and not cut else ""
            state = _state(pieces, cut=cut)
            return Page(mentions=tuple(mentions), next=following, state=state, onward=True)

        return ask

    def _posts(self, site: str, pieces: Sequence[Shape]) -> list[Mention]:
        titles = {_ident(piece): piece.text("title") for piece in pieces if _ident(piece)}
        if not titles:
            return []
        found = self._get("/2.3/posts", *titles, site=site, sort="creation", order="asc", filter="withbody")
        posts = found.listed("items")
        return parse(posts, site, name=self._options.name, now=self._client.now(), titles=titles)

    def _get(self, method: str, *idents: str, **params: object) -> Shape:
        """The answer of a method; one that says what is wrong is a FetchError."""
        host = urlsplit(self._options.base).hostname
        until = self._until.get(method)
        if until is not None:
            left = until - self._client.now()
            raise FetchError(f"{host} asks to be left alone", temporary=True, retry_after=left)
        path = f"{method}/{';'.join(idents)}" if idents else method
        key = self._options.key.get_secret_value()
        url = link(self._options.base, path, {"pagesize": PER_PAGE, "key": key, **params})
        answer = self._client.get(url, {"Accept": "application/json"}, errors=(400, 502, 503))
        shape = _checked(answer, self._client.now())
        wait = _wait(shape, self._client.now())
        if wait:
            self._until[method] = self._client.now() + wait
        return shape


def _checked(answer: Response, now: datetime) -> Shape:
    """The body; raises FetchError where it or the status says that something is wrong."""
    host = urlsplit(answer.url).hostname or ""
    try:
        shape = read(answer)
    except FetchError:
        if answer.status < 400:
            raise
        shape = Shape(None)
    error = shape.number("error_id")
    if error is None and answer.status < 400:
        return shape
    if error is None:
        raise refusal(host, answer.status, answer.headers, now)
    more_in = _MORE_IN.search(shape.text("error_message"))
    name = shape.text("error_name")
    raise FetchError(
        f"{host} answered {name if _NAME.fullmatch(name) else error}",
        temporary=error in _TEMPORARY,
        retry_after=min(timedelta(seconds=int(more_in[1])), LONGEST_WAIT) if more_in else None,
        status=answer.status,
    )


def _wait(shape: Shape, now: datetime) -> timedelta | None:
    """How long to leave the method alone: as it asks (``backoff``), or till midnight where no request is left."""
    if shape.number("quota_remaining") == 0:
        return now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY - now
    seconds: Any = shape.at("backoff").value
    is_wait = isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < 10**6
    return min(timedelta(seconds=seconds), LONGEST_WAIT) if is_wait else None


def _state(pieces: Sequence[Shape], *, cut: bool) -> str:
    """From when on to read next time: its newest item, and somewhat before it where all was read."""
    moments = [moment for piece in pieces if (moment := piece.number("creation_date"))]
    return str(max(moments) - (0 if cut else int(OVERLAP.total_seconds()))) if moments else ""


def _ident(post: Shape) -> str:
    """The number that a question or an answer has on its site, whatever the method calls it."""
    return post.ident("post_id") or post.ident("answer_id") or post.ident("question_id")


def _mention(post: Shape, site: str, name: str, now: datetime, titles: Mapping[str, str]) -> Mention:
    ident = _ident(post)
    kind = (
        post.text("post_type")
        or post.text("item_type")
        or ("answer" if post.ident("answer_id") else "question")
    )
    host = site if "." in site else f"{site}.com" if site in _OWN_DOMAIN else f"{site}.stackexchange.com"
    return Mention(
        source=name,
        key=f"{site}:{ident}",
        url=post.web("link") or f"https://{host}/{'a' if kind == 'answer' else 'q'}/{ident}",
        title=html_to_text(titles.get(ident) or post.text("title")),
        text=html_to_text(post.text("body") or post.text("body_markdown") or post.text("excerpt")),
        author=html_to_text(post.text("owner", "display_name")),
        platform=PLATFORM,
        posted_at=post.when(now, "creation_date"),
        kind="comment" if kind == "answer" else "post",
    )
