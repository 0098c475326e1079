"""What X, Facebook and Instagram really answered, read by our connectors.

The recordings lie beside the repository and are no part of it; without them these tests are skipped.
"""

import gzip
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from approved import Desk
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors import _graph, facebook, instagram, x
from connectors import _http as http
from connectors._json import Shape
from core.errors import FetchError
from core.types import Mention

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[1].parent / "shared" / "recordings"
CASSETTES = sorted(RECORDINGS.glob("x/tweepy/*.yaml"))
META = sorted(path for kind in ("facebook", "instagram") for path in RECORDINGS.glob(f"{kind}/**/*.json"))
COUNTS = "test_client_get_recent_tweets_count"  # numbers only, no posts
# What its authors' requests left out: ids and words.
WORDLESS = {"hashtag_recent_medias_p1", "hashtag_recent_medias_p2"}

pytestmark = pytest.mark.skipif(not CASSETTES, reason="the recordings are not on this machine")


def name(path: Path) -> str:
    return path.relative_to(RECORDINGS).as_posix()


def body(answer: dict[str, Any]) -> bytes:
    """The body as it was sent, unpacked: the cassettes hold some of them compressed."""
    held = answer["body"]["string"]
    content = held if isinstance(held, bytes) else held.encode()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def exchanges(path: Path) -> list[dict[str, Any]]:
    return [one["response"] for one in yaml.safe_load(path.read_text())["interactions"]]


def plausible(mentions: Iterable[Mention], platform: str) -> None:
    found = list(mentions)
    assert len({mention.key for mention in found}) == len(found)
    for mention in found:
        assert mention.key
        assert mention.text.strip()
        assert mention.platform == platform
        assert mention.url.startswith(
            ("https://x.com/", "https://www.facebook.com/", "https://www.instagram.com/")
        )
        assert mention.posted_at is None or datetime(2006, 1, 1, tzinfo=UTC) < mention.posted_at < NOW
        assert "&amp;" not in mention.text


@pytest.mark.parametrize("path", CASSETTES, ids=name)
def test_recorded_pages_of_x_make_mentions(path: Path):
    for answer in exchanges(path):
        shape = Shape(json.loads(body(answer)))
        page = x.parse(shape, "recorded", NOW) if path.stem != COUNTS else None
        if page is None:
            assert all("tweet_count" in item.value for item in shape.listed("data"))
            continue
        plausible(page.mentions, "x")
        assert {mention.key for mention in page.mentions} <= {
            first for item in shape.items("data") for first in item.strings("edit_history_tweet_ids")[:1]
        }
        assert page.next == shape.text("meta", "next_token")


def test_a_recorded_search_is_read_over_http(httpserver: HTTPServer):
    (answer,) = exchanges(RECORDINGS / "x" / "tweepy" / "test_client_search_recent_tweets.yaml")
    desk = Desk("x", httpserver)
    content, headers = body(answer), {"x-rate-limit-reset": answer["headers"]["x-rate-limit-reset"][0]}
    desk.answer = lambda _: Response(content, 200, headers, content_type="application/json; charset=utf-8")
    batch = desk.fetch(max_pages=1)
    plausible(batch.mentions, "x")
    assert len(batch.mentions) == len(json.loads(content)["data"])


def test_the_recorded_page_of_a_news_agency_is_read_whole():
    folder = RECORDINGS / "x" / "academictwitteR" / "reuters"
    (data,), (users,) = folder.glob("data_*.json"), folder.glob("users_*.json")
    posts = json.loads(data.read_text())
    page = x.parse(Shape({"data": posts, "includes": json.loads(users.read_text())}), "recorded", NOW)
    plausible(page.mentions, "x")
    assert len(page.mentions) == len(posts)
    assert all(mention.author and mention.posted_at for mention in page.mentions)
    assert all(mention.lang == "" or len(mention.lang) == 2 for mention in page.mentions)
    assert sum("https://t.co/" in mention.text for mention in page.mentions) < len(posts) / 10
    shared = sum(bool(mention.shared) for mention in page.mentions)
    quoting = sum(
        any(other["type"] in ("quoted", "retweeted") for other in post["referenced_tweets"] or ())
        for post in posts
    )
    assert shared == quoting


def lists(value: Shape) -> list[Shape]:
    """Every list of the Graph API in an answer; a single node counts as a list of its own."""
    nodes = [value, value.at("business_discovery", "media")]
    nodes += [Shape({"data": [value.value]})] if value.text("created_time") else []
    nodes += [Shape({"data": [value.at(part).value]}) for part in ("mentioned_comment", "mentioned_media")]
    return [node for node in nodes if isinstance(node.at("data").value, list) and any(node.at("data").value)]


@pytest.mark.parametrize("path", META, ids=name)
def test_recorded_answers_of_meta_make_mentions(path: Path):
    value = Shape(json.loads(path.read_text()))
    ours = (
        facebook.parse
        if name(path).startswith("facebook")
        else partial(instagram.parse, post="https://www.instagram.com/p/AAAsample1/")
    )
    platform = name(path).partition("/")[0]
    for page in lists(value):
        mentions = ours(page, name="recorded", now=NOW)
        plausible(mentions, platform)
        worded = [
            item
            for item in page.items("data")
            if any(map(item.text, ("message", "story", "caption", "text")))
        ]
        assert len(mentions) == len(worded)
        assert bool(mentions) == (path.stem not in WORDLESS and path.stem != "search_pages")
        assert bool(_graph.following(page)) == bool(page.text("paging", "next"))


def test_the_recorded_error_of_the_graph_api_is_a_lasting_failure():
    content = (RECORDINGS / "facebook" / "base" / "error_data.json").read_bytes()
    answer = http.Response(status=400, url="https://graph.facebook.com/1", headers={}, content=content)
    error = _graph.failure(answer, NOW)
    assert isinstance(error, FetchError)
    assert (error.temporary, error.status) == (False, 400)
    assert str(error) == "graph.facebook.com answered 400 (error 100)"
