"""YouTube: the videos that a search finds, and the comments under them and under what the operator names.

The cursor is that of ``connectors._under``: how far each search and each list of comments was read and when it was
last asked, and which videos are watched since when.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pydantic import SecretStr

from connectors import _google, _tube
from connectors._http import Client
from connectors._json import Shape, link
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._secrets import secret
from connectors._sift import query_of, sifted
from connectors._terms import DAY, Budget, Terms
from connectors._under import Under, seldom, visit
from connectors._walk import INDEXED_LATE, Ask, Mark, Page
from core.errors import FetchError
from core.query import Item, Query
from core.query.dialects import YOUTUBE
from core.sections import Duration
from core.types import Batch, Mention

PLATFORM = "youtube"
SAMPLE = "youtube/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="100 searches a day, which are a quota of their own; 10,000 units a day for all else, 1 unit a request",
    deletion="what is stored is refreshed or deleted within 30 days",
    keys=("api_key",),
    budgets={
        "": Budget(units=10_000, per=DAY, zone=_google.PACIFIC),
        "search": Budget(units=100, per=DAY, zone=_google.PACIFIC),
    },
)
SEARCHES = 80  # of the hundred; the others are for second pages and for a visit made by hand
VIDEOS = {"part": "snippet", "type": "video", "order": "date", "maxResults": 50, "safeSearch": "none"}
COMMENTS = {"part": "snippet,replies", "order": "time", "maxResults": 100, "textFormat": "plainText"}
REPLIES = {"part": "snippet", "maxResults": 100, "textFormat": "plainText"}
MOST_THREADS = 20  # of one page whose further replies are read


class Options(Asking):
    """What can be set for YouTube.

    ``search`` looks for videos, no more often than ``search_every`` (not given: so that a day's searches last the
    day). Under those that the query keeps, under ``videos`` and in all of ``channels`` comments are read every
    ``comments_every``; with ``search_comments`` only comments with the query's words are asked of the channels.
    """

    base: Address = "https://www.googleapis.com/youtube/v3"
    api_key: SecretStr = SecretStr("")
    search: bool = True
    search_every: Duration | None = None
    comments_every: Duration = timedelta(hours=1)
    channels: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    search_comments: bool = False


class _Tube:
    """The API with the operator's key, and what is asked of it."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options = options
        self._client = client
        self._key = secret(options, "api_key")

    def get(self, path: str, params: Mapping[str, object], *, cost: int = 1) -> Shape:
        return _google.ask(self._client, link(self._options.base, path, params), self._key, cost=cost)

    def page(self, answer: Shape, video: str = "") -> Page:
        return parse(answer, source=self._options.name, now=self._client.now(), video=video)

    def search(self, words: str) -> Ask:
        def ask(token: str, since: datetime, _mark: Mark) -> Page:
            try:
                self._client.spend(1, "search")
            except FetchError as error:  # the comments have another budget, so they need not wait
                raise FetchError(str(error), temporary=True) from None
            after = (since - INDEXED_LATE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            given = VIDEOS | {"q": words, "publishedAfter": after, "pageToken": token}
            found = self.page(self.get("/search", given, cost=0))
            ids = ",".join(mention.key for mention in found.mentions)
            # A search cuts descriptions short.
            whole = self.page(self.get("/videos", {"part": "snippet", "id": ids})).mentions if ids else ()
            every = {mention.key: mention for mention in (*found.mentions, *whole)}
            return Page(mentions=tuple(every.values()), next=found.next)

        return ask

    def comments(self, query: Query | None, **of: str) -> Ask:
        """The comments of a video or a channel; those that the ``query`` keeps, where there is one."""

        def ask(token: str, since: datetime, mark: Mark) -> Page:
            video, now = of.get("videoId", ""), self._client.now()
            try:
                answer = self.get("/commentThreads", COMMENTS | {"pageToken": token} | of)
            except _google.RefusedError as error:
                return _closed(error, video)
            page = self.page(answer, video)
            whole = replace(page, mentions=(*self._replies(answer, mark), *page.mentions))
            return sifted(whole, query, token=token, since=since, mark=mark, now=now) if query else whole

        return ask

    def _replies(self, answer: Shape, mark: Mark) -> list[Mention]:
        """The replies to threads that were not read before and hold more of them than come with the thread."""
        threads = [
            thread
            for thread in answer.items("items")
            if (thread.number("snippet", "totalReplyCount") or 0) > len(thread.items("replies", "comments"))
            and thread.ident("id")
            and short(thread.ident("id")) not in mark.known
        ]
        found: list[Mention] = []
        for thread in threads[:MOST_THREADS]:
            replies = self.get("/comments", REPLIES | {"parentId": thread.ident("id")})
            found += self.page(replies, thread.text("snippet", "videoId")).mentions
        return found


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """Search, then read comments; raises FetchError."""
    tube, now = _Tube(options, client), client.now()
    query = query_of(options) if options.search or options.search_comments else None
    words = asked(options, YOUTUBE) if query else ()
    every = options.search_every or DAY * max(len(words), 1) / SEARCHES
    found = {
        f"search:{short(text)}": seldom(tube.search(text), every, now) for text in words if options.search
    }

    def under(video: str) -> Ask:
        return seldom(tube.comments(query, videoId=video), options.comments_every, now)

    def watch(mention: Mention) -> str:
        return mention.key if query and query.matches(Item.of(mention)).kept else ""

    named = {f"video:{video}": tube.comments(None, videoId=video) for video in options.videos}
    for channel in options.channels:
        for text in words if options.search_comments else ("",):
            of = {"allThreadsRelatedToChannelId": channel, "searchTerms": text}
            named[f"channel:{short(channel, text)}"] = tube.comments(None, **of)
    named = {name: seldom(ask, options.comments_every, now) for name, ask in named.items()}
    return visit(found, Under(watch=watch, ask=under, named=named), cursor, options=options, now=now)


def parse(answer: Shape, *, source: str, now: datetime, video: str = "") -> Page:
    """The videos or comments of an answer, whichever list it is; raises FetchError where it is none."""
    found = (
        mention
        for item in answer.listed("items")
        for mention in _tube.mentions(item, source=source, now=now, video=video)
    )
    return Page(mentions=tuple(found), next=answer.text("nextPageToken"))


def _closed(error: _google.RefusedError, video: str) -> Page:
    """Comments that are switched off are no failure, and a video that is gone is told of."""
    if error.why == "commentsDisabled":
        return Page()
    if error.why == "videoNotFound" and video:
        return Page(deleted=(video,))
    raise error
