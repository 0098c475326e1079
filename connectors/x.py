"""X: what its search of the last 7 days finds, without mere reposts; and every 20 hours which of that was deleted.

The cursor is that of ``_walk``: of each search the time of the newest post and short hashes of those seen last; and the
ids of the posts found, which are looked at again.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pydantic import Field, SecretStr

from connectors._again import WITHIN_A_DAY, Again
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
    limits="the search reaches back 7 days; whom X tells that there were too many requests waits as long as it says",
    deletion="deleted posts must be deleted here within 24 hours of being asked; nothing about the health of users, "
    "crimes they are accused of or their union is stored as derived data",
    cost="$0.005 a post read, $0.010 an author; at most 1,000 posts a day unless [budgets.x] says otherwise",
    keys=("token",),
    approval="X forbids surveillance and the tracking of users, and approves what its posts are used for",
    budgets={"posts": Budget(units=1000, per=DAY)},
)
REACH = timedelta(days=7) - timedelta(minutes=2)
OVERLAP = timedelta(minutes=5)  # posts are paid for, so this is less than the hour of _walk
NO_REPOSTS = " -is:retweet"
DIALECT = replace(X, max_characters=X.max_characters - len(f"(){NO_REPOSTS}"))
FIELDS = "created_at,lang,edit_history_tweet_ids,referenced_tweets,note_tweet,entities"
SPENT = "the budget of posts is spent: older posts were not read"
GONE = ("/resource-not-found", "/not-authorized-for-resource")
AT_ONCE = 100  # posts that one request may look up
MOST_REMEMBERED = 1000


class Options(Asking):
    """``authors = false`` saves what the names of authors cost. ``recheck_days``: how long deletions are asked for."""

    base: Address = "https://api.x.com"
    token: SecretStr = SecretStr("")
    authors: bool = True
    recheck_days: int = Field(default=7, ge=0, le=30)


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit; raises FetchError where no search can be read."""
    again = Again(
        client.now(),
        at_once=AT_ONCE,
        rounds=MOST_REMEMBERED // AT_ONCE,
        every=WITHIN_A_DAY,
        looks_back=timedelta(days=options.recheck_days),
        most=MOST_REMEMBERED,
    )
    lists = {
        f"search:{short(words)}": _search(words, options, client, again) for words in asked(options, DIALECT)
    }
    return visit(
        lists | {"again": again.ask(lambda ids: _looked(ids, options, client))},
        cursor,
        options,
        now=client.now(),
    )


def _search(words: str, options: Options, client: Client, again: Again) -> Ask:
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
        again.saw((mention.key, mention) for mention in found.mentions)
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


def _looked(ids: Mapping[str, str], options: Options, client: Client) -> Page:
    """The posts of which X says that they are not there, or no longer public."""
    shape = _ask(options, client, "/2/tweets", {"ids": ",".join(ids)}, cost=1)
    _pay(client, max(len(shape.items("data")) - 1, 0))
    gone = {
        error.ident("resource_id") or error.ident("value")
        for error in shape.items("errors")
        if error.text("type").endswith(GONE)
    }
    return Page(deleted=tuple(key for ident, key in ids.items() if ident in gone))
