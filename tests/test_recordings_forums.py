"""What Reddit, Mastodon and Takahe, Lemmy, Discourse, Stack Exchange and Hacker News really answered.

The recordings lie beside the repository and are no part of it; without them these tests are skipped.
"""

import base64
import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpserver import HTTPServer
from stands import SECRET
from werkzeug import Request, Response

from connectors import discourse, hackernews, lemmy, mastodon, reddit, stackexchange
from connectors._http import Client
from connectors._json import Shape
from connectors._walk import Page
from core.errors import FetchError
from core.types import Batch, Mention
from core.vocabulary import KINDS

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[1].parent / "shared" / "recordings"
PLACES = ("reddit", "mastodon", "lemmy", "discourse", "stackexchange", "hackernews")
FILES = sorted(path for place in PLACES for path in RECORDINGS.glob(f"{place}/**/*") if path.is_file())
BASE = "https://forum.example"
ANY = re.compile(".*")

pytestmark = pytest.mark.skipif(not FILES, reason="the recordings of real answers are not on this machine")


@dataclass(frozen=True)
class Exchange:
    """One question of a recording with its answer."""

    method: str
    url: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def _body(held: Any, headers: dict[str, str]) -> bytes:
    body = held.get("string", "") if isinstance(held, dict) else held
    content = body if isinstance(body, bytes) else str(body).encode()
    if isinstance(held, dict) and held.get("base64_string"):
        content = base64.b64decode(held["base64_string"])
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def exchanges(path: Path) -> list[Exchange]:
    if path.suffix in (".yaml", ".yml"):
        held = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["interactions"]
    else:
        cassette = json.loads(path.read_text(encoding="utf-8"))
        held = cassette.get("http_interactions") or cassette["interactions"]
    return [_exchange(one) for one in held]


def _exchange(one: dict[str, Any]) -> Exchange:
    answer = one["response"]
    headers = {
        name.lower(): value[0] if isinstance(value, list) else value
        for name, value in answer["headers"].items()
    }
    status = answer["status"]["code"]
    return Exchange(
        one["request"]["method"], one["request"]["uri"], status, headers, _body(answer["body"], headers)
    )


def plausible(found: Iterator[Mention] | list[Mention] | tuple[Mention, ...]) -> list[Mention]:
    """All are as a reader would find them: with a key, an address, words, a time and a kind."""
    mentions = list(found)
    for mention in mentions:
        assert mention.key
        assert mention.url.startswith(("https://", "http://"))
        assert mention.full_text.strip()
        assert mention.posted_at is not None
        assert mention.kind in KINDS
        assert mention.lang == "" or len(mention.lang) == 2
    assert len({mention.key for mention in mentions}) == len(mentions)
    return mentions


def read(path: str) -> Shape:
    return Shape(json.loads((RECORDINGS / path).read_text(encoding="utf-8")))


def named(paths: Iterator[Path]) -> Any:
    found = sorted(paths)
    return pytest.mark.parametrize("path", found, ids=[path.name for path in found])


def listings(value: Any) -> Iterator[Any]:
    """The listings in an answer of Reddit's: it is one, or a list of them."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and one.get("kind") == "Listing":
            yield one


@named(RECORDINGS.glob("reddit/*.json"))
def test_every_listing_of_reddit_is_read(path: Path) -> None:
    for exchange in exchanges(path):
        for listing in listings(exchange.json):
            page = reddit.parse(Shape(listing), name="a", now=NOW)
            plausible(page.mentions)
            items = [child for child in listing["data"]["children"] if child["kind"] in ("t1", "t3")]
            assert len(page.mentions) + len(page.deleted) == len({child["data"]["id"] for child in items})


def test_the_deleted_comment_is_deleted() -> None:
    path = RECORDINGS / "reddit" / "TestComment.test_refresh__deleted_comment.json"
    asked = next(one for one in exchanges(path) if "/api/info" in one.url)
    page = reddit.parse(Shape(asked.json), name="a", now=NOW)
    assert (page.mentions, page.deleted) == ((), ("t1_d7ltvl0",))


@dataclass
class Replay:
    """Gives back what was recorded for a path, each answer as often as it is asked for."""

    recorded: list[Exchange]

    def __call__(self, request: Request) -> Response:
        for one in self.recorded:
            path = one.url.partition("?")[0].partition("//")[2].partition("/")[2].strip("/")
            if path == request.path.strip("/") and "after" not in request.args:
                body = one.body.replace(b"<ACCESS_TOKEN>", b"token")
                headers = {name: one.headers[name] for name in one.headers if name.startswith("x-ratelimit")}
                return Response(body, one.status, headers, content_type="application/json")
        return Response('{"kind": "Listing", "data": {"children": [], "after": null}}', 200)


REPLAYED = {
    "TestSubredditListings.test_new": ("askreddit", 5),
    "TestSubredditListings.test_comments": ("askreddit", 5),
    "TestSubredditStreams.test_comments__with_pause": ("kakapo", 1),
    "TestSubredditStreams.test_submissions": ("all", 5),
}


@pytest.mark.parametrize("name", REPLAYED)
def test_a_recorded_listing_is_fetched_through_praw(name: str, httpserver: HTTPServer) -> None:
    subreddit, least = REPLAYED[name]
    replay = Replay(exchanges(RECORDINGS / "reddit" / f"{name}.json"))
    batch = visited(httpserver, replay, subreddits=(subreddit,), query="the OR a OR i")
    assert len(plausible(batch.mentions)) >= least
    assert batch.not_before is None


def test_a_recorded_refusal_is_said_for_good(httpserver: HTTPServer) -> None:
    replay = Replay(exchanges(RECORDINGS / "reddit" / "TestSubredditQuarantine.test_opt_in.json"))
    recorded = next(one for one in replay.recorded if one.status == 403)
    moved = Exchange("GET", recorded.url.replace("/hot", "/new"), 403, recorded.headers, recorded.body)
    batch = visited(httpserver, Replay([replay.recorded[0], moved]), subreddits=("ferguson",), query="x")
    assert "403" in batch.missed


def visited(server: HTTPServer, replay: Callable[[Request], Response], **changed: Any) -> Batch:
    server.clear()
    base = server.url_for("/").rstrip("/")
    server.expect_request(ANY).respond_with_handler(replay)
    options = reddit.Options.model_validate(
        {
            "base": base,
            "login": base,
            "client_id": SECRET,
            "client_secret": SECRET,
            "everywhere": False,
            "backfill": "36500d",
            "max_pages": 2,
            **changed,
        }
    )
    with Client("Redshank/0.1", ["localhost", "127.0.0.1"], clock=lambda: NOW) as client:
        return reddit.fetch(options, None, client)


def statuses(value: Any) -> Iterator[dict[str, Any]]:
    """All posts in an answer of Mastodon's, wherever they stand in it."""
    if isinstance(value, dict):
        if "content" in value and "uri" in value and "account" in value:
            yield value
        else:
            for part in value.values():
                yield from statuses(part)
    for part in value if isinstance(value, list) else ():
        yield from statuses(part)


@named(RECORDINGS.glob("mastodon/cassettes*/*.yaml"))
def test_every_post_of_mastodon_is_read(path: Path) -> None:
    for exchange in exchanges(path):
        for status in statuses(exchange.json):
            found = plausible(mastodon.parse([Shape(status)], name="a", now=NOW))
            public = status["visibility"] in ("public", "unlisted") or status.get("reblog")
            assert len(found) <= 1
            assert found or not public or not status["content"]


@named(path for path in RECORDINGS.glob("mastodon/local/*.json") if ".headers." not in path.name)
def test_every_post_of_takahe_is_read(path: Path) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    found = [Shape(status) for status in statuses(value)]
    mentions = plausible(mastodon.parse(found, name="a", now=NOW))
    assert len(mentions) == len(found)
    assert all("<" not in mention.text.replace("<b>", "").replace("</b>", "") for mention in mentions)
    assert all(mention.author == "carol@takahe.test" for mention in mentions)


def test_takahe_is_followed_page_by_page_and_its_refusal_is_said(httpserver: HTTPServer) -> None:
    local = RECORDINGS / "mastodon" / "local"

    def answer(request: Request) -> Response:
        name = "takahe-tag-anonymous-401"
        if "Authorization" in request.headers:
            pages = {"": "takahe-tag-page1", "646543401497606632": "takahe-tag-page2"}
            is_search = request.path == "/api/v2/search"
            name = "takahe-search" if is_search else pages.get(request.args.get("max_id", ""), "")
        if not name:
            return Response("[]", 200)
        held = json.loads((local / f"{name}.json.headers.json").read_text(encoding="utf-8"))
        links = {"link": held["headers"]["link"]} if "link" in held["headers"] else {}
        return Response((local / f"{name}.json").read_bytes(), held["status"], links)

    httpserver.expect_request(ANY).respond_with_handler(answer)
    asked = {"instances": [httpserver.url_for("/")], "query": "acmetrust", "backfill": "36500d"}
    with Client("Redshank/0.1", ["localhost", "127.0.0.1"], clock=lambda: NOW) as client:
        given = mastodon.Options.model_validate(asked | {"tokens": SECRET})
        tag = mastodon.fetch(given, None, client)
        assert len(plausible(tag.mentions)) == 4
        assert not tag.missed
        with pytest.raises(FetchError) as caught:
            mastodon.fetch(mastodon.Options.model_validate(asked), None, client)
    assert caught.value.status == 401


LEMMY = ["lemmy/api-shape/lemmy.json", "lemmy/lemmykit/searchResponseV3.json"]


@pytest.mark.parametrize("path", LEMMY)
def test_every_find_of_lemmy_is_read(path: str) -> None:
    answer = read(path)
    page = lemmy.parse(answer, name="a", now=NOW)
    assert len(plausible(page.mentions)) == len(answer.items("posts")) + len(answer.items("comments"))


@named(RECORDINGS.glob("lemmy/apub/lemmy/objects/*.json"))
def test_what_lemmy_sends_to_servers_is_no_answer_of_its_search(path: Path) -> None:
    with pytest.raises(FetchError):
        lemmy.parse(Shape(json.loads(path.read_text(encoding="utf-8"))), name="a", now=NOW)


POSTS = {
    "discourse_api/posts_latest.json": ("latest_posts",),
    "discourse_api/posts_before.json": ("latest_posts",),
    "discourse_api/topic.json": ("post_stream", "posts"),
    "discourse_api/topic_posts.json": ("post_stream", "posts"),
    "perceval/discourse_topic_1148.json": ("post_stream", "posts"),
}


@pytest.mark.parametrize("path", POSTS)
def test_every_post_of_discourse_is_read(path: str) -> None:
    answer = read(f"discourse/{path}")
    posts = answer.listed(*POSTS[path])
    page = discourse.parse(posts, base=BASE, name="a", now=NOW, title=answer.text("title"))
    wanted = {post.ident("id") for post in posts if post.number("post_type") == 1}
    assert {mention.key for mention in plausible(page.mentions)} | set(page.deleted) == wanted


def test_a_single_post_of_discourse_is_read() -> None:
    page = discourse.parse([read("discourse/perceval/discourse_post.json")], base=BASE, name="a", now=NOW)
    (found,) = plausible(page.mentions)
    assert found.url == f"{BASE}/t/migrating-or-moving-workloads-question/840/1"


TOPICS = [
    "discourse_api/latest.json",
    "discourse_api/hot.json",
    "perceval/discourse_topics.json",
    "perceval/discourse_topics_empty.json",
    "perceval/discourse_topics_last_posted_at_null.json",
    "perceval/discourse_topics_pinned.json",
]


@pytest.mark.parametrize("path", TOPICS)
def test_topics_about_us_bring_their_posts(path: str, httpserver: HTTPServer) -> None:
    lists = {"/latest.json": path, "/posts.json": "discourse_api/posts_latest.json"}

    def answer(request: Request) -> Response:
        name = lists.get(request.path, "perceval/discourse_topic_1148.json")
        if request.path == "/search.json" or "before" in request.args or request.args.get("page"):
            return Response('{"posts": [], "latest_posts": [], "topic_list": {"topics": []}}')
        return Response((RECORDINGS / "discourse" / name).read_bytes())

    httpserver.expect_request(ANY).respond_with_handler(answer)
    given = {"base": httpserver.url_for("/"), "query": "test OR powervm", "backfill": "36500d"}
    with Client("Redshank/0.1", ["localhost", "127.0.0.1"], clock=lambda: NOW) as client:
        batch = discourse.fetch(discourse.Options.model_validate(given), None, client)
    about = read(f"discourse/{path}").listed("topic_list", "topics")
    assert bool(plausible(batch.mentions)) == any(
        word in one.text("title").lower() for one in about for word in ("test", "powervm")
    )


@pytest.mark.parametrize("path", ["discourse_api/search.json", "discourse_api/categories.json"])
def test_an_answer_of_another_shape_is_no_empty_one(path: str) -> None:
    with pytest.raises(FetchError):
        read(f"discourse/{path}").listed("posts")


@named(RECORDINGS.glob("stackexchange/perceval/*"))
def test_every_question_of_stack_exchange_is_read(path: Path) -> None:
    answer = Shape(json.loads(path.read_text(encoding="utf-8")))
    questions = answer.listed("items")
    answers = [one for question in questions for one in question.items("answers")]
    titles = {post.ident("question_id"): "the words were taken out of the recording" for post in questions}
    found = stackexchange.parse(questions, "stackoverflow", name="a", now=NOW, titles=titles)
    assert len(found) == len(questions) >= 1
    plausible(found[:1])  # its author repeats the one question
    replies = stackexchange.parse(answers, "stackoverflow", name="a", now=NOW, titles={"1": "x"})
    assert {reply.kind for reply in replies} <= {"comment"}


def test_the_hits_of_the_search_of_hacker_news_are_read() -> None:
    page = hackernews.parse(read("hackernews/algolia-shape/hackernews.json"), name="a", now=NOW)
    assert isinstance(page, Page)
    assert [mention.key for mention in plausible(page.mentions)] == ["38765432", "38765999"]


@named(RECORDINGS.glob("hackernews/firebase/**/*.json"))
def test_no_item_of_hacker_news_is_taken_for_gone(path: Path) -> None:
    assert not hackernews.is_gone(Shape(json.loads(path.read_text(encoding="utf-8"))))
