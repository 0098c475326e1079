"""The Guardian: its articles whole, from the Content API.

The cursor is that of ``connectors._walk``: for each search the time of its newest article and hashes of the keys seen
last.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

from pydantic import SecretStr

from connectors._changed import read_from, read_to
from connectors._http import Client
from connectors._json import Shape, ask, link
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._secrets import secret
from connectors._terms import DAY, Budget, Terms
from connectors._text import html_to_text
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query.dialects import GUARDIAN
from core.types import Batch, Mention

PLATFORM = "news"
SAMPLE = "guardian/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="500 requests a day are kept to; 5,000 are told of in secondary sources",
    deletion="nothing is said of articles that are gone",
    keys=("key",),
    budgets={"": Budget(units=500, per=DAY)},
)
PER_PAGE = 50


class Options(Asking):
    """What can be set for the Guardian."""

    base: Address = "https://content.guardianapis.com"
    key: SecretStr = SecretStr("")


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """The articles published or corrected since the last visit; raises FetchError."""
    key = secret(options, "key")

    def search(words: str) -> Ask:
        def page(token: str, since: datetime, mark: Mark) -> Page:
            params: dict[str, object] = {"q": words, "page": token or 1, "page-size": PER_PAGE}
            params |= {"order-by": "newest", "order-date": "last-modified", "use-date": "last-modified"}
            params |= {"from-date": f"{read_from(mark, since).astimezone(UTC):%Y-%m-%d}"}
            params |= {"show-fields": "bodyText,byline,lastModified"}
            try:
                answer = ask(client, link(options.base, "/search", params | {"api-key": key}))
            except FetchError as error:
                raise _explained(error) from None
            times = [
                item.when(client.now(), "fields", "lastModified")
                for item in answer.items("response", "results")
            ]
            found = parse(answer, source=options.name, now=client.now())
            return replace(found, state=read_to(times, token, client.now()))

        return page

    return visit(
        {f"search:{short(words)}": search(words) for words in asked(options, GUARDIAN)},
        cursor,
        options,
        now=client.now(),
    )


def parse(answer: Shape, *, source: str, now: datetime) -> Page:
    """A page of articles in the order of their last change; raises FetchError where it holds no list."""
    response = answer.at("response")
    mentions = [_mention(item, source, now) for item in response.listed("results")]
    number, whole = response.number("currentPage") or 1, response.number("pages") or 1
    return Page(
        mentions=tuple(one for one in mentions if one),
        next=str(number + 1) if number < whole else "",
        unordered=True,
    )


def _mention(item: Shape, source: str, now: datetime) -> Mention | None:
    url, title = item.web("webUrl"), " ".join(item.text("webTitle").split())
    text = html_to_text(item.text("fields", "bodyText"))
    if not item.ident("id") or not url or not (title or text):
        return None
    return Mention(
        source=source,
        key=item.ident("id"),
        url=url,
        text=text,
        platform=PLATFORM,
        title=title,
        author=html_to_text(item.text("fields", "byline")),
        posted_at=item.when(now, "webPublicationDate"),
        kind="article",
        lang="en",
    )


def _explained(error: FetchError) -> FetchError:
    if error.status not in (401, 403):
        return error
    return FetchError(f"{error}: it refuses the key", temporary=False, status=error.status)
