"""Reads the page that an entry links to, where the feed itself holds only an excerpt."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from connectors._http import Client
from connectors._keys import mark
from connectors._text import tidy
from core.errors import FetchError
from core.types import Mention

MOST = 20  # pages read for one visit
MOST_ELIGIBLE = 200  # of the newest entries: as many as a visit remembers
MAX_BYTES = 5 * 1024 * 1024
ACCEPT = "text/html, application/xhtml+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The new and edited entries, with their articles where those say more.

    ``waiting`` are the keys whose article is for the next visit, ``missed`` says what was not read.
    """

    mentions: tuple[Mention, ...]
    waiting: frozenset[str]
    missed: str


def fill(found: Sequence[Mention], known: Collection[str], client: Client) -> Filled:
    """Read the articles of the entries that are not known (by ``_keys.mark``); oldest first.

    Known entries are left out: they are stored with their article, and the feed's excerpt is no edit of it.
    A page that cannot be read leaves its entry as the feed gave it.
    """
    new = [mention for mention in found if mark(mention) not in known]
    eligible = [mention for mention in new[-MOST_ELIGIBLE:] if mention.url]
    chosen, full = eligible[-MOST:], dict[str, Mention]()
    failed = 0
    for mention in chosen:
        try:
            text = read(mention.url, client)
        except FetchError:
            failed += 1
            continue
        if len(text) > len(mention.text):
            full[mention.key] = replace(mention, text=text)
    waiting = frozenset(mention.key for mention in eligible[: -len(chosen)]) if chosen else frozenset[str]()
    said = [f"{failed} of {len(chosen)} articles could not be read" if failed else ""]
    said.append(f"{len(waiting)} articles wait for the next visit" if waiting else "")
    return Filled(
        mentions=tuple(full.get(mention.key, mention) for mention in new),
        waiting=waiting,
        missed="; ".join(filter(None, said)),
    )


def read(url: str, client: Client) -> str:
    """The article's text; raises FetchError if the page may not be read, cannot be, or holds no article."""
    page = client.get(url, {"Accept": ACCEPT}, robots=True, max_bytes=MAX_BYTES)
    kind = page.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if kind not in ("text/html", "application/xhtml+xml"):
        raise FetchError(f"the linked page is no HTML ({kind[:60]})", temporary=False)
    return extract(page.content)


def extract(html: bytes) -> str:
    """The main text of a page, rather too much than too little; raises FetchError if there is none."""
    try:
        text = _extractor()(html, favor_recall=True, include_comments=False)
    except Exception as error:  # noqa: BLE001 - a parser of anything, fed by anybody: one edge for all it may raise
        raise FetchError(
            f"the linked page cannot be read ({type(error).__name__})", temporary=False
        ) from None
    if not isinstance(text, str) or not text.strip():
        raise FetchError("the linked page holds no article", temporary=False)
    return tidy(text)


def _extractor() -> Callable[..., str | None]:
    # Loading it takes half a second, which feeds without full_text must not cost.
    from trafilatura import extract as trafilatura_extract  # noqa: PLC0415

    return trafilatura_extract
