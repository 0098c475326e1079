"""Flickr: words only, failures that come with status 200, and an end after 4,000 photos."""

import pytest
import stands
from at_stand import NOW, by_key, serve, visit
from pytest_httpserver import HTTPServer
from stands import flickr as stand

from connectors import flickr
from connectors._json import Shape
from core.errors import FetchError


def test_title_description_and_tags_are_read_and_no_picture_is_named(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    found = by_key(visit("flickr", base))
    photo = found["54000000001"]
    assert photo.title == "Oakfield House at dusk"
    assert photo.text == "Seen from the lane. The gate was open & unlit.\n\n#oakfieldhouse #dusk"
    assert photo.url == "https://www.flickr.com/photos/11@N01/54000000001/"
    assert [found[key].kind for key in stand.KEYS] == ["photo", "video", "photo"]
    assert "staticflickr" not in repr(found)
    assert not [path for path in asked if "url_" in path]


@pytest.mark.parametrize(
    ("code", "temporary"),
    [(100, False), (105, True), (10, True), (0, True), (3, False), (18, False), ("x", False)],
)
def test_a_failure_in_a_good_answer_is_one(code: object, temporary: bool, httpserver: HTTPServer) -> None:
    said = {"stat": "fail", "code": code, "message": f"Invalid: {stands.SECRET}"}
    base, _ = serve(httpserver, lambda _request: stand.said(said))
    with pytest.raises(FetchError) as caught:
        visit("flickr", base)
    assert caught.value.temporary is temporary
    assert stands.SECRET not in str(caught.value)


def photos(page: int, pages: int) -> Shape:
    photo = {"id": "1", "owner": "1@N01", "title": "Oakfield House"}
    return Shape({"stat": "ok", "photos": {"page": page, "pages": pages, "photo": [photo]}})


def test_the_pages_end_where_flickr_begins_to_repeat_itself() -> None:
    assert flickr.parse(photos(15, 90), source="s", now=NOW).next == "16"
    last = flickr.parse(photos(16, 90), source="s", now=NOW)
    assert (last.next, last.missed) == ("", "Flickr gives no more than 4,000 photos of one search")
    assert flickr.parse(photos(16, 16), source="s", now=NOW).missed == ""


def test_what_is_not_public_is_left_out() -> None:
    photo = {"id": "1", "owner": "1@N01", "title": "Oakfield House", "ispublic": 0}
    answer = Shape({"stat": "ok", "photos": {"page": 1, "pages": 1, "photo": [photo]}})
    assert flickr.parse(answer, source="s", now=NOW).mentions == ()
