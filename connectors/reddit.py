"""Reddit: all posts and comments of some subreddits, and a search over all of it.

The cursor is a small JSON text (``_walk``): for each list how far it was read and short hashes of the keys seen last;
and the names ("t3_…") of what was found in the last two days, which is looked at again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from connectors._again import Again
from connectors._http import Client
from connectors._json import Shape
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._reddit import Reddit
from connectors._secrets import secret
from connectors._sift import query_of, sifted
from connectors._terms import Budget, Terms
from connectors._text import tidy
from connectors._walk import Ask, Mark, Page, visit
from core.query import Query
from core.query.dialects import REDDIT
from core.types import Batch, Mention

PLATFORM = "reddit"
SAMPLE = "reddit/new.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="100 queries a minute for an approved, non-commercial use; commercial use by contract",
    deletion="what its author or a moderator took down has to be deleted here too",
    keys=("client_id", "client_secret"),
    approval="Reddit approves every use of its API beforehand, and forbids to identify or watch its users",
    budgets={"": Budget(units=100, per=timedelta(minutes=1))},
)
SITE = "https://www.reddit.com"
PER_PAGE = 100
_GONE = frozenset(
    {"[deleted]", "[removed]", "[deleted by user]", "[removed by reddit]", "[ removed by reddit ]"}
)


class Options(Asking):
    """What can be set for Reddit: the ``subreddits`` to read whole, and whether to search ``everywhere``."""

    base: Address = "https://oauth.reddit.com"
    login: Address = SITE
    client_id: SecretStr = SecretStr("")
    client_secret: SecretStr = SecretStr("")
    subreddits: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{2,21}$")], ...] = ()
    everywhere: bool = True


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit: every list back to where the last one ended; raises FetchError."""
    query = query_of(options)
    key = (secret(options, "client_id"), secret(options, "client_secret"))
    lists = _Lists(
        options=options,
        query=query,
        reddit=Reddit(options.base, options.login, key, client),
        again=Again(client.now(), at_once=PER_PAGE),
        now=client.now(),
    )
    batch = visit(lists.all(), cursor, options, now=client.now())
    wait = lists.reddit.wait
    if wait is None:
        return batch
    return replace(batch, not_before=max(filter(None, (batch.not_before, client.now() + wait))))


def parse(listing: Shape, *, name: str, now: datetime) -> Page:
    """The posts and comments of a listing: pure; what else is in it (subreddits, users) is passed over."""
    mentions, deleted = [], []
    for child in listing.listed("data", "children"):
        kind, item = child.text("kind"), child.at("data")
        key = f"{kind}_{item.ident('id')}"
        if kind not in ("t1", "t3") or not item.ident("id"):
            continue
        if _is_gone(item):
            deleted.append(key)
        else:
            mentions.append((_comment if kind == "t1" else _post)(item, key, name, now))
    return Page(mentions=tuple(mentions), deleted=tuple(deleted), next=listing.text("data", "after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """The lists of one visit."""

    options: Options
    query: Query
    reddit: Reddit
    again: Again
    now: datetime

    def all(self) -> dict[str, Ask]:
        lists = {
            f"{what}:{subreddit.lower()}": self._listing(f"/r/{subreddit}/{what}")
            for subreddit in self.options.subreddits
            for what in ("new", "comments")
        }
        places = ["/search"] if self.options.everywhere else []
        if self.options.subreddits:
            places.append(f"/r/{'+'.join(self.options.subreddits)}/search")
        for words in asked(self.options, REDDIT) if places else ():
            lists |= {f"search:{short(place.lower(), words)}": self._search(place, words) for place in places}
        return lists | {"again": self.again.ask(self._look)}

    def _read(self, path: str, token: str, **params: object) -> Page:
        answer = self.reddit.ask(path, {"limit": PER_PAGE, "after": token, **params})
        return parse(answer, name=self.options.name, now=self.now)

    def _saw(self, page: Page) -> Page:
        self.again.saw((mention.key, mention) for mention in page.mentions)
        return page

    def _listing(self, path: str) -> Ask:
        """Everything that is said in a subreddit; what is not about us is dropped."""

        def ask(token: str, since: datetime, mark: Mark) -> Page:
            page = self._read(path, token)
            return self._saw(sifted(page, self.query, token=token, since=since, mark=mark, now=self.now))

        return ask

    def _search(self, path: str, words: str) -> Ask:
        inside = {} if path == "/search" else {"restrict_sr": "on"}

        def ask(token: str, _since: datetime, _mark: Mark) -> Page:
            return self._saw(self._read(path, token, q=words, sort="new", type="link", **inside))

        return ask

    def _look(self, keys: Mapping[str, str]) -> Page:
        """What became of posts and comments; of comments the answer lacks the title, so that only posts come anew."""
        page = self._read("/api/info", "", id=",".join(keys))
        return replace(page, mentions=tuple(one for one in page.mentions if one.kind == "post"), next="")


def _is_gone(item: Shape) -> bool:
    """Taken down by its author, by a moderator or by Reddit; of a closed account's post the text may stay."""
    body = (item.text("body") or item.text("selftext")).strip().lower()
    if item.at("author").value is None or item.text("removed_by_category"):
        return True
    return body in _GONE or (not body and item.text("author") == "[deleted]")


def _author(item: Shape) -> str:
    author = item.text("author")
    return "" if author == "[deleted]" else author


def _post(item: Shape, key: str, name: str, now: datetime) -> Mention:
    original = next(iter(item.items("crosspost_parent_list")), Shape(None)).text("permalink")
    link = "" if item.flag("is_self") else item.text("url")
    return Mention(
        source=name,
        key=key,
        url=_address(item.text("permalink") or f"/comments/{item.ident('id')}/"),
        title=tidy(item.text("title")),
        text=tidy("\n\n".join(filter(None, (item.text("selftext"), link)))),
        author=_author(item),
        platform=PLATFORM,
        posted_at=item.when(now, "created_utc"),
        kind="post",
        shared=_address(original) if original else "",
    )


def _comment(item: Shape, key: str, name: str, now: datetime) -> Mention:
    post = item.text("link_id").removeprefix("t3_")
    return Mention(
        source=name,
        key=key,
        url=_address(item.text("permalink") or f"/comments/{post}/_/{item.ident('id')}/"),
        title=tidy(item.text("link_title")),
        text=tidy(item.text("body")),
        author=_author(item),
        platform=PLATFORM,
        posted_at=item.when(now, "created_utc"),
        kind="comment",
    )


def _address(path: str) -> str:
    return f"{SITE}{path if path.startswith('/') else f'/{path}'}"
