"""Hacker News: stories and comments that its search (Algolia) finds.

The cursor is a small JSON text (``_walk``): for each search the time of its newest item and short hashes of the keys
seen last; and the numbers of what was found in the last two days, which is looked at again.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from connectors._again import Again
from connectors._http import Client
from connectors._json import Shape, link
from connectors._json import ask as ask_json
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._terms import Terms
from connectors._text import html_to_text
from connectors._walk import Ask, Mark, Page, visit
from core.query.dialects import ALGOLIA
from core.types import Batch, Mention

PLATFORM = "forum"
SAMPLE = "hackernews/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="none published for one address that is known to us; a search gives 1,000 hits at most",
    deletion="what was taken down is looked for among the last two days' finds, and is to be forgotten",
)
SITE = "https://news.ycombinator.com/item?id="
PER_PAGE = 100
LOOKS = 20
EDITABLE = timedelta(hours=2)  # for so long an author may change what was written


class Options(Asking):
    """What can be set for Hacker News: ``base`` is the search, ``items_base`` where single items are read."""

    base: Address = "https://hn.algolia.com"
    items_base: Address = "https://hacker-news.firebaseio.com"


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit: every search back to where the last one ended; raises FetchError."""
    again = Again(client.now(), at_once=1, rounds=LOOKS)

    def search(words: str) -> Ask:
        def ask(token: str, since: datetime, _mark: Mark) -> Page:
            answer = ask_json(client, _address(options.base, words, token, since - EDITABLE))
            page = parse(answer, name=options.name, now=client.now(), token=token)
            again.saw((mention.key, mention) for mention in page.mentions)
            return page

        return ask

    def look(idents: Mapping[str, str]) -> Page:
        def item(ident: str) -> Shape:
            return ask_json(client, f"{options.items_base}/v0/item/{ident}.json")

        return Page(deleted=tuple(key for ident, key in idents.items() if is_gone(item(ident))))

    lists = {f"search:{short(words)}": search(words) for words in asked(options, ALGOLIA)}
    lists["again"] = again.ask(look)
    return visit(lists, cursor, options, now=client.now())


def parse(answer: Shape, *, name: str, now: datetime, token: str = "") -> Page:
    """The hits of a search, newest first: pure. ``token`` is that of the page."""
    hits = answer.listed("hits")
    mentions = tuple(_mention(hit, name, now) for hit in hits if hit.ident("objectID"))
    return Page(mentions=tuple(one for one in mentions if one.full_text), next=_next(answer, hits, token))


def is_gone(item: Shape) -> bool:
    """Whether an item, as Firebase gives it, was taken down; null says nothing, as it comes for young items too."""
    return item.flag("deleted") or item.flag("dead")


def _address(base: str, words: str, token: str, since: datetime) -> str:
    """``token`` is a page, and after its colon where the pages begin once 1,000 hits were read."""
    page, _, before = token.partition(":")
    bounds = [f"created_at_i>{int(since.timestamp())}", *([f"created_at_i<={before}"] if before else ())]
    params = {
        "query": words,
        "tags": "(story,comment,poll)",
        "numericFilters": ",".join(bounds),
        "hitsPerPage": PER_PAGE,
        "page": page or 0,
        "typoTolerance": "false",
        "advancedSyntax": "true",
    }
    return link(base, "/api/v1/search_by_date", params)


def _next(answer: Shape, hits: list[Shape], token: str) -> str:
    page, pages = answer.number("page") or 0, answer.number("nbPages") or 0
    if page + 1 < pages:
        return f"{page + 1}:{token.partition(':')[2]}"
    last = hits[-1].number("created_at_i") if hits else None
    more = (answer.number("nbHits") or 0) > pages * PER_PAGE
    return f"0:{last}" if more and pages and last else ""


def _mention(hit: Shape, name: str, now: datetime) -> Mention:
    ident = hit.ident("objectID")
    words = html_to_text(hit.text("comment_text") or hit.text("story_text"))
    is_comment = bool(hit.text("comment_text"))
    return Mention(
        source=name,
        key=ident,
        url=f"{SITE}{ident}",
        title=html_to_text(hit.text("title") or hit.text("story_title")),
        text=words if is_comment else "\n\n".join(filter(None, (words, hit.text("url")))),
        author=hit.text("author"),
        platform=PLATFORM,
        posted_at=hit.when(now, "created_at_i") or hit.when(now, "created_at"),
        kind="comment" if is_comment else "post",
    )
