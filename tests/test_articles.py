"""Full texts: the pages that entries link to."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import _articles, rss
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
STORY = " ".join(
    f"Sentence number {n} tells of the fair at Oakfield House and of its donkey." for n in range(30)
)


@pytest.fixture
def client() -> Iterator[Client]:
    with Client("Redshank/0.1 (+x@oakfield.example)", ["127.0.0.1"], clock=lambda: NOW) as client:
        yield client


def page(words: str = STORY) -> str:
    return (
        "<html><head><title>Fair</title></head><body><nav><a href='/'>Home</a> <a href='/x'>Sport</a></nav>"
        f"<article><h1>Fair</h1><p>{words}</p><p>{words}</p></article><footer>All</footer></body></html>"
    )


def feed(*paths: str, excerpt: str = "An excerpt.") -> str:
    items = "".join(
        f"<item><guid isPermaLink='false'>{path}</guid><link>{path}</link>"
        f"<description>{excerpt}</description></item>"
        for path in paths
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"


def visit(httpserver: HTTPServer, client: Client, cursor: str | None = None) -> Batch:
    options = rss.Options(url=httpserver.url_for("/feed"), name="gazette", full_text=True)
    return rss.fetch(options, cursor, client)


def articles_asked(httpserver: HTTPServer) -> list[str]:
    return [request.path for request, _ in httpserver.log if request.path not in ("/feed", "/robots.txt")]


def test_a_new_entry_gets_the_text_of_its_article(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed("/1"))
    httpserver.expect_request("/1").respond_with_data(page(), content_type="text/html")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    batch = visit(httpserver, client)
    assert STORY in batch.mentions[0].text
    assert "Sport" not in batch.mentions[0].text
    assert batch.missed == ""


def test_known_entries_are_neither_read_nor_reported_again(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("/1"))
    httpserver.expect_request("/1").respond_with_data(page(), content_type="text/html")
    httpserver.expect_request("/2").respond_with_data(page(), content_type="text/html")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    first = visit(httpserver, client)
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("/2", "/1"))
    second = visit(httpserver, client, first.cursor)
    assert [mention.key for mention in second.mentions] == ["/2"]
    assert articles_asked(httpserver) == ["/1", "/2"]


def test_an_edited_entry_is_read_again(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/1").respond_with_data(page(), content_type="text/html")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("/1"))
    first = visit(httpserver, client)
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("/1", excerpt="An edited excerpt."))
    assert len(visit(httpserver, client, first.cursor).mentions) == 1
    assert articles_asked(httpserver) == ["/1", "/1"]


def test_an_article_that_cannot_be_read_leaves_the_feeds_own_text(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed("/404", "/pdf", "/short", "/private/1"))
    httpserver.expect_request("/404").respond_with_data("", status=404)
    httpserver.expect_request("/pdf").respond_with_data("%PDF", content_type="application/pdf")
    httpserver.expect_request("/short").respond_with_data("<html></html>", content_type="text/html")
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private/")
    batch = visit(httpserver, client)
    assert [mention.text for mention in batch.mentions] == ["An excerpt."] * 4
    assert batch.missed == "4 of 4 articles could not be read"
    assert "/private/1" not in articles_asked(httpserver)


def test_a_longer_text_in_the_feed_is_kept(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed("/1", excerpt=STORY * 4))
    httpserver.expect_request("/1").respond_with_data(page(), content_type="text/html")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    assert visit(httpserver, client).mentions[0].text == STORY * 4


def test_a_visit_reads_twenty_articles_and_the_next_goes_on(httpserver: HTTPServer, client: Client) -> None:
    paths = [f"/{n}" for n in range(25)]
    httpserver.expect_request("/feed").respond_with_data(feed(*paths), headers={"ETag": '"1"'})
    for path in paths:
        httpserver.expect_request(path).respond_with_data(page(), content_type="text/html")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    first = visit(httpserver, client)
    assert (len(first.mentions), len(articles_asked(httpserver))) == (25, 20)
    assert first.missed == "5 articles wait for the next visit"
    second = visit(httpserver, client, first.cursor)
    assert sorted(articles_asked(httpserver)) == sorted(paths)
    assert (len(second.mentions), second.missed) == (5, "")
    third = visit(httpserver, client, second.cursor)
    assert third.mentions == ()


def after_that(*answers: Response) -> Callable[[Request], Response]:
    """One answer after the other, the last one for good."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def test_an_article_that_fails_in_passing_is_read_on_a_later_visit(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed("/2", "/1"), headers={"ETag": '"1"'})
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/1").respond_with_data(page(), content_type="text/html")
    httpserver.expect_request("/2").respond_with_handler(
        after_that(Response(status=503), Response(status=503), Response(page(), mimetype="text/html"))
    )
    first = visit(httpserver, client)
    assert [mention.text == "An excerpt." for mention in first.mentions] == [False, True]
    assert first.missed == "1 articles wait for the next visit"
    second = visit(httpserver, client, first.cursor)
    assert [(mention.key, mention.text) for mention in second.mentions] == [("/2", "An excerpt.")]
    third = visit(httpserver, client, second.cursor)
    assert STORY in third.mentions[0].text
    assert (len(third.mentions), third.missed) == (1, "")
    assert visit(httpserver, client, third.cursor).mentions == ()
    assert articles_asked(httpserver) == ["/1", "/2", "/2", "/2"]


def test_an_article_that_keeps_failing_is_given_up_after_three_tries_and_that_is_said(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed("/1"))
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/1").respond_with_data("", status=503)
    cursor, said = None, list[str]()
    for _ in range(4):
        batch = visit(httpserver, client, cursor)
        cursor = batch.cursor
        said.append(batch.missed)
    waits = "1 articles wait for the next visit"
    assert said == [waits, waits, "1 articles were given up after 3 tries or 3 days", ""]
    assert articles_asked(httpserver) == ["/1"] * 3


def test_an_article_that_fails_again_three_days_later_is_given_up(httpserver: HTTPServer) -> None:
    now = [NOW]
    httpserver.expect_request("/feed").respond_with_data(feed("/1"))
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/1").respond_with_data("", status=503)
    with Client("Redshank/0.1 (+x@oakfield.example)", ["127.0.0.1"], clock=lambda: now[0]) as client:
        first = visit(httpserver, client)
        now[0] += timedelta(days=3)
        assert "given up" in visit(httpserver, client, first.cursor).missed


def test_an_entry_that_leaves_the_feed_before_its_article_was_read_is_said(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("/1"))
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("/2"))
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/1").respond_with_data("", status=503)
    httpserver.expect_request("/2").respond_with_data(page(), content_type="text/html")
    first = visit(httpserver, client)
    second = visit(httpserver, client, first.cursor)
    assert "1 articles left the feed" in second.missed
    assert "none of the 1 entries" in second.missed, "an entry that waits is known to the search for gaps"


def test_a_long_feed_is_not_read_for_ever_and_never_falls_back_to_excerpts(
    httpserver: HTTPServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_articles, "read", lambda url, _: f"{STORY} {url}")
    httpserver.expect_request("/feed").respond_with_handler(
        lambda _: Response(feed(*(f"/{n}" for n in range(top[0], 0, -1))))
    )
    top, cursor, texts, missed = [260], None, dict[str, list[str]](), list[str]()
    for number in range(16):
        top[0] = 260 + 10 * (number > 11)  # new entries push older ones past what other feeds remember
        batch = visit(httpserver, client, cursor)
        cursor = batch.cursor
        missed.append(batch.missed)
        for mention in batch.mentions:
            texts.setdefault(mention.key, []).append(mention.text)
    assert "60 articles older than the newest 200" in missed[0]
    assert missed[10:] == [""] * 6
    assert len(texts) == 270
    full = {key for key, given in texts.items() if given[-1].startswith(STORY)}
    assert full == {f"/{n}" for n in range(61, 271)}
    for given in texts.values():
        assert given == sorted(given, key=len), "an article was replaced by its excerpt"


@pytest.mark.parametrize("html", [b"", b"\0\xff\xfe", b"<html>", b"<" * 1000, b"<div>" * 5000])
def test_pages_without_an_article_are_fetch_errors(html: bytes) -> None:
    with pytest.raises(FetchError):
        _articles.extract(html)
