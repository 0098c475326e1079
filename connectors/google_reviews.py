"""Google reviews of the organisation's own places, through the Business Profile API.

The cursor is that of ``_walk``: of each place the time of its newest review and short hashes of those seen last; and
the keys of the reviews found, which are looked at again.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from pydantic import Field, SecretStr

from connectors._again import WITHIN_A_DAY, Again
from connectors._http import Client
from connectors._json import Shape, link
from connectors._oauth import logged_in
from connectors._options import Address, Asking
from connectors._secrets import secret
from connectors._terms import Terms
from connectors._walk import Ask, Mark, Page, visit
from core.types import Batch, Mention

PLATFORM = "review"
SAMPLE = "google_reviews/reviews.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="Google grants the API on request, and says in its console how much may be asked",
    deletion="reviews that their authors or Google delete leave the list, and are deleted here",
    cost="not known",
    keys=("client_id", "client_secret", "refresh_token"),
)
MOST_REMEMBERED = 2000
STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
Get = Callable[[str, str], Shape]


class Options(Asking):
    """``locations`` are the ids of the places below the ``account``, each with its public address on Google Maps."""

    base: Address = "https://mybusiness.googleapis.com"
    login: Address = "https://oauth2.googleapis.com"
    account: str = Field(pattern=r"^[0-9]{1,40}$")
    locations: Mapping[str, Address] = Field(min_length=1, max_length=100)
    client_id: SecretStr = SecretStr("")
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit; raises FetchError where no place can be read."""
    now, get = client.now(), _getter(options, client)
    again = Again(
        now,
        at_once=MOST_REMEMBERED,
        every=WITHIN_A_DAY,
        looks_back=timedelta(days=36_500),
        most=MOST_REMEMBERED,
    )
    lists = {f"location:{place}": _reviews(place, options, get, again, now) for place in options.locations}
    return visit(
        lists | {"again": again.ask(lambda keys: Page(deleted=_gone(keys.values(), options, get)))},
        cursor,
        options,
        now=now,
    )


def _reviews(place: str, options: Options, get: Get, again: Again, now: datetime) -> Ask:
    def page(token: str, since: datetime, _: Mark) -> Page:
        shape = get(place, token)
        found = _listed(shape)
        last = found[-1].when(now, "updateTime") if found else None
        mentions = parse(shape, place=place, options=options, now=now)
        again.saw((mention.key, mention) for mention in mentions)
        ends = last is not None and last < since
        return Page(mentions=mentions, next=shape.text("nextPageToken"), ends=ends)

    return page


def parse(shape: Shape, *, place: str, options: Options, now: datetime) -> tuple[Mention, ...]:
    """The reviews with words of a page; what the organisation replied is left out."""
    return tuple(
        Mention(
            source=options.name,
            key=f"{place}/{item.ident('reviewId')}",
            url=options.locations[place],
            title=f"{STARS[item.text('starRating')]} of 5 stars" if item.text("starRating") in STARS else "",
            text=item.text("comment"),
            platform=PLATFORM,
            author=item.text("reviewer", "displayName"),
            posted_at=item.when(now, "updateTime") or item.when(now, "createTime"),
            kind="review",
        )
        for item in _listed(shape)
        if item.ident("reviewId") and item.text("comment")
    )


def _listed(shape: Shape) -> list[Shape]:
    """A place without reviews is answered with an empty object."""
    return [] if shape.value == {} else shape.listed("reviews")


def _gone(keys: Iterable[str], options: Options, get: Get) -> tuple[str, ...]:
    """The keys that are no longer on their place's list, where all of that can be read."""
    gone: list[str] = []
    for place in options.locations:
        here, token = set[str](), ""
        for _ in range(options.max_pages):
            shape = get(place, token)
            here |= {f"{place}/{item.ident('reviewId')}" for item in _listed(shape)}
            token = shape.text("nextPageToken")
            if not token:
                break
        if not token and shape.number("totalReviewCount") == len(here):
            gone += [key for key in keys if key.startswith(f"{place}/") and key not in here]
    return tuple(gone)


def _getter(options: Options, client: Client) -> Get:
    """What asks for a page of a place's reviews."""
    fields = ("client_id", "client_secret", "refresh_token")
    form = {"grant_type": "refresh_token"} | {field: secret(options, field) for field in fields}
    ask = logged_in(client, link(options.login, "/token"), form)

    def get(place: str, page: str) -> Shape:
        path = f"/v4/accounts/{options.account}/locations/{place}/reviews"
        return ask(
            link(options.base, path, {"pageSize": 50, "orderBy": "updateTime desc", "pageToken": page})
        )

    return get
