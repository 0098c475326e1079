"""Reviews of the organisation on Trustpilot.

The cursor is that of ``_walk``: the time of the newest review and short hashes of those seen last, and the id that
Trustpilot has given the business.
"""

from datetime import date, datetime

from pydantic import Field, SecretStr

from connectors._http import Client
from connectors._json import Shape, ask, link
from connectors._keys import short
from connectors._lang import iso_639_1
from connectors._options import Address, Asking
from connectors._secrets import secret
from connectors._terms import Terms
from connectors._walk import Mark, Page, visit
from core.errors import FetchError
from core.types import Batch, Mention

PLATFORM = "review"
SAMPLE = "trustpilot/reviews.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="Trustpilot gives a key to businesses; how much it may ask stands in its account",
    deletion="reviews that are deleted are no longer listed, and must be deleted on request",
    cost="as the account says",
    keys=("key",),
)
PER_PAGE = 100


class Options(Asking):
    """The ``business`` is its domain, as in its address on Trustpilot: ``oakfieldhouse.example``."""

    base: Address = "https://api.trustpilot.com"
    business: str = Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")
    key: SecretStr = SecretStr("")


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit; raises FetchError."""
    headers = {"apikey": secret(options, "key")}
    unit = ""

    def page(token: str, _: datetime, mark: Mark) -> Page:
        nonlocal unit
        unit = unit or mark.state
        if not unit:
            found = ask(
                client, link(options.base, "/v1/business-units/find", {"name": options.business}), headers
            )
            unit = found.ident("id")
        if not unit:
            raise FetchError(f"{found.whence}: the answer lacks the id of the business", temporary=True)
        params = {"page": token or 1, "perPage": PER_PAGE, "orderBy": "createdat.desc"}
        shape = ask(client, link(options.base, f"/v1/business-units/{unit}/reviews", params), headers)
        more = bool(shape.listed("reviews"))  # a page beyond the last one is an empty list
        mentions = parse(shape, name=options.name, now=client.now())
        return Page(mentions=mentions, next=str(int(token or 1) + 1) if more else "", state=unit)

    lists = {f"business:{short(options.business.lower())}": page}
    return visit(lists, cursor, options, now=client.now())


def parse(shape: Shape, *, name: str, now: datetime) -> tuple[Mention, ...]:
    """The reviews of a page; what the organisation replied is left out."""
    return tuple(
        Mention(
            source=name,
            key=item.ident("id"),
            url=f"https://www.trustpilot.com/reviews/{item.ident('id')}",
            title=": ".join(filter(None, [_stars(item.number("stars")), item.text("title")])),
            text=item.text("text"),
            platform=PLATFORM,
            author=item.text("consumer", "displayName"),
            posted_at=item.when(now, "createdAt"),
            kind="review",
            lang=iso_639_1(item.text("language")),
        )
        for item in shape.listed("reviews")
        if item.ident("id") and (item.text("text") or item.text("title"))
    )


def _stars(stars: int | None) -> str:
    return f"{stars} of 5 stars" if stars else ""
