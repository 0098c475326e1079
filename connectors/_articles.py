"""Reads the page that an entry links to, where the feed itself holds only an excerpt."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors._cursor import MOST_KNOWN, Wait
from connectors._http import Client
from connectors._keys import mark, short
from connectors._text import tidy
from core.errors import FetchError
from core.types import Mention

MOST = 20  # pages read for one visit
MOST_WAITING = MOST_KNOWN  # of the newest entries
MOST_TRIES = 3
LONGEST_WAIT = timedelta(days=3)  # since the first failure
MAX_BYTES = 5 * 1024 * 1024
ACCEPT = "text/html, application/xhtml+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The new and edited entries, with their articles where those say more.

    ``waiting`` are the entries (hash of key) whose article is for the next visit, ``missed`` says what was not
    read.
    """

    mentions: tuple[Mention, ...]
    waiting: Mapping[str, Wait] = field(default_factory=dict)
    missed: str = ""


def fill(
    found: Sequence[Mention], known: Collection[str], waiting: Mapping[str, Wait], client: Client
) -> Filled:
    """Read the articles of the entries that are not known (by ``_keys.mark``); oldest first.

    Known entries are left out: they are stored with their article, and the feed's excerpt is no edit of it.
    A page that cannot be read leaves its entry as the feed gave it; after a passing failure it is read on a
    later visit. ``waiting`` is what the last visit left over.
    """
    new = [mention for mention in found if mark(mention) not in known]
    linked = [mention for mention in new if mention.url]
    eligible = linked[-MOST_WAITING:]
    full = dict[str, Mention]()
    waits = {short(mention.key): waiting.get(short(mention.key), Wait()) for mention in eligible[:-MOST]}
    here = {short(mention.key) for mention in found}
    count = Counter(old=len(linked) - len(eligible), gone=sum(key not in here for key in waiting))
    for mention in eligible[-MOST:]:
        try:
            text = read(mention.url, client)
        except FetchError as error:
            wait = _after(waiting.get(short(mention.key), Wait()), client.now())
            if not error.temporary:
                count["failed"] += 1
            elif wait is None:
                count["given up"] += 1
            else:
                waits[short(mention.key)] = wait
            continue
        if len(text) > len(mention.text):
            full[mention.key] = replace(mention, text=text)
    return Filled(
        mentions=tuple(full.get(mention.key, mention) for mention in new),
        waiting=waits,
        missed=_missed(count, asked=len(eligible[-MOST:]), waiting=len(waits)),
    )


def _after(wait: Wait, now: datetime) -> Wait | None:
    """How an article waits on after another passing failure; None if it has been tried enough."""
    tries, since = wait.tries + 1, wait.since or int(now.timestamp())
    late = now.timestamp() - since >= LONGEST_WAIT.total_seconds()
    return None if late or tries >= MOST_TRIES else Wait(tries=tries, since=since)


def _missed(count: Mapping[str, int], *, asked: int, waiting: int) -> str:
    days = LONGEST_WAIT.days
    said = {
        f"{count['failed']} of {asked} articles could not be read": count["failed"],
        f"{count['given up']} articles were given up after {MOST_TRIES} tries or {days} days": count[
            "given up"
        ],
        f"{count['gone']} articles left the feed before they could be read": count["gone"],
        f"{count['old']} articles older than the newest {MOST_WAITING} new ones are not read": count["old"],
        f"{waiting} articles wait for the next visit": waiting,
    }
    return "; ".join(sentence for sentence, number in said.items() if number)


def read(url: str, client: Client) -> str:
    """The article's text; raises FetchError if the page may not be read, cannot be, or holds no article."""
    # It is somebody else's page: no budget of the platform's that told of it is spent.
    page = client.get(url, {"Accept": ACCEPT}, robots=True, max_bytes=MAX_BYTES, cost=0)
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
