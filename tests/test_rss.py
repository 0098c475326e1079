"""Feeds: reading them, visiting them again, and saying what may have been missed."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import _xmlfeed, rss
from connectors._entry import fullest
from connectors._http import Client
from connectors._text import html_to_text, tidy
from core.errors import FetchError
from core.types import Batch, Mention

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SAMPLE = (Path(__file__).parent / "samples" / rss.SAMPLE).read_bytes()
URL = "https://feeds.example/news/rss.xml"


@pytest.fixture
def client() -> Iterator[Client]:
    with Client("Redshank/0.1 (+x@oakfield.example)", ["127.0.0.1"], clock=lambda: NOW) as client:
        yield client


def read(body: str | bytes, content_type: str = "application/xml; charset=utf-8") -> tuple[Mention, ...]:
    content = body.encode() if isinstance(body, str) else body
    return rss.parse(content, {"content-type": content_type}, URL, name="gazette", now=NOW).mentions


def feed(*items: str, head: str = "") -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>t</title>{head}{inner}</channel></rss>'


def numbered(*numbers: int, head: str = "") -> str:
    return feed(*(f"<title>Item {n}</title><guid>g{n}</guid>" for n in numbers), head=head)


# --- reading ----------------------------------------------------------------------------------------------


def test_the_sample_reads_as_a_person_would() -> None:
    fair, night = read(SAMPLE)
    assert (fair.key, fair.text) == ("gazette-1", "Cakes, tombola and a donkey: all are welcome.")
    assert night == Mention(
        source="gazette",
        key="gazette-2",
        url="https://gazette.example/2026/05/night-shift?from=feed&id=2",
        title="Oakfield House & the night shift",
        text=(
            "Two carers for forty residents, a relative says.\n\n"
            "The home was short-staffed\nagain. An empty corridor"
        ),
        author="Robin Marsh",
        platform="blog",
        posted_at=datetime(2026, 5, 31, 20, 15, tzinfo=UTC),
        kind="article",
    )


def test_an_excerpt_and_a_content_that_differ_are_both_kept() -> None:
    (mention,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><summary>Short words.</summary>'
        '<content type="html">&lt;p&gt;Other, longer words.&lt;/p&gt;</content></entry></feed>'
    )
    assert mention.text == "Short words.\n\nOther, longer words."


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu, 04 Jun 2026 12:00:00 GMT",
        "Mon, 99 Jun 2026 12:00:00 GMT",
    ],
)
def test_a_date_that_cannot_be_is_no_date(date: str) -> None:
    (mention,) = read(feed(f"<guid>1</guid><pubDate>{date}</pubDate>"))
    assert mention.posted_at is None


RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.example/"><title>t</title>'
    '</channel><item rdf:about="https://a.example/1"><dc:date>2026-05-30T11:00:00+01:00</dc:date></item></rdf:RDF>'
)
UPDATED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><updated>2026-05-30T10:00:00Z</updated>'
    "</entry></feed>"
)


@pytest.mark.parametrize(
    "body",
    [
        RDF,
        UPDATED,
        feed("<guid>1</guid><pubDate>1970-01-01</pubDate><dc:date>2026-05-30T10:00:00Z</dc:date>"),
    ],
    ids=["RSS 1.0", "Atom", "a wrong date beside it"],
)
def test_without_a_date_of_publication_the_date_of_the_last_change_counts(body: str) -> None:
    (mention,) = read(body.replace("<rss ", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" '))
    assert mention.posted_at == datetime(2026, 5, 30, 10, tzinfo=UTC)


def test_a_date_a_day_ahead_is_believed() -> None:
    (mention,) = read(feed("<guid>1</guid><pubDate>Tue, 02 Jun 2026 12:00:00 GMT</pubDate>"))
    assert mention.posted_at == NOW + timedelta(days=1)


def test_without_an_id_the_link_and_then_the_words_are_the_key() -> None:
    words, link = read(feed("<link>https://a.example/1</link><title>A</title>", "<title>B</title>"))
    assert link.key == "https://a.example/1"
    assert words.key.startswith("sha256:")
    assert read(feed("<title>B</title>"))[0].key == words.key


def test_entries_that_share_an_id_keep_their_own_keys_from_visit_to_visit() -> None:
    one = "<guid>same</guid><link>https://a.example/1</link><title>A</title>"
    two = "<guid>same</guid><link>https://a.example/2</link><title>B</title>"
    first = rss.parse(feed(one, two).encode(), {}, URL, now=NOW)
    keys = {mention.title: mention.key for mention in first.mentions}
    assert len(set(keys.values())) == 2
    swapped = read(feed(two, one))
    assert {mention.title: mention.key for mention in swapped} == keys
    alone = rss.parse(feed(two).encode(), {}, URL, now=NOW, shared=first.shared)
    assert [mention.key for mention in alone.mentions] == [keys["B"]]


def test_entries_that_share_id_and_link_differ_by_their_words() -> None:
    mentions = read(feed("<guid>same</guid><title>A</title>", "<guid>same</guid><title>B</title>"))
    assert len({mention.key for mention in mentions}) == 2


def test_the_same_entry_twice_is_one_mention() -> None:
    assert len(read(numbered(1, 1))) == 1


def test_an_id_of_any_length_makes_a_key_that_can_be_stored() -> None:
    (mention,) = read(feed(f"<guid>{'g' * 9000}</guid>"))
    assert 0 < len(mention.key) <= 500


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/a", "https://feeds.example/a"),
        ("a", "https://feeds.example/news/a"),
        ("//other.example/a", "https://other.example/a"),
        ("javascript:alert(1)", ""),
        ("mailto:jo@oakfield.example", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_links_are_absolute_web_addresses_or_nothing(link: str, url: str) -> None:
    (mention,) = read(feed(f"<guid isPermaLink='false'>1</guid><link>{link}</link>"))
    assert mention.url == url


def test_the_feeds_own_link_is_the_base_of_its_entries() -> None:
    (mention,) = read(feed("<guid>1</guid><link>/a</link>", head="<link>https://www.example/</link>"))
    assert mention.url == "https://www.example/a"


def test_xml_base_goes_before_the_address_of_the_feed() -> None:
    (mention,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/x/"><entry><id>1</id>'
        '<link href="a"/></entry></feed>'
    )
    assert mention.url == "https://base.example/x/a"


def test_mentions_come_oldest_first_and_undated_ones_beside_their_neighbours() -> None:
    dates = ["Wed, 27 May", "", "Fri, 29 May", "Tue, 26 May"]
    items = (
        f"<guid>{n}</guid>" + (f"<pubDate>{date} 2026 10:00:00 GMT</pubDate>" if date else "")
        for n, date in enumerate(dates)
    )
    assert [mention.key for mention in read(feed(*items))] == ["3", "0", "2", "1"]
    assert [mention.key for mention in read(numbered(3, 2, 1))] == ["g1", "g2", "g3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
@pytest.mark.parametrize("prolog", [True, False])
@pytest.mark.parametrize("content_type", ["", "text/xml", "application/xml", "text/html; charset={}", "x/y"])
def test_words_survive_encodings_declared_here_there_or_nowhere(
    encoding: str, prolog: bool, content_type: str
) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>' if prolog else ""
    body = (declared + feed("<guid>1</guid><title>Zoë’s café</title>".replace("’", "é"))).encode(encoding)
    (mention,) = read(body, content_type.format(encoding.removesuffix("-sig")))
    assert mention.title == "Zoëés café"


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "undefined", "unicode_escape", "hex", "nonsense", "x" * 200]
)
def test_a_strange_encoding_name_harms_nothing(name: str) -> None:
    (mention,) = read(
        f'<?xml version="1.0" encoding="{name}"?>' + feed("<guid>1</guid><title>Zoë</title>"), ""
    )
    assert mention.title == "Zoë"


@given(st.binary(max_size=200))
def test_no_body_raises_anything_but_a_fetch_error(junk: bytes) -> None:
    for body in (
        junk,
        b"<rss version='2.0'><channel><item>" + junk,
        b'{"items":[' + junk,
        SAMPLE[:700] + junk,
    ):
        try:
            read(body, "")
        except FetchError:
            continue


@pytest.mark.parametrize(
    ("body", "temporary"),
    [
        (b"", True),
        (b"  \n", True),
        (b"<!DOCTYPE html><html><body><p>Sign in</p></body></html>", False),
        (b"<!doctype html><title>Hello</title><p>No html element", False),
        (b"<!-- x --><html><head><title>Hello</title></head></html>", False),
        (b"<?xml version='1.0'?><unknown><a/></unknown>", False),
        (b"<rss version='2.0'><channel><title>t</title>", True),
        (b"Error establishing a database connection", True),
        (b"null", False),
        (b"[]", False),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', False),
        (b'{"items": [{"id": "1"', True),
        (b"[" * 100_000, False),
        (SAMPLE[:300], True),
    ],
)
def test_what_is_no_feed_is_refused(body: bytes, temporary: bool) -> None:
    with pytest.raises(FetchError) as caught:
        read(body, "application/json" if body == b"null" else "")
    assert caught.value.temporary is temporary


def test_a_feed_under_an_html_doctype_is_still_a_feed() -> None:
    assert len(read("<!DOCTYPE html>" + numbered(1))) == 1


@pytest.mark.parametrize("encoding", ["ascii", "utf-8-sig", "utf-16", "utf-32", "cp037"])
def test_a_declaration_without_an_end_takes_linear_time(encoding: str) -> None:
    with pytest.raises(FetchError):
        read(("<?xml " + ' encoding="x" ' * 20_000).encode(encoding), "")


def test_an_empty_feed_is_a_feed() -> None:
    assert read(feed()) == ()


def test_entity_bombs_do_not_grow() -> None:
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "boom">{nested}]>' + feed("<guid>1</guid><title>&e11;</title>")
    assert all(len(mention.title) < 1000 for mention in read(bomb))
    flat = f'<!DOCTYPE rss [\n<!ENTITY a "{"x" * 100_000}">\n]>' + feed(f"<title>{'&a;' * 1000}</title>")
    with pytest.raises(FetchError) as caught:
        read(flat)
    assert not caught.value.temporary


def test_external_entities_are_not_read() -> None:
    attack = '<!DOCTYPE rss [\n<!ENTITY a SYSTEM "file:///etc/passwd">\n]>' + feed(
        "<guid>1</guid><title>[&a;]</title>"
    )
    assert [mention.title for mention in read(attack)] in (["[]"], ["[&a;]"])


def test_json_feed_is_read() -> None:
    items = [
        {"id": 7, "url": "/7", "title": "Seven", "content_html": "<p>One</p><p>Two &amp; three</p>",
         "date_published": "2026-05-30T10:00:00+01:00", "authors": [{"name": "Robin Marsh"}, {"name": "Al"}]},
        {"id": "6", "content_text": "a < b", "summary": "a < b", "date_published": "nonsense"},
        None,
        {"id": None, "title": 3, "authors": "x"},
    ]  # fmt: skip
    document = {"version": "https://jsonfeed.org/version/1.1", "items": items, "author": {"name": "Desk"}}
    mentions = read(json.dumps(document), "application/feed+json")
    by_key = {mention.key: mention for mention in mentions}
    assert by_key["7"] == Mention(
        source="gazette",
        key="7",
        url="https://feeds.example/7",
        title="Seven",
        text="One\n\nTwo & three",
        author="Robin Marsh, Al",
        platform="blog",
        posted_at=datetime(2026, 5, 30, 9, tzinfo=UTC),
        kind="article",
    )
    assert (by_key["6"].text, by_key["6"].author, by_key["6"].posted_at) == ("a < b", "Desk", None)
    assert len(mentions) == 3


# --- plain text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("un<b>believ</b>able", "unbelievable"),
        ("<td>one</td><td>two</td>", "one two"),
        ("a &amp; b &lt; c &#8217; &nbsp; d", "a & b < c ’ d"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("Jo <jo@oakfield.example> said", "Jo <jo@oakfield.example> said"),
        ("<script>var words</script>seen<style>p{}</style>", "seen"),
        ("seen<script>cut off", "seencut off"),
        ("one<!-- hidden <b> -->two", "onetwo"),
        ("one <!-- cut off", "one <!-- cut off"),
        ('<img src="a" alt="A &quot;ramp&quot;">', 'A "ramp"'),
        ('see<img alt="">this', "see this"),
        ("&lt;p&gt;escaped &amp;amp; twice&lt;/p&gt;", "escaped & twice"),
        ("History of the &lt;blink&gt; tag", "History of the <blink> tag"),
        ('<a href="x>y">link</a>', "link"),
        ('<a href="broken>link</a>', "link"),
        ("<o:p>Word</o:p>", "Word"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("a\n b\n\n\n\n c", "a\nb\n\nc"),
        ("<p>a\nb</p>", "a b"),
        ("<![CDATA[<p>kept</p>]]>", "kept"),
    ],
)  # fmt: skip
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert html_to_text(html) == text


WORD = st.from_regex(r"[A-Za-zäöéß0-9]{1,8}", fullmatch=True)
WRAP = st.sampled_from(
    [
        "{}",
        "<b>{}</b>",
        "<p>{}</p>",
        "<a href='/x?a=1&b=2'>{}</a>",
        "<li>{}",
        "<br/>{}",
        '<span title="a > b">{}</span>',
        "<!-- c -->{}",
        "&amp;{}",
        "&nbsp;{}",
        "< {}",
    ]
)


@given(st.lists(st.tuples(WRAP, WORD), max_size=20))
def test_no_word_is_lost_and_none_are_glued(parts: list[tuple[str, str]]) -> None:
    text = html_to_text(" ".join(wrap.format(word) for wrap, word in parts))
    assert re.findall(r"[A-Za-zäöéß0-9]+", text) == [word for _, word in parts]


@given(st.text())
def test_text_without_markup_only_loses_spaces(text: str) -> None:
    plain = text.replace("<", "").replace("&", "")
    assert "".join(html_to_text(plain).split()) == "".join(plain.split())
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    "piece", ["<a ", "<a \"'", "<!--", "<script>", "&lt;b&gt;", "<b>", "</b", "<a '\"x' "]
)
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    assert isinstance(html_to_text(piece * 60_000), str)


# Runs of these took quadratic time: 200,000 characters would keep this test busy for minutes.
@pytest.mark.parametrize("piece", ["[", "(", ".", " [", "... ", "\n"])
def test_hostile_words_take_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece)) + "x"
    assert fullest(text, "x") == text


def test_an_excerpt_that_says_it_goes_on_is_not_kept_beside_the_whole() -> None:
    for end in (" [\u2026]", "...", " Read more \u2192", " (continue reading)"):
        assert (
            fullest("The fair was lovely" + end, "The fair  was lovely and the donkey came.").count("fair")
            == 1
        )


def test_many_bodies_of_one_entry_lose_no_word_and_none_is_compared_with_all() -> None:
    bodies = "".join(f'<content type="text">body{n} {"abc def " * 125}</content>' for n in range(3000))
    (mention,) = read(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{bodies}</entry></feed>')
    assert {word for word in mention.text.split() if word.startswith("body")} == {
        f"body{n}" for n in range(3000)
    }


@pytest.mark.parametrize("piece", ["<a>", "<item>", "&a;", "<x:y/>"])
def test_a_feed_of_endless_markup_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    monkeypatch.setattr(_xmlfeed, "MOST_MARKUP", 100)
    monkeypatch.setattr(_xmlfeed, "MOST_REFERENCES", 100)
    body = numbered(1, 2).removesuffix("</channel></rss>") + piece * 500
    page = rss.parse(body.encode(), {}, URL, now=NOW)
    assert {"g1", "g2"} <= {mention.key for mention in page.mentions}
    assert re.search(r"only its first [1-9][0-9] % were read", page.cut)
    assert not page.broken_off
    with pytest.raises(FetchError) as caught:
        read("<rss version='2.0'><channel>" + "<a>&b;" * 500)
    assert not caught.value.temporary


def test_a_visit_to_a_feed_that_was_cut_says_so(
    httpserver: HTTPServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_xmlfeed, "MOST_MARKUP", 100)
    httpserver.expect_request("/feed").respond_with_data(numbered(*range(100)))
    batch = visit(httpserver.url_for("/feed"), client)
    assert 10 < len(batch.mentions) < 20
    assert "so much markup" in batch.missed


# --- visits -----------------------------------------------------------------------------------------------


def visit(url: str, client: Client, cursor: str | None = None, **options: object) -> Batch:
    return rss.fetch(rss.Options.model_validate({"url": url, "name": "gazette", **options}), cursor, client)


def keys(batch: Batch) -> list[str]:
    return [mention.key for mention in batch.mentions]


def test_an_unchanged_feed_costs_a_304_and_nothing_else(httpserver: HTTPServer, client: Client) -> None:
    def answer(request: Request) -> Response:
        sent = (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"))
        if sent == ('W/"1é"', "Mon, 01 Jun 2026 10:00:00 GMT"):
            return Response(status=304)
        headers = {"ETag": 'W/"1é"', "Last-Modified": "Mon, 01 Jun 2026 10:00:00 GMT"}
        return Response(SAMPLE, headers=headers)

    httpserver.expect_request("/feed").respond_with_handler(answer)
    first = visit(httpserver.url_for("/feed"), client)
    assert len(first.mentions) == 2
    assert not first.unchanged
    second = visit(httpserver.url_for("/feed"), client, first.cursor)
    assert (second.mentions, second.unchanged, second.missed) == ((), True, "")
    assert visit(httpserver.url_for("/feed"), client, second.cursor).unchanged
    assert second.not_before == NOW + timedelta(minutes=30), "the feed's own ttl holds after a 304 too"


def test_a_feed_without_validators_is_not_read_twice_either(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data(SAMPLE)
    first = visit(httpserver.url_for("/feed"), client)
    assert visit(httpserver.url_for("/feed"), client, first.cursor).unchanged


def test_a_304_that_was_not_asked_for_is_a_failure(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=304)
    with pytest.raises(FetchError) as caught:
        visit(httpserver.url_for("/feed"), client)
    assert caught.value.temporary


def test_an_edited_entry_comes_again_under_its_key(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("<guid>1</guid><title>Before</title>"))
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed("<guid>1</guid><title>After</title>"))
    first = visit(httpserver.url_for("/feed"), client)
    second = visit(httpserver.url_for("/feed"), client, first.cursor)
    assert (second.mentions[0].key, second.mentions[0].title) == ("1", "After")
    assert second.missed == ""


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "null",
        "{}",
        "[]",
        "nonsense",
        '{"v": 9, "url": "x"}',
        '{"v":1,"url":"x"}',
        '{"v":1,"url":"URL","etag":"a\\nb"}',
        '{"v":1,"url":"URL","known":"x"}',
    ],
)
def test_a_malformed_or_foreign_cursor_counts_as_none(
    httpserver: HTTPServer, client: Client, cursor: str
) -> None:
    httpserver.expect_request("/feed").respond_with_data(SAMPLE)
    url = httpserver.url_for("/feed")
    assert len(visit(url, client, cursor.replace("URL", url)).mentions) == 2
    assert "If-None-Match" not in httpserver.log[0][0].headers


def test_a_permanent_move_is_remembered_and_a_passing_one_is_not(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/old").respond_with_data("", status=301, headers={"Location": "/new"})
    httpserver.expect_request("/odd").respond_with_data("", status=302, headers={"Location": "/new"})
    httpserver.expect_request("/new").respond_with_data(SAMPLE)
    for path in ("/old", "/odd"):
        first = visit(httpserver.url_for(path), client)
        visit(httpserver.url_for(path), client, first.cursor)
    paths = [request.path for request, _ in httpserver.log]
    assert paths == ["/old", "/new", "/new", "/odd", "/new", "/odd", "/new"]


def test_a_move_whose_new_address_dies_is_forgotten(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_oneshot_request("/old").respond_with_data("", status=308, headers={"Location": "/new"})
    httpserver.expect_oneshot_request("/new").respond_with_data(SAMPLE, headers={"ETag": '"1"'})
    httpserver.expect_request("/new").respond_with_data("", status=404)
    httpserver.expect_request("/old").respond_with_data(SAMPLE)
    first = visit(httpserver.url_for("/old"), client)
    second = visit(httpserver.url_for("/old"), client, first.cursor)
    assert len(second.mentions) == 2
    assert "If-None-Match" not in httpserver.log[-1][0].headers
    visit(httpserver.url_for("/old"), client, second.cursor)
    assert httpserver.log[-1][0].path == "/old"


def test_a_move_that_fails_in_passing_is_kept(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/old").respond_with_data("", status=301, headers={"Location": "/new"})
    httpserver.expect_oneshot_request("/new").respond_with_data(SAMPLE)
    httpserver.expect_request("/new").respond_with_data("", status=503)
    first = visit(httpserver.url_for("/old"), client)
    with pytest.raises(FetchError) as caught:
        visit(httpserver.url_for("/old"), client, first.cursor)
    assert caught.value.temporary


@pytest.mark.parametrize(
    ("headers", "head", "wait"),
    [
        ({"Cache-Control": "max-age=600"}, "", timedelta(minutes=10)),
        ({}, "<ttl>60</ttl>", timedelta(hours=1)),
        ({"Cache-Control": "no-cache"}, "<ttl>60</ttl>", None),
        ({}, "<ttl>99999</ttl>", timedelta(days=1)),
        ({}, "<ttl>soon</ttl>", None),
        ({}, "", None),
    ],
)
def test_the_next_visit_waits_as_long_as_the_source_asks(
    httpserver: HTTPServer, client: Client, headers: dict[str, str], head: str, wait: timedelta | None
) -> None:
    httpserver.expect_request("/feed").respond_with_data(numbered(1, head=head), headers=headers)
    batch = visit(httpserver.url_for("/feed"), client)
    assert batch.not_before == (None if wait is None else NOW + wait)


def test_the_syndication_module_says_how_often(client: Client) -> None:
    body = (
        '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
        "<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
        "</channel></rss>"
    )
    assert rss.parse(body.encode(), {}, URL, now=NOW).ttl == timedelta(minutes=30)


# --- gaps -------------------------------------------------------------------------------------------------


def paged(next_path: str, *numbers: int) -> str:
    entries = "".join(f"<entry><id>g{n}</id><title>Item {n}</title></entry>" for n in numbers)
    link = f'<link rel="next" href="{next_path}"/>' if next_path else ""
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{link}{entries}</feed>'


def test_a_first_visit_reads_one_page(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data(paged("/2", 4, 3))
    batch = visit(httpserver.url_for("/feed"), client)
    assert (keys(batch), batch.missed) == (["g3", "g4"], "")
    assert len(httpserver.log) == 1


def test_a_gap_is_closed_by_reading_older_pages_until_something_is_known(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_oneshot_request("/feed").respond_with_data(numbered(2, 1))
    first = visit(httpserver.url_for("/feed"), client)
    httpserver.expect_request("/feed").respond_with_data(paged("/2", 8, 7))
    httpserver.expect_request("/2").respond_with_data(paged("/3", 6, 5))
    httpserver.expect_request("/3").respond_with_data(paged("/4", 4, 3, 2))
    batch = visit(httpserver.url_for("/feed"), client, first.cursor)
    assert (keys(batch), batch.missed) == (["g2", "g3", "g4", "g5", "g6", "g7", "g8"], "")


def test_no_older_page_is_read_while_something_is_still_known(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_oneshot_request("/feed").respond_with_data(paged("/2", 2, 1))
    first = visit(httpserver.url_for("/feed"), client)
    httpserver.expect_request("/feed").respond_with_data(paged("/2", 3, 2))
    assert visit(httpserver.url_for("/feed"), client, first.cursor).missed == ""
    assert len(httpserver.log) == 2


@pytest.mark.parametrize(
    ("second", "status", "said"),
    [
        (numbered(9, 8), 200, ""),
        (paged("/2", 9, 8), 404, "answered 404"),
        (paged("/2", 9, 8), 200, "stopped after 3 pages"),
        (paged("/feed", 9, 8), 200, ""),
    ],
)
def test_a_gap_that_stays_open_is_said_in_numbers(
    httpserver: HTTPServer, client: Client, second: str, status: int, said: str
) -> None:
    def older(request: Request) -> Response:
        page = int(request.path.strip("/"))
        return Response(paged(f"/{page + 1}", page * 100), status=status)

    httpserver.expect_oneshot_request("/feed").respond_with_data(numbered(2, 1))
    first = visit(httpserver.url_for("/feed"), client)
    httpserver.expect_request("/feed").respond_with_data(second)
    httpserver.expect_request(re.compile("/[0-9]+")).respond_with_handler(older)
    batch = visit(httpserver.url_for("/feed"), client, first.cursor, max_pages=3)
    assert "none of the 2 entries" in batch.missed
    assert said in batch.missed
    assert "Item" not in batch.missed
    assert {"g8", "g9"} <= set(keys(batch))


def test_an_empty_feed_is_no_gap_and_forgets_nothing(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_oneshot_request("/feed").respond_with_data(numbered(2, 1))
    httpserver.expect_oneshot_request("/feed").respond_with_data(feed())
    httpserver.expect_oneshot_request("/feed").respond_with_data(numbered(3, 2))
    cursor = None
    for _ in range(3):
        batch = visit(httpserver.url_for("/feed"), client, cursor)
        cursor = batch.cursor
        assert batch.missed == ""


def test_more_entries_than_are_wanted_are_counted(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data(numbered(*range(9, 0, -1)))
    batch = visit(httpserver.url_for("/feed"), client, max_entries=2)
    assert keys(batch) == ["g8", "g9"]
    assert "9 entries" in batch.missed


def test_a_feed_that_broke_off_keeps_its_entries_and_is_asked_anew(
    httpserver: HTTPServer, client: Client
) -> None:
    whole = numbered(3, 2, 1)
    httpserver.expect_request("/feed").respond_with_data(whole[:-45], headers={"ETag": '"1"'})
    batch = visit(httpserver.url_for("/feed"), client)
    assert "g3" in keys(batch)
    assert "broke off" in batch.missed
    visit(httpserver.url_for("/feed"), client, batch.cursor)
    assert "If-None-Match" not in httpserver.log[1][0].headers


def test_the_cursor_stays_small(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/feed").respond_with_data(numbered(*range(2000)))
    batch = visit(httpserver.url_for("/feed"), client)
    assert len(batch.mentions) == 2000
    assert len(batch.cursor or "") < 8000
    assert "Item" not in (batch.cursor or "")


@pytest.mark.parametrize(
    "options",
    [{"url": "ftp://x.example"}, {"url": "x"}, {"platform": "pigeon"}, {"max_pages": 0}, {"speed": 1}],
)
def test_wrong_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rss.Options.model_validate({"url": "https://a.example", **options})
