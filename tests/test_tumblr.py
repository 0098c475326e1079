"""Tumblr: both forms of posts, reblogs, and which tags are read."""

import json
from collections import Counter
from typing import Any

import pytest
from at_stand import NOW, anything, by_key, serve, visit
from hypothesis import given
from pytest_httpserver import HTTPServer
from stands import tumblr as stand
from werkzeug import Request, Response

from connectors import tumblr
from connectors._json import Shape
from core.errors import FetchError


def test_posts_of_blocks_and_posts_of_html_are_read(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, stand.answer)
    found = [by_key(visit("tumblr", base))[key] for key in stand.KEYS]
    assert found[0].text == (
        "A week at Oakfield House\nThe food was cold twice.\nA plate of peas\nInspection report\nWhat inspectors saw"
        "\n\n#oakfieldhouse #care homes"
    )
    assert (found[0].author, found[0].kind, found[0].shared) == ("oak-watch", "post", "")
    assert (found[2].title, found[2].text) == (
        "Oakfield House",
        "They lost a letter.\n\nThen found it.\n\n#oakfieldhouse",
    )
    assert found[3].kind == "photo"
    assert found[3].text.startswith("The lawn at Oakfield House\n\nLeft side")
    assert found[4].text.startswith("Is Oakfield House any good?\n\nI would say so.")
    assert found[5].text.startswith("Ann: Seen Oakfield House?\nBo: Not yet.")


def test_a_reblog_says_whose_words_it_passes_on(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, stand.answer)
    reblog = by_key(visit("tumblr", base))[stand.KEYS[1]]
    assert reblog.shared == "https://www.tumblr.com/oak-watch/790000000000000001"
    assert reblog.text.startswith("The food was cold twice.")


@pytest.mark.parametrize(
    ("remark", "text"), [("<p>Shameful</p>", "Shameful"), ("", "Cold peas"), (None, "Mine Cold peas")]
)
def test_of_a_reblog_in_html_its_own_remark_counts_if_it_has_one(remark: str | None, text: str) -> None:
    post = {
        "id": 2,
        "post_url": "https://b.tumblr.example/post/2",
        "body": "<p>Mine Cold peas</p>",
        "reblog": {"comment": remark},
        "reblogged_root_url": "https://a.tumblr.example/post/1",
        "trail": [{"blog": {"name": "a"}, "post": {"id": "1"}, "content_raw": "<p>Cold peas</p>"}],
    }
    (mention,) = tumblr.parse(Shape({"response": [post]}), source="s", now=NOW).mentions
    assert (mention.text, mention.shared) == (text, "https://a.tumblr.example/post/1")


def test_the_operators_tags_are_read_besides_those_of_the_query(httpserver: HTTPServer) -> None:
    tags: list[str] = []

    def answer(request: Request) -> Response:
        tags.append(request.args["tag"])
        return stand.said({"response": []})

    base, _ = serve(httpserver, answer)
    visit("tumblr", base, tags=["#Care Homes", "OakfieldHouse"])
    assert tags == ["care homes", "oakfieldhouse"]
    tags.clear()
    visit("tumblr", base, tags=["care homes"], query="")
    assert tags == ["care homes"]


def test_each_request_counts_for_the_hour_and_for_the_day(httpserver: HTTPServer) -> None:
    spent = Counter[str]()
    base, asked = serve(httpserver, stand.answer)
    visit("tumblr", base, spend=lambda budget, units: spent.update({budget: units}))
    assert spent == {"": len(asked), "hour": len(asked)}


def test_featured_tags_are_paged_by_when_they_were_featured() -> None:
    post = {"id": 1, "timestamp": 100, "featured_timestamp": 200}
    assert tumblr.parse(Shape({"response": [post]}), source="s", now=NOW).next == "200"


def test_a_query_that_makes_no_tag_is_told(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    with pytest.raises(FetchError) as caught:
        visit("tumblr", base, query="oakfeild~")
    assert not caught.value.temporary
    assert not asked


@given(anything("response", "id", "post_url", "content", "trail", "body", "blog", "text", "tags"))
def test_whatever_is_sent_makes_mentions_or_a_fetch_error(value: Any) -> None:
    try:
        page = tumblr.parse(Shape(json.loads(json.dumps(value))), source="s", now=NOW)
    except FetchError:
        return
    assert all(mention.key for mention in page.mentions)
