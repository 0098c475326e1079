"""Mastodon and what speaks its language: hashtag timelines of several servers, and their search where we have a token.

The cursor is a small JSON text (``_walk``): for each list the time of its newest post and short hashes of the keys
seen last; and the addresses of what was found in the last two days, which is looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import Field, SecretStr
from requests.utils import parse_header_links

from connectors._again import Again
from connectors._http import Client
from connectors._json import Shape, link, read
from connectors._keys import short
from connectors._lang import iso_639_1
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._sift import query_of
from connectors._terms import Budget, Terms
from connectors._text import html_to_text
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query import hashtags
from core.query.dialects import MASTODON
from core.types import Batch, Mention

PLATFORM = "mastodon"
SAMPLE = "mastodon/tag.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="300 calls in 5 minutes on each server",
    deletion="who does not want to be found in searches is not; what was deleted is looked for for two days",
    budgets={"": Budget(units=300, per=timedelta(minutes=5))},
)
PER_PAGE = 40
LOOKS = 20
PUBLIC = frozenset({"", "public", "unlisted"})


class Options(Asking):
    """What can be set for Mastodon: the servers (``instances``), and ``hashtags`` besides those of the query.

    ``tokens`` are written "host=token,host=token"; one without a host belongs to the first of the servers.
    """

    instances: tuple[Address, ...] = Field(default=("https://mastodon.social",), min_length=1)
    hashtags: tuple[Annotated[str, Field(pattern=r"^#?\w{1,100}$")], ...] = ()
    tokens: SecretStr = SecretStr("")


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit to every server: its lists back to where the last one ended; raises FetchError."""
    own_tags = hashtags(query_of(options))
    tags = dict.fromkeys(tag.removeprefix("#").lower() for tag in (*options.hashtags, *own_tags))
    tokens = _tokens(options)
    lists: dict[str, Ask] = {}
    for base in options.instances:
        token = tokens.get(urlsplit(base).netloc.lower(), "")
        again = Again(client.now(), at_once=1, rounds=LOOKS)
        server = _Server(base=base, token=token, name=options.name, client=client, again=again)
        own = {f"tag:{short(tag)}": server.timeline(tag) for tag in tags}
        if token:
            own |= {f"search:{short(words)}": server.search(words) for words in asked(options, MASTODON)}
        if own:
            own["again"] = server.again.ask(server.look)
        lists |= {f"{short(base)}:{listed}": ask for listed, ask in own.items()}
    if not lists:
        raise FetchError("there is no hashtag to follow and no token to search with", temporary=False)
    return visit(lists, cursor, options, now=client.now(), host=lambda listed: listed.partition(":")[0])


def parse(
    statuses: Sequence[Shape], *, name: str, now: datetime, found_by_search: bool = False
) -> list[Mention]:
    """The posts of a list: pure. One that is passed on counts as the post itself, and only what is public counts.

    With ``found_by_search`` those are left out whose authors don't want to be found so; a hashtag is an author's own
    way of being found by it.
    """
    mentions = []
    for status in statuses:
        shown = _shown(status)
        if shown.text("visibility") not in PUBLIC or (found_by_search and _opted_out(shown)):
            continue
        mention = _mention(shown, name, now)
        if mention.url and mention.full_text:
            mentions.append(mention)
    return mentions


def _shown(status: Shape) -> Shape:
    """The post itself where it is passed on."""
    return status.at("reblog") if status.at("reblog") else status


def _opted_out(status: Shape) -> bool:
    return status.at("account", "indexable").value is False or status.flag("account", "noindex")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """The lists of one server."""

    base: str
    token: str
    name: str
    client: Client
    again: Again

    def timeline(self, tag: str) -> Ask:
        """What is posted under a hashtag."""

        def ask(token: str, _since: datetime, _mark: Mark) -> Page:
            path = f"/api/v1/timelines/tag/{quote(tag)}"
            answer, links = self._get(path, {"limit": PER_PAGE, "max_id": token})
            statuses = answer.listed()
            return self._page(statuses, _older(links, statuses), found_by_search=False)

        return ask

    def search(self, words: str) -> Ask:
        """What its full-text search finds, newest first."""

        def ask(token: str, _since: datetime, _mark: Mark) -> Page:
            params = {"q": words, "type": "statuses", "limit": PER_PAGE, "offset": token}
            statuses = self._get("/api/v2/search", params)[0].listed("statuses")
            following = str(int(token or 0) + len(statuses)) if statuses else ""
            return self._page(statuses, following, found_by_search=True)

        return ask

    def look(self, idents: Mapping[str, str]) -> Page:
        """Whether posts are still there, and how they read now."""
        statuses, gone = [], []
        for ident, key in idents.items():
            try:
                statuses.append(self._get(f"/api/v1/statuses/{quote(ident)}", {})[0])
            except FetchError as error:
                if error.status not in (404, 410):
                    raise
                gone.append(key)
        return Page(
            mentions=tuple(parse(statuses, name=self.name, now=self.client.now())), deleted=tuple(gone)
        )

    def _page(self, statuses: Sequence[Shape], following: str, *, found_by_search: bool) -> Page:
        found = [
            (_shown(status).ident("id"), mention)
            for status in statuses
            for mention in parse(
                [status], name=self.name, now=self.client.now(), found_by_search=found_by_search
            )
        ]
        self.again.saw(found)
        return Page(mentions=tuple(mention for _, mention in found), next=following)

    def _get(self, path: str, params: Mapping[str, object]) -> tuple[Shape, str]:
        """The answer and its Link header."""
        key = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.client.get(link(self.base, path, params), {"Accept": "application/json"} | key)
        return read(answer), answer.headers.get("link", "")


def _tokens(options: Options) -> dict[str, str]:
    """The tokens by host."""
    first = urlsplit(options.instances[0]).netloc.lower()
    tokens = {}
    for part in filter(None, (part.strip() for part in options.tokens.get_secret_value().split(","))):
        host, equals, token = part.rpartition("=")
        tokens[host.strip().lower() if equals else first] = token.strip()
    return tokens


def _older(links: str, statuses: Sequence[Shape]) -> str:
    """The identifier below which the next page begins: as the Link header has it, else that of the last post."""
    for one in parse_header_links(links) if links else ():
        if one.get("rel") == "next":
            found = parse_qs(urlsplit(one.get("url", "")).query).get("max_id", [""])
            return found[0]
    return statuses[-1].ident("id") if statuses else ""


def _mention(status: Shape, name: str, now: datetime) -> Mention:
    """Pictures count with their descriptions and polls with their choices: a reader sees them too."""
    words = [html_to_text(status.text("content"))]
    words += [item.text("description") for item in status.items("media_attachments")]
    words += [item.text("title") for item in status.items("poll", "options")]
    url = status.web("url") or status.web("uri")
    return Mention(
        source=name,
        key=status.text("uri") or url,
        url=url,
        title=html_to_text(status.text("spoiler_text")),
        text="\n\n".join(filter(None, words)),
        author=_handle(status.at("account")),
        platform=PLATFORM,
        posted_at=status.when(now, "created_at"),
        kind="comment" if status.ident("in_reply_to_id") else "post",
        lang=iso_639_1(status.text("language")),
        shared=status.web("quote", "quoted_status", "url"),
    )


def _handle(account: Shape) -> str:
    """name@host, also of those whose server we ask, who are without a host there."""
    acct = account.text("acct")
    host = urlsplit(account.text("url")).hostname
    return f"{acct}@{host}" if acct and host and "@" not in acct else acct
