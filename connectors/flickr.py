"""Flickr: photos and videos whose title, description or tags a search (flickr.photos.search) finds. Never a picture.

The cursor is that of ``connectors._walk``: for each search the time of its newest upload and hashes of the keys last
seen.
"""

from datetime import date, datetime, timedelta

from pydantic import SecretStr

from connectors._http import Client
from connectors._json import Shape, ask, link
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._secrets import secret
from connectors._terms import Budget, Terms
from connectors._text import html_to_text, tidy
from connectors._walk import INDEXED_LATE, Ask, Mark, Page, visit
from core.errors import FetchError
from core.query.dialects import PLAIN
from core.types import Batch, Mention

PLATFORM = "flickr"
SAMPLE = "flickr/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="about 3,600 requests an hour; a search gives at most 4,000 photos; keys are for non-commercial use",
    deletion="what its owner deletes or hides is to be deleted; no list tells of it",
    keys=("api_key",),
    budgets={"": Budget(units=3600, per=timedelta(hours=1))},
)
PER_PAGE = 250
MOST_FOUND = 4000
# https://www.flickr.com/services/api/flickr.photos.search.html, "Error Codes"
_PASSING = frozenset({0, 10, 105, 106})
_NO_KEY = 100


class Options(Asking):
    """What can be set for Flickr."""

    base: Address = "https://api.flickr.com"
    api_key: SecretStr = SecretStr("")


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """Search; raises FetchError."""
    given: dict[str, object] = {
        "method": "flickr.photos.search",
        "api_key": secret(options, "api_key"),
        "format": "json",
        "nojsoncallback": 1,
        "sort": "date-posted-desc",
        "per_page": PER_PAGE,
        "extras": "description,date_upload,owner_name,tags,media",
    }

    def search(words: str) -> Ask:
        def page(token: str, since: datetime, _mark: Mark) -> Page:
            params = {
                "text": words,
                "min_upload_date": int((since - INDEXED_LATE).timestamp()),
                "page": token or 1,
            }
            answer = ask(client, link(options.base, "/services/rest/", given | params))
            return parse(answer, source=options.name, now=client.now())

        return page

    return visit(
        {f"search:{short(words)}": search(words) for words in asked(options, PLAIN)},
        cursor,
        options,
        now=client.now(),
    )


def parse(answer: Shape, *, source: str, now: datetime) -> Page:
    """The photos of an answer; raises FetchError for one of ``stat`` "fail", or without a list of them."""
    if answer.text("stat") == "fail":
        raise _failure(answer)
    photos = answer.listed("photos", "photo")
    number, last = answer.number("photos", "page") or 1, answer.number("photos", "pages") or 1
    full = number * PER_PAGE >= MOST_FOUND and number < last
    return Page(
        mentions=tuple(found for photo in photos if (found := _mention(photo, source, now))),
        next=str(number + 1) if number < last and photos and not full else "",
        missed=f"Flickr gives no more than {MOST_FOUND:,} photos of one search" if full else "",
    )


def _failure(answer: Shape) -> FetchError:
    code = answer.number("code")
    if code == _NO_KEY:
        return FetchError(f"{answer.whence} refuses the key (code {code})", temporary=False)
    return FetchError(f"{answer.whence} refuses the search (code {code})", temporary=code in _PASSING)


def _mention(photo: Shape, source: str, now: datetime) -> Mention | None:
    key, owner = photo.ident("id"), photo.ident("owner")
    title = tidy(_content(photo, "title")).replace("\n", " ")
    tags = " ".join(f"#{tag}" for tag in photo.text("tags").split())
    text = "\n\n".join(part for part in (html_to_text(_content(photo, "description")), tags) if part)
    if not key or not owner or not (title or text) or photo.number("ispublic") == 0:
        return None
    return Mention(
        source=source,
        key=key,
        url=f"https://www.flickr.com/photos/{owner}/{key}/",
        title=title,
        text=text,
        platform=PLATFORM,
        author=photo.text("ownername"),
        posted_at=photo.when(now, "dateupload"),
        kind="video" if photo.text("media") == "video" else "photo",
    )


def _content(photo: Shape, name: str) -> str:
    """A text that stands by itself, or as ``_content`` of an object."""
    return photo.text(name) or photo.text(name, "_content")
