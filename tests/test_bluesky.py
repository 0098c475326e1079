"""Bluesky's search: sessions, labels, quotes, and posts that are gone when they are looked at again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import stands
from at_stand import NOW, anything, by_key, serve, visit
from hypothesis import given
from pytest_httpserver import HTTPServer
from stands import bluesky as stand
from werkzeug import Request, Response

from connectors import _bsky, bluesky
from connectors._json import Shape
from core.errors import FetchError

WREN = "at://did:plc:oakfieldsamplewren/app.bsky.feed.post/3post1"


def test_posts_replies_and_quotes_say_what_they_are(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, stand.answer)
    found = by_key(visit("bluesky", base))
    first = found[WREN]
    assert first.url == "https://bsky.app/profile/did:plc:oakfieldsamplewren/post/3post1"
    assert (first.author, first.kind, first.lang, first.shared) == ("wren.example", "post", "en", "")
    assert first.posted_at == datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
    assert found[stand.KEYS[1]].kind == "comment"
    quoting = found[stand.KEYS[2]]
    assert quoting.shared == first.url
    assert quoting.text == "Read this about #oakfieldhouse\nThe front door of Oakfield House"
    assert found[stand.KEYS[3]].text == "Oakfield House passes its inspection\nInspectors saw good care."
    assert found[stand.KEYS[4]].author == ""


def test_who_shows_nothing_to_strangers_is_left_alone_and_what_moderators_took_down_is_gone(
    httpserver: HTTPServer,
) -> None:
    base, _ = serve(httpserver, stand.answer)
    batch = visit("bluesky", base)
    assert not [key for key in by_key(batch) if "shy" in key]
    assert batch.deleted == ("at://did:plc:oakfieldsamplegull/app.bsky.feed.post/3post6",)


def expiring(times: int, answer: Response) -> tuple[Callable[[Request], Response], list[str]]:
    """The stand, whose sessions run out so many times at a search."""
    logins: list[str] = []

    def talk(request: Request) -> Response:
        if request.path.endswith("createSession"):
            logins.append("login")
        elif len(logins) <= times:
            return answer
        return stand.answer(request)

    return talk, logins


@pytest.mark.parametrize(
    "expired",
    [
        Response('{"error": "ExpiredToken", "message": "Token has expired"}', 400),
        Response('{"error": "AuthMissing", "message": "Authentication Required"}', 401),
    ],
)
def test_a_session_that_runs_out_is_made_anew_once(expired: Response, httpserver: HTTPServer) -> None:
    talk, logins = expiring(1, expired)
    base, _ = serve(httpserver, talk)
    batch = visit("bluesky", base)
    assert set(by_key(batch)) == set(stand.KEYS)
    assert not batch.missed
    assert len(logins) == 2


def test_a_session_that_never_holds_is_a_failure_for_good(httpserver: HTTPServer) -> None:
    talk, logins = expiring(99, Response("", 401))
    base, _ = serve(httpserver, talk)
    with pytest.raises(FetchError) as caught:
        visit("bluesky", base)
    assert (caught.value.temporary, caught.value.status) == (False, 401)
    assert len(logins) == 2


def test_a_wrong_password_fails_for_good_and_is_not_repeated(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    with pytest.raises(FetchError) as caught:
        visit("bluesky", base, app_password="another")
    assert not caught.value.temporary
    assert "another" not in str(caught.value)
    assert len(asked) == 1


def test_without_an_account_the_search_is_asked_without_one(httpserver: HTTPServer) -> None:
    def public(request: Request) -> Response:
        assert "Authorization" not in request.headers
        return stand.said(stand.page("search-2.json"))

    base, asked = serve(httpserver, public)
    assert visit("bluesky", base, handle="", app_password="").mentions
    assert not [path for path in asked if "createSession" in path]


def test_what_is_gone_when_looked_at_again_is_told(httpserver: HTTPServer) -> None:
    base, _ = serve(httpserver, stand.answer)
    first = visit("bluesky", base)
    httpserver.clear()

    def later(request: Request) -> Response:
        if request.path.endswith("searchPosts"):
            return stand.said({"posts": []})
        if request.path.endswith("getPosts"):
            assert WREN in request.args.getlist("uris")
            return stand.said(
                {"posts": [one for one in stand.page("search.json")["posts"] if one["uri"] != WREN]}
            )
        return stand.answer(request)

    base, _ = serve(httpserver, later)
    second = visit("bluesky", base, first.cursor, now=NOW + timedelta(hours=1))
    assert WREN in second.deleted
    assert stand.KEYS[1] not in second.deleted


@pytest.mark.parametrize("code", [200, 500])
def test_who_blocks_our_account_has_deleted_nothing(httpserver: HTTPServer, code: int) -> None:
    """The network shows a post to all but the account that its author blocks: bluesky-social/atproto, getPosts.ts."""
    base, _ = serve(httpserver, stand.answer)
    first = visit("bluesky", base)
    httpserver.clear()

    def blocked(request: Request) -> Response:
        if request.path.endswith("searchPosts"):
            return stand.said({"posts": []})
        if request.path.endswith("getPosts") and "Authorization" in request.headers:
            return stand.said({"posts": []})
        return (
            stand.answer(request) if code == 200 or "getPosts" not in request.path else stand.said({}, code)
        )

    base, _ = serve(httpserver, blocked)
    second = visit("bluesky", base, first.cursor, now=NOW + timedelta(hours=1))
    assert not set(second.deleted) & set(stand.KEYS)
    assert bool(second.missed) is (code == 500)


def test_neither_session_nor_words_are_in_the_cursor(httpserver: HTTPServer) -> None:
    base, asked = serve(httpserver, stand.answer)
    batch = visit("bluesky", base)
    assert stand.SESSION not in f"{batch.cursor}{asked}"
    assert stands.SECRET not in f"{batch.cursor}{asked}"
    assert "Oakfield" not in str(batch.cursor)


@pytest.mark.parametrize(
    "address",
    [
        "at://did:plc:abc/app.bsky.feed.generator/x",
        "at://alice.example/app.bsky.feed.post/x",
        "at://did:plc:abc/app.bsky.feed.post/x/y",
        "at://did:plc:abc/app.bsky.feed.post/x y",
        "https://bsky.app/profile/did:plc:abc/post/x",
        "",
    ],
)
def test_only_the_address_of_a_post_has_a_page(address: str) -> None:
    assert _bsky.page(address) == ""


JSON = anything("posts", "uri", "record", "text", "embed", "labels", "author", "langs", "reply")


@given(JSON)
def test_whatever_is_sent_makes_posts_or_a_fetch_error(value: object) -> None:
    try:
        page = bluesky.parse(Shape(json.loads(json.dumps(value))), source="s", now=NOW)
    except FetchError:
        return
    assert all(mention.url and mention.text for mention in page.mentions)
