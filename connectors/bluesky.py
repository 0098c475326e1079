"""Bluesky: what the search of posts (app.bsky.feed.searchPosts) finds for the organisation's query.

The cursor is that of ``connectors._walk``: for each search the time of its newest post and hashes of the keys last
seen. The session is made anew on each visit and kept nowhere.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from urllib.parse import urlencode, urlsplit

from pydantic import SecretStr

from connectors import _bsky
from connectors._again import Again
from connectors._failures import refusal
from connectors._http import Client
from connectors._json import Shape, ask, link, read
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._reason import reason
from connectors._terms import Terms
from connectors._walk import INDEXED_LATE, Ask, Mark, Page, visit
from core.errors import FetchError
from core.query.dialects import BLUESKY
from core.types import Batch, Mention

PLATFORM = "bluesky"
SAMPLE = "bluesky/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="none published for the search, which is meant for people; the waits that it asks for are kept",
    deletion="what its author deletes is to be deleted; the search does not tell, the stream does (jetstream)",
    keys=("handle", "app_password"),
)
PER_PAGE = 100
AT_ONCE = 25  # posts that one request may look up
_OPT_OUT = "!no-unauthenticated"
_HIDDEN = frozenset({"!hide", "!takedown"})


class Options(Asking):
    """What can be set for a Bluesky search. ``base`` is the account's server, ``public`` shows what anybody sees."""

    base: Address = "https://bsky.social"
    public: Address = "https://public.api.bsky.app"
    handle: SecretStr = SecretStr("")
    app_password: SecretStr = SecretStr("")


class _Account:
    """Asks as the operator's account: logs in at the first request, and once more where the session runs out."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options = options
        self._client = client
        self._token = ""
        self._failure: FetchError | None = None
        self._logins = 2 if options.handle.get_secret_value() else 0

    def ask(self, url: str) -> Shape:
        if self._failure:
            raise self._failure  # a wrong password tried again and again locks the account
        if self._logins and not self._token:
            self._log_in()
        given = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        answer = self._client.get(url, {"Accept": "application/json"} | given, errors=(400, 401))
        if answer.status < 400:
            return read(answer)
        if self._logins and (answer.status == 401 or reason(answer) == "ExpiredToken"):
            self._token = ""
            return self.ask(url)
        host = urlsplit(answer.url).hostname or ""
        raise refusal(host, answer.status, answer.headers, self._client.now())

    def _log_in(self) -> None:
        self._logins -= 1
        given = {
            "identifier": self._options.handle.get_secret_value(),
            "password": self._options.app_password.get_secret_value(),
        }
        at = link(self._options.base, "/xrpc/com.atproto.server.createSession")
        try:
            answer = read(self._client.post(at, {"Accept": "application/json"}, data=given))
            self._token = answer.text("accessJwt")
            if not self._token:
                raise FetchError(f"{answer.whence}: the log-in gave no session", temporary=True)
        except FetchError as error:
            self._failure = error
            raise


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """Search; raises FetchError."""
    account, again = _Account(options, client), Again(client.now(), AT_ONCE)

    def search(query: str) -> Ask:
        def page_of(token: str, since: datetime, _mark: Mark) -> Page:
            params = {"q": query, "sort": "latest", "limit": PER_PAGE, "cursor": token}
            params["since"] = (since - INDEXED_LATE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            answer = account.ask(link(options.base, "/xrpc/app.bsky.feed.searchPosts", params))
            page = parse(answer, source=options.name, now=client.now())
            again.saw((mention.key, mention) for mention in page.mentions)
            return page

        return page_of

    def look(keys: Mapping[str, str]) -> Page:
        def seen(answer: Shape) -> set[str]:
            page = parse(answer, source=options.name, now=client.now())
            mentions.extend(page.mentions)
            return {post.text("uri") for post in answer.items("posts")} - set(page.deleted)

        mentions: list[Mention] = []
        there = seen(account.ask(_posts_at(options.base, keys)))
        away = [key for key in keys if key not in there]
        if away:  # an author who blocks the account hides from it alone
            there |= seen(ask(client, _posts_at(options.public, away)))
        return Page(mentions=tuple(mentions), deleted=tuple(key for key in away if key not in there))

    lists = {f"search:{short(words)}": search(words) for words in asked(options, BLUESKY)}
    return visit(lists | {"again": again.ask(look)}, cursor, options, now=client.now())


def _posts_at(base: str, keys: Iterable[str]) -> str:
    return f"{base}/xrpc/app.bsky.feed.getPosts?{urlencode([('uris', key) for key in keys])}"


def parse(answer: Shape, *, source: str, now: datetime) -> Page:
    """The posts of an answer of searchPosts; raises FetchError where it holds no list of them."""
    posts = answer.listed("posts")
    shown = [
        post for post in posts if not _labels(post) & _HIDDEN and _OPT_OUT not in _labels(post.at("author"))
    ]
    return Page(
        mentions=tuple(found for post in shown if (found := _mention(post, source, now))),
        next=answer.text("cursor") if posts else "",
        deleted=tuple(post.text("uri") for post in posts if _labels(post) & _HIDDEN and post.text("uri")),
    )


def _mention(post: Shape, source: str, now: datetime) -> Mention | None:
    handle = post.text("author", "handle")
    return _bsky.mention(
        post.text("uri"),
        post.at("record"),
        source=source,
        author="" if handle == "handle.invalid" else handle,
        seen=post.when(now, "indexedAt"),
        now=now,
    )


def _labels(thing: Shape) -> set[str]:
    """The labels on a post or an account that stand."""
    return {label.text("val") for label in thing.items("labels") if not label.flag("neg")}
