"""Real answers of Bluesky, Jetstream, YouTube, Tumblr and Flickr, replayed.

The recordings lie beside the repository and are no part of it; without them these tests are skipped.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from at_stand import serve, visit
from pytest_httpserver import HTTPServer
from stands import bluesky as bluesky_stand
from stands import jetstream as jetstream_stand
from werkzeug import Request, Response

from connectors import _bsky, bluesky, flickr, tumblr, youtube
from connectors._dates import from_iso
from connectors._json import Shape
from connectors._walk import Page
from core.errors import FetchError
from core.types import Mention

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[1].parent / "shared" / "recordings"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings of real answers are not on this machine"
)


def files(*patterns: str) -> list[Path]:
    found = {path for pattern in patterns for path in RECORDINGS.glob(pattern)}
    return sorted(path for path in found if not path.name.endswith(".headers.json"))


def name(path: Path) -> str:
    return path.relative_to(RECORDINGS).as_posix()


def bodies(path: Path) -> Iterator[Any]:
    """The JSON bodies that a file holds, one or the exchanges of a cassette."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".yml":
        yield json.loads(text)
        return
    for exchange in yaml.safe_load(text)["http_interactions"]:
        yield json.loads(exchange["response"]["body"]["string"])


def check(mentions: tuple[Mention, ...] | list[Mention], platform: str) -> None:
    keys = [mention.key for mention in mentions]
    assert len(set(keys)) == len(keys)
    for mention in mentions:
        assert 0 < len(mention.key) <= 520
        assert re.match(r"https?://[^/\s]+/\S+", mention.url)
        assert mention.platform == platform
        assert mention.full_text.strip()
        assert not re.search(r"</?(?:p|div|a|br|b|i|figure|img)\b[^<>]*>", mention.full_text)
        assert "\n" not in mention.title
        assert mention.posted_at is not None
        assert datetime(2005, 1, 1, tzinfo=UTC) < mention.posted_at <= NOW
        assert re.fullmatch(r"([a-z]{2})?", mention.lang)
        assert re.fullmatch(r"(https?://\S+)?", mention.shared)


def views(value: Any) -> Iterator[dict[str, Any]]:
    """The views of posts anywhere in an answer: a search's, a thread's, a feed's."""
    if isinstance(value, dict):
        if isinstance(value.get("record"), dict) and "/app.bsky.feed.post/" in str(value.get("uri")):
            yield value
        for part in value.values():
            yield from views(part)
    elif isinstance(value, list):
        for part in value:
            yield from views(part)


BLUESKY_SEARCHES = files("bluesky/*/searchPosts-page*", "bluesky/atrrr/search*", "bluesky/bskyr/f_search*")
BLUESKY_LISTS = files("bluesky/bskyr/f_get*", "bluesky/local/searchPosts-none.json")
BLUESKY_POSTS = files(
    "bluesky/atrrr/getPostThread*",
    "bluesky/bskyr/f_autfeed*",
    "bluesky/bskyr/f_post*",
    "bluesky/local/getAuthorFeed*",
)
BLUESKY_OTHER = files(
    "bluesky/bskyr/a_search*", "bluesky/bskyr/f_feedfeeds*", "bluesky/bskyr/i_*", "bluesky/bskyr/r_*"
)
BLUESKY_ERRORS = [path for path in files("bluesky/local/*.json") if next(bodies(path)).get("error")]
YOUTUBE = files("youtube/python-youtube/*/*.json", "youtube/yt/**/*.yml")
TUMBLR = files("tumblr/**/*.json")
FLICKR = files("flickr/flickrapi/kitten*", "flickr/flickrapi/walk*")


@pytest.mark.parametrize("path", BLUESKY_SEARCHES + BLUESKY_LISTS, ids=name)
def test_a_list_of_posts_is_read_whole(path: Path) -> None:
    for body in bodies(path):
        page = bluesky.parse(Shape(body), source="recorded", now=NOW)
        check(page.mentions, "bluesky")
        left_out = [one for one in body["posts"] if one["author"].get("labels") or not one["record"]["text"]]
        assert len(page.mentions) >= len(body["posts"]) - len(left_out)
        assert bool(page.mentions) == bool(body["posts"])


@pytest.mark.parametrize("path", BLUESKY_POSTS, ids=name)
def test_posts_of_threads_and_feeds_are_read_as_those_of_searches(path: Path) -> None:
    for body in bodies(path):
        posts = list({view["uri"]: view for view in views(body)}.values())
        page = bluesky.parse(Shape({"posts": posts}), source="recorded", now=NOW)
        check(page.mentions, "bluesky")
        assert page.mentions


@pytest.mark.parametrize("path", BLUESKY_OTHER, ids=name)
def test_an_answer_that_holds_no_list_of_posts_is_no_empty_one(path: Path) -> None:
    for body in bodies(path):
        with pytest.raises(FetchError):
            bluesky.parse(Shape(body), source="recorded", now=NOW)


@pytest.mark.parametrize("path", BLUESKY_ERRORS, ids=name)
def test_what_a_real_server_refuses_is_a_failure(path: Path, httpserver: HTTPServer) -> None:
    said = json.loads(path.with_name(f"{path.name}.headers.json").read_text(encoding="utf-8"))
    method = said["request"]["url"].partition("?")[0]

    def answer(request: Request) -> Response:
        # The other methods' refusals stand in for the search's.
        if request.path == method or ("createSession" not in method and "createSession" not in request.path):
            return Response(path.read_bytes(), said["status"], content_type="application/json")
        return bluesky_stand.answer(request)

    base, _ = serve(httpserver, answer)
    with pytest.raises(FetchError) as caught:
        visit("bluesky", base, now=NOW)
    assert caught.value.status == said["status"]
    assert caught.value.temporary is (said["status"] >= 500)


def test_a_real_search_is_read_page_by_page(httpserver: HTTPServer) -> None:
    pages = [RECORDINGS / f"bluesky/local/searchPosts-page{number}.json" for number in (1, 2)]

    def answer(request: Request) -> Response:
        if not request.path.endswith("searchPosts"):
            return bluesky_stand.answer(request)
        return Response(pages[1 if request.args.get("cursor") else 0].read_bytes())

    base, asked = serve(httpserver, answer)
    batch = visit("bluesky", base, now=NOW, query="acme", backfill="3000d")
    wanted = {
        one["uri"]
        for path in pages
        for one in json.loads(path.read_bytes())["posts"]
        if one["record"]["text"]
    }
    assert {mention.key for mention in batch.mentions} >= wanted
    assert len([path for path in asked if "searchPosts" in path]) >= 2


@pytest.mark.parametrize(
    ("file", "valid"), [("datetime_syntax_valid", True), ("datetime_syntax_invalid", False)]
)
def test_dates_of_the_protocol_never_fail_and_the_valid_ones_are_read(file: str, valid: bool) -> None:
    lines = (RECORDINGS / f"bluesky/interop/syntax/{file}.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.strip() and not line.startswith("#"):
            found = from_iso(line)
            assert found is not None or not valid or line.startswith("0000"), line


def test_addresses_of_the_protocol_never_fail() -> None:
    text = (RECORDINGS / "bluesky/interop/syntax/aturi_syntax_valid.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("at://")]
    assert len(lines) > 10
    for line in lines:
        is_post = re.match(r"at://did:[^/]+/app\.bsky\.feed\.post/", line)
        assert bool(_bsky.page(line)) == bool(is_post)


def test_a_recorded_stream_is_read_to_its_end() -> None:
    path = RECORDINGS / "bluesky/jetstream/golden_v1.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    moments = [json.loads(line)["time_us"] for line in lines]
    posts = [one for one in map(json.loads, lines) if one.get("commit", {}).get("collection") == _bsky.POST]
    words = max(re.findall(r"[A-Za-z]{4,}", posts[0]["commit"]["record"]["text"]), key=len)
    end = datetime.fromtimestamp(max(moments) / 1e6, UTC)

    def replay(connection: Any, _asked: object) -> None:
        for line in lines:
            connection.send(line)
        jetstream_stand.wait(connection)

    with jetstream_stand.serving(replay) as base:
        start = json.dumps({"v": 1, "time_us": min(moments)})
        batch = visit("jetstream", base, start, now=end, query=words)
    check(batch.mentions, "bluesky")
    assert len(batch.mentions) == 1
    assert batch.deleted == ()
    assert not batch.missed
    assert json.loads(batch.cursor or "")["time_us"] == max(moments)


@pytest.mark.parametrize("path", YOUTUBE, ids=name)
def test_videos_and_comments_of_youtube_are_read_whole(path: Path) -> None:
    for body in bodies(path):
        page = youtube.parse(Shape(body), source="recorded", now=NOW)
        check(page.mentions, "youtube")
        assert page.next == body.get("nextPageToken", "")
        of_channels = [
            one for one in body["items"] if isinstance(one["id"], dict) and "videoId" not in one["id"]
        ]
        assert len(page.mentions) >= len(body["items"]) - len(of_channels)


def test_a_refusal_of_youtube_is_a_failure(httpserver: HTTPServer) -> None:
    body = (RECORDINGS / "youtube/python-youtube/error_permission_resp.json").read_bytes()
    base, _ = serve(httpserver, lambda _request: Response(body, 403, content_type="application/json"))
    with pytest.raises(FetchError) as caught:
        visit("youtube", base, now=NOW)
    assert caught.value.status == 403


@pytest.mark.parametrize("path", TUMBLR, ids=name)
def test_posts_of_tumblr_are_read_in_both_forms(path: Path) -> None:
    for body in bodies(path):
        posts = body["response"]["posts"]
        page = tumblr.parse(Shape({"response": posts}), source="recorded", now=NOW)
        check(page.mentions, "tumblr")
        assert len(page.mentions) == len(posts)
        assert not [mention for mention in page.mentions if mention.shared]  # each of them is the blog's own


def as_json(xml: bytes) -> dict[str, Any]:
    """An answer of Flickr's XML form in its JSON form, which holds the same attributes."""
    photos = ElementTree.fromstring(xml)[0]
    return {"stat": "ok", "photos": {**photos.attrib, "photo": [one.attrib for one in photos]}}


@pytest.mark.parametrize("path", FLICKR, ids=name)
def test_photos_of_flickr_are_read_by_their_titles(path: Path) -> None:
    body = as_json(path.read_bytes())
    page = flickr.parse(Shape(body), source="recorded", now=NOW)
    titled = [one for one in body["photos"]["photo"] if one["title"].strip()]
    assert [mention.key for mention in page.mentions] == [one["id"] for one in titled]
    assert all(mention.url.startswith("https://www.flickr.com/photos/") for mention in page.mentions)
    number, last = int(body["photos"]["page"]), int(body["photos"]["pages"])
    assert page.next == (str(number + 1) if number < last else "")


def test_an_answer_of_flickr_about_one_photo_is_no_empty_search() -> None:
    (body,) = bodies(RECORDINGS / "flickr/granary/photo_info.json")
    with pytest.raises(FetchError):
        flickr.parse(Shape(body), source="recorded", now=NOW)


READ: dict[str, Callable[..., Page]] = {
    "bluesky": bluesky.parse,
    "youtube": youtube.parse,
    "tumblr": tumblr.parse,
}


@pytest.mark.parametrize("path", BLUESKY_SEARCHES + YOUTUBE + TUMBLR, ids=name)
def test_half_of_a_real_answer_makes_mentions_or_a_fetch_error(path: Path) -> None:
    """Each part of it in turn is null: what comes of it, if not a failure, is well formed."""
    kind = name(path).partition("/")[0]
    for body in bodies(path):
        whole = {"response": body["response"]["posts"]} if kind == "tumblr" else body
        for key in whole:
            try:
                page = READ[kind](Shape(whole | {key: None}), source="recorded", now=NOW)
            except FetchError:
                continue
            check(page.mentions, kind)
