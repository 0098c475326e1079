"""Full texts: the pages that entries link to."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer

from connectors import _articles, rss
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
STORY = " ".join(
    f"Sentence number {n} tells of the fair at Oakfield House and of its donkey." for n in range(30)
)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


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


@pytest.mark.parametrize("html", [b"", b"\0\xff\xfe", b"<html>", b"<" * 1000, b"<div>" * 5000])
def test_pages_without_an_article_are_fetch_errors(html: bytes) -> None:
    with pytest.raises(FetchError):
        _articles.extract(html)
