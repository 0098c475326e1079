"""X: what its search of the last 7 days finds, without mere reposts; and every 20 hours which of that was deleted.

The cursor is that of ``_held``: the times up to which the searches were read, and the ids of the posts found.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pydantic import Field, SecretStr

from connectors import _held
from connectors._http import Client
from connectors._json import Shape, ask, link
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._secrets import secret
from connectors._terms import DAY, Budget, Terms
from connectors._tweets import parse
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query.dialects import X
from core.types import Batch

PLATFORM = "x"
SAMPLE = "x/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="The search reaches back 7 days. Whom X tells that there were too many requests waits as long as it says.",
    deletion="Deleted posts must be deleted here within 24 hours of being asked; nothing about the health of users, "
    "crimes they are accused of or their union is stored as derived data.",
    cost="$0.005 a post read, $0.010 an author; at most 1,000 posts a day unless [budgets.x] says otherwise",
    keys=("token",),
    approval="X forbids surveillance and the tracking of users, and approves what its posts are used for.",
    budgets={"posts": Budget(units=1000, per=DAY)},
)
REACH = timedelta(days=7) - timedelta(minutes=2)
OVERLAP = timedelta(minutes=5)  # posts are paid for, so this is less than the hour of _walk
NO_REPOSTS = " -is:retweet"
DIALECT = replace(X, max_characters=X.max_characters - len(f"(){NO_REPOSTS}"))
FIELDS = "created_at,lang,edit_history_tweet_ids,referenced_tweets,note_tweet,entities"
SPENT = "the budget of posts is spent: older posts were not read"
GONE = ("/resource-not-found", "/not-authorized-for-resource")
EPOCH = 1288834974.657  # of the ids, which hold their time: https://docs.x.com/fundamentals/x-ids


class Options(Asking):
    """``authors = false`` saves what the names of authors cost. ``recheck_days``: how long deletions are asked for."""

    base: Address = "https://api.x.com"
    token: SecretStr = SecretStr("")
    authors: bool = True
    recheck_days: int = Field(default=7, ge=0, le=30)


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit; raises FetchError where no search can be read."""
    now, held = client.now(), _held.Held.load(cursor)
    oldest = now - timedelta(days=options.recheck_days)
    held = held.model_copy(update={"keys": tuple(key for key in held.keys if _made(key) >= oldest)})
    lists = {f"search:{short(words)}": _search(words, options, client) for words in asked(options, DIALECT)}
    batch = visit(lists, held.walk, now=now, most_pages=options.max_pages, backfill=options.backfill)
    return _held.settle(batch, held, now=now, most=1000, check=lambda keys: _gone(keys, options, client))


def _search(words: str, options: Options, client: Client) -> Ask:
    def page(token: str, since: datetime, mark: Mark) -> Page:
        if token and not _pay(client, 1):
            return Page(missed=SPENT, ends=True)
        start = max(mark.newest - OVERLAP if mark.newest else since, client.now() - REACH)
        params = {
            "query": f"({words}){NO_REPOSTS}",
            "max_results": 100,
            "tweet.fields": FIELDS,
            "next_token": token,
        }
        params["start_time"] = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if options.authors:
            params |= {"expansions": "author_id", "user.fields": "username"}
        shape = _ask(options, client, "/2/tweets/search/recent", params, cost=0 if token else 1)
        found = parse(shape, options.name, client.now())
        # The first post of a page was paid for before it was asked for: an empty purse asks nothing.
        paid = _pay(client, max(len(found.mentions) - 1, 0))
        return found if paid else replace(found, ends=True, missed=SPENT if found.next else "")

    return page


def _ask(options: Options, client: Client, path: str, params: dict[str, object], *, cost: int) -> Shape:
    headers = {"Authorization": f"Bearer {secret(options, 'token')}"}
    return ask(client, link(options.base, path, params), headers, cost=cost, budget="posts")


def _pay(client: Client, posts: int) -> bool:
    """Whether so many posts could be paid for; where not, what is left is spent."""
    try:
        client.spend(posts, "posts")
    except FetchError:
        with suppress(FetchError):
            for _ in range(posts):
                client.spend(1, "posts")
        return False
    return True


def _gone(keys: Sequence[str], options: Options, client: Client) -> set[str]:
    """The keys of posts of which X says that they are not there, or no longer public."""
    gone = set[str]()
    for start in range(0, len(keys), 100):
        ids = keys[start : start + 100]
        shape = _ask(options, client, "/2/tweets", {"ids": ",".join(ids)}, cost=1)
        _pay(client, max(len(shape.items("data")) - 1, 0))
        gone |= {
            e.ident("resource_id") or e.ident("value")
            for e in shape.items("errors")
            if e.text("type").endswith(GONE)
        }
    return gone


def _made(key: str) -> datetime:
    seconds = (int(key[:19]) >> 22) / 1000 + EPOCH if key.isdecimal() else 0
    return datetime.fromtimestamp(seconds, UTC)
