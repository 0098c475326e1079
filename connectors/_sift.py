"""Listings that hold everybody's posts: what the query does not ask for is dropped at once and never stored."""

from datetime import datetime

from connectors._changed import read_from, read_to
from connectors._options import Asking
from connectors._walk import Mark, Page
from core.errors import ConfigError, FetchError
from core.query import Item, Query, parse


def query_of(options: Asking) -> Query:
    """What is looked for; raises FetchError (for good) where there is no query or it cannot be read."""
    if not options.query.strip():
        raise FetchError("there is no query to search with; give organisation.query", temporary=False)
    try:
        return parse(options.query)
    except ConfigError:
        raise FetchError("the query cannot be read; see organisation.query", temporary=False) from None


def sifted(whole: Page, query: Query, *, token: str, since: datetime, mark: Mark, now: datetime) -> Page:
    """A page of a listing, newest first, with no more of it than what the query asks for.

    How far the listing was read is the mark's state: it moves on also where nothing was kept.
    """
    posted = [mention.posted_at for mention in whole.mentions if mention.posted_at]
    kept = query.sift([Item.of(mention) for mention in whole.mentions])
    return Page(
        mentions=tuple(whole.mentions[index] for index in kept),
        deleted=whole.deleted,
        next=whole.next,
        missed=whole.missed,
        ends=whole.ends or bool(posted and posted[-1] < read_from(mark, since)),
        state=read_to(posted, token, now),
    )
