"""A Discourse forum: what its search finds, all of its new posts, and topics whose title is about us.

The cursor is a small JSON text (``_walk``): for each list how far it was read and short hashes of the keys seen last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from connectors._changed import read_from, read_to
from connectors._http import Client
from connectors._json import Shape, link
from connectors._json import ask as ask_json
from connectors._keys import short
from connectors._options import Address, Asking
from connectors._queries import asked
from connectors._sift import query_of, sifted
from connectors._terms import Terms
from connectors._text import html_to_text
from connectors._walk import Ask, Mark, Page, visit
from core.errors import FetchError
from core.query import Query
from core.query.dialects import DISCOURSE
from core.types import Batch, Mention

PLATFORM = "forum"
SAMPLE = "discourse/search.json"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="each forum sets its own",
    deletion="what its author or a moderator took down says so in the answers, and is to be forgotten",
)


class Options(Asking):
    """What can be set for a forum: its address (``base``), and whether ``all_posts`` are looked through."""

    base: Address
    all_posts: bool = True


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """One visit: every list back to where the last one ended; raises FetchError."""
    query = query_of(options)
    forum = _Forum(base=options.base, name=options.name, query=query, client=client, now=client.now())
    lists = {f"search:{short(words)}": forum.search(words) for words in asked(options, DISCOURSE)}
    if options.all_posts:
        lists |= {"posts": forum.posts(), "latest": forum.latest()}
    return visit(lists, cursor, options, now=client.now())


def parse(posts: Sequence[Shape], *, base: str, name: str, now: datetime, title: str = "") -> Page:
    """The posts of a list: pure. ``title`` is their topic's, where they don't tell it; taken down ones are deleted."""
    mentions, deleted = [], []
    for post in posts:
        key = post.ident("id")
        if not key or post.number("post_type") not in (None, 1):  # others say who moved or closed what
            continue
        if post.text("deleted_at") or post.flag("user_deleted") or post.flag("hidden"):
            deleted.append(key)
        elif (mention := _mention(post, base, name, title, now)).full_text:
            mentions.append(mention)
    return Page(mentions=tuple(mentions), deleted=tuple(deleted))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forum:
    """The lists of one visit."""

    base: str
    name: str
    query: Query
    client: Client
    now: datetime

    def search(self, words: str) -> Ask:
        """What the search finds, newest first; each post is read whole, as a search shows but a piece of it."""

        def ask(token: str, since: datetime, _mark: Mark) -> Page:
            answer = self._get("/search.json", q=f"{words} order:latest", page=token or 1)
            found = answer.listed("posts")
            topics = {topic.ident("id"): topic.text("title") for topic in answer.items("topics")}
            fresh = [post for post in found if (post.when(self.now, "created_at") or since) >= since]
            pages = [self._whole(post, topics.get(post.ident("topic_id"), "")) for post in fresh]
            more = answer.flag("grouped_search_result", "more_full_page_results")
            following = str(int(token or 1) + 1) if found and more else ""
            return replace(_joined(pages), next=following, ends=len(fresh) < len(found))

        return ask

    def posts(self) -> Ask:
        """All posts; what is not about us is dropped."""

        def ask(token: str, since: datetime, mark: Mark) -> Page:
            found = self._get("/posts.json", before=token).listed("latest_posts")
            oldest = min((ident for post in found if (ident := post.number("id"))), default=1)
            following = "" if oldest <= 1 or str(oldest) == token else str(oldest)
            page = replace(parse(found, base=self.base, name=self.name, now=self.now), next=following)
            return sifted(page, self.query, token=token, since=since, mark=mark, now=self.now)

        return ask

    def latest(self) -> Ask:
        """Topics in which somebody wrote lately: of those whose titles are about us, the first posts."""

        def ask(token: str, since: datetime, mark: Mark) -> Page:
            start = read_from(mark, since)
            answer = self._get("/latest.json", page=token, order="activity")
            listed = answer.listed("topic_list", "topics")
            topics = [(topic, topic.when(self.now, "bumped_at") or since) for topic in listed]
            pages = [
                self._topic(topic) for topic, moment in topics if moment >= start and self._is_about_us(topic)
            ]
            more = answer.text("topic_list", "more_topics_url")
            return replace(
                _joined(pages),
                next=str(int(token or 0) + 1) if topics and more else "",
                ends=bool(topics) and topics[-1][1] < start,
                state=read_to((moment for _, moment in topics), token, self.now),
            )

        return ask

    def _is_about_us(self, topic: Shape) -> bool:
        return self.query.matches(topic.text("title")).kept

    def _topic(self, topic: Shape) -> Page:
        answer = self._get(f"/t/{topic.ident('id')}.json")
        posts = answer.listed("post_stream", "posts")
        return parse(posts, base=self.base, name=self.name, now=self.now, title=answer.text("title"))

    def _whole(self, found: Shape, title: str) -> Page:
        """A post that the search found; where it cannot be had, the piece that the search shows stands for it."""
        try:
            post = self._get(f"/posts/{found.ident('id')}.json")
        except FetchError as error:
            if error.status not in (403, 404, 410):
                raise
            post = found
        return parse([post], base=self.base, name=self.name, now=self.now, title=title)

    def _get(self, path: str, **params: object) -> Shape:
        return ask_json(self.client, link(self.base, path, params))


def _joined(pages: Sequence[Page]) -> Page:
    return Page(
        mentions=tuple(mention for page in pages for mention in page.mentions),
        deleted=tuple(key for page in pages for key in page.deleted),
    )


def _mention(post: Shape, base: str, name: str, title: str, now: datetime) -> Mention:
    topic, number = post.ident("topic_id"), post.number("post_number") or 1
    return Mention(
        source=name,
        key=post.ident("id"),
        url=f"{base}/t/{post.text('topic_slug') or '-'}/{topic}/{number}",
        title=html_to_text(post.text("topic_title") or title),
        text=html_to_text(post.text("cooked") or post.text("blurb")),
        author=post.text("username"),
        platform=PLATFORM,
        posted_at=post.when(now, "created_at"),
        kind="post" if number == 1 else "comment",
    )
