"""Vimeo: pages by their own links, comments of what the query keeps, and the limits in the headers."""

import json
from datetime import timedelta
from typing import Any

import pytest
import stands
from at_stand import NOW, anything, by_key, serve, visit
from hypothesis import given
from pytest_httpserver import HTTPServer
from stands import vimeo as stand
from werkzeug import Response

from connectors import vimeo
from connectors._json import Shape
from core.errors import FetchError


def test_videos_and_comments_say_what_they_are(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    found = by_key(visit("vimeo", base))
    video, comment = found["/videos/900000001"], found["/videos/900000001/comments/51"]
    assert (video.title, video.text) == ("An evening at Oakfield House", "Songs and tea.\n\n#care")
    assert (video.kind, video.lang, video.url) == ("video", "en", "https://vimeo.com/900000001")
    assert (comment.kind, comment.author) == ("comment", "Sample Viewer")
    assert comment.url == "https://vimeo.com/900000001#comment_51"
    assert "/videos/900000001/comments/52" not in found
    assert not [path for path in asked if path.startswith("/videos/900000002/")]
    assert stands.SECRET not in "".join(asked)


def test_comments_are_read_every_hour_and_may_be_left_alone(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    cursor = visit("vimeo", base).cursor
    asked.clear()
    cursor = visit("vimeo", base, cursor, now=NOW + timedelta(minutes=59)).cursor
    assert not [path for path in asked if "comments" in path]
    visit("vimeo", base, cursor, now=NOW + timedelta(minutes=60))
    assert [path for path in asked if "comments" in path]
    asked.clear()
    visit("vimeo", base, comments=False)
    assert not [path for path in asked if "comments" in path]


def test_a_limit_is_waited_for_until_its_reset_and_costs_only_what_was_not_read(
    httpserver: HTTPServer,
) -> None:
    limit = {
        "X-RateLimit-Limit": "250",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "2026-06-01T12:07:00+00:00",
    }

    def answer(request: Any) -> Response:
        return Response("{}", 429, limit) if "comments" in request.path else stand.answer(request)

    base, asked = serve(httpserver, answer)
    batch = visit("vimeo", base)
    assert batch.not_before == NOW + timedelta(minutes=7)
    assert len([path for path in asked if "comments" in path]) == 1
    assert set(by_key(batch)) == set(stand.KEYS[:3])
    httpserver.clear()
    base, _ = serve(httpserver, stand.answer)
    later = visit("vimeo", base, batch.cursor, now=NOW + timedelta(minutes=7))
    assert set(by_key(batch)) | set(by_key(later)) == set(stand.KEYS)


@pytest.mark.parametrize(
    "following", ["https://elsewhere.example/videos", "//elsewhere.example", "", None, 7]
)
def test_only_a_path_of_the_same_server_is_followed(following: object) -> None:
    page = vimeo.parse(Shape({"data": [], "paging": {"next": following}}), source="s", now=NOW)
    assert page.next == ""


@given(anything("data", "uri", "name", "link", "paging", "next", "text", "user", "tags"))
def test_whatever_is_sent_makes_mentions_or_a_fetch_error(value: Any) -> None:
    try:
        page = vimeo.parse(Shape(json.loads(json.dumps(value))), source="s", now=NOW)
    except FetchError:
        return
    assert all(mention.url.startswith("https://") for mention in page.mentions)
