"""GDELT: titles and links of news all over the world, from its DOC 2.0 interface.

The cursor is that of ``connectors._walk``: for each search the time when its newest article was seen, and hashes of the
keys seen last.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import sleep
from urllib.parse import urlsplit

from connectors import _articles
from connectors._http import Client, Response
from connectors._json import Shape, link, read
from connectors._keys import LONGEST, short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._terms import Budget, Terms
from connectors._walk import INDEXED_LATE, Ask, Mark, Page, visit
from core.errors import FetchError
from core.query.dialects import GDELT
from core.types import Batch, Mention

PLATFORM = "news"
SAMPLE = "gdelt/articles.json"
PACE = timedelta(seconds=5)
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="throttled: one request each five seconds",
    deletion="nothing is said of articles that are gone",
    budgets={"": Budget(units=1, per=PACE)},
)
PER_PAGE = 250
REACH = timedelta(days=88)  # it searches the last three months
MOST_READ = 20  # articles of one page
_TIME = "%Y%m%d%H%M%S"
# By the names that it gives them: the languages most of its articles are in.
LANGUAGES = {
    "arabic": "ar",
    "bengali": "bn",
    "bulgarian": "bg",
    "chinese": "zh",
    "croatian": "hr",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "norwegian": "no",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "vietnamese": "vi",
    "welsh": "cy",
}


class Options(Asking):
    """What can be set for GDELT. ``full_text`` reads the page of each new article, where its robots.txt allows it."""

    base: Address = "https://api.gdeltproject.org"
    full_text: bool = False


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """The articles seen since the last visit; raises FetchError."""

    def search(words: str) -> Ask:
        def ask(token: str, since: datetime, mark: Mark) -> Page:
            start = max(since - INDEXED_LATE, client.now() - REACH)
            params: dict[str, object] = {
                "query": words,
                "mode": "ArtList",
                "format": "json",
                "sort": "datedesc",
            }
            params |= {"maxrecords": PER_PAGE, "startdatetime": f"{start.astimezone(UTC):{_TIME}}"}
            params["enddatetime"] = token or f"{client.now():{_TIME}}"
            _wait_for_a_turn(client)
            url = link(options.base, "/api/v2/doc/doc", params)
            answer = client.get(url, {"Accept": "application/json"}, cost=0)
            page = parse(_checked(answer), source=options.name, now=client.now())
            return _with_words(page, mark, client) if options.full_text else page

        return ask

    return visit(
        {f"search:{short(words)}": search(words) for words in asked(options, GDELT)},
        cursor,
        options,
        now=client.now(),
    )


def parse(answer: Shape, *, source: str, now: datetime) -> Page:
    """A page of articles, newest first; nothing found is an empty object. Raises FetchError for all else."""
    if answer.value == {}:
        return Page()
    articles = answer.listed("articles")
    made = [_mention(article, source, now) for article in articles]
    mentions = {one.key: one for one in made if one}
    seen = [one.posted_at for one in mentions.values() if one.posted_at]
    full = len(articles) >= PER_PAGE and seen
    return Page(mentions=tuple(mentions.values()), next=f"{min(seen):{_TIME}}" if full else "")


def _mention(article: Shape, source: str, now: datetime) -> Mention | None:
    url, title = article.web("url"), " ".join(article.text("title").split())
    if not url or not title:
        return None
    return Mention(
        source=source,
        key=url if len(url) <= LONGEST else f"sha256:{short(url)}",
        url=url,
        text=title,
        platform=PLATFORM,
        title=title,
        posted_at=article.when(now, "seendate"),
        kind="article",
        lang=LANGUAGES.get(article.text("language").lower(), ""),
    )


def _wait_for_a_turn(client: Client) -> None:
    """Spend the request, in the next five seconds if these are spent: else no second page would ever be read."""
    try:
        client.spend()
    except FetchError as error:
        if error.retry_after is None or error.retry_after > PACE:
            raise
        sleep(error.retry_after.total_seconds())
        client.spend()


def _checked(answer: Response) -> Shape:
    """The answer; GDELT says in plain text, with status 200, what it cannot do."""
    said = answer.content[:500].decode("utf-8", "replace").strip().lower()
    host = urlsplit(answer.url).hostname or ""
    if "limit requests" in said:
        raise FetchError(f"{host} was asked too soon", temporary=True, retry_after=PACE)
    if re.match(r"[a-z]", said) and re.search(r"\b(?:query|phrase|keyword|search|timespan)s?\b", said):
        why = next(
            (word for word in ("too short", "too long", "too common") if word in said), "it cannot be read"
        )
        raise FetchError(f"{host} refuses the query: {why}", temporary=False)
    return read(answer)


def _with_words(page: Page, mark: Mark, client: Client) -> Page:
    """The new articles with the words of their pages; known ones are left out, as they are stored with theirs."""
    mentions = [one for one in page.mentions if short(one.key) not in mark.known]
    failed = max(0, len(mentions) - MOST_READ)
    for index, mention in enumerate(mentions[:MOST_READ]):
        try:
            mentions[index] = replace(mention, text=_articles.read(mention.url, client))
        except FetchError:
            failed += 1
    missed = f"{failed} of {len(mentions)} articles are known by their title alone" if failed else ""
    ends = len(mentions) < len(page.mentions)
    return replace(page, mentions=tuple(mentions), missed=missed, ends=ends)
