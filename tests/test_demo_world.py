"""The demo world: what is in it, how it is published, and the mail server beside it."""

import json
import re
import smtplib
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from itertools import combinations
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.types import Severity
from core.vocabulary import LABELS, PLATFORMS
from redshank.demo.feeds import CHANNELS
from redshank.demo.posts import Post
from redshank.demo.sink import mails, sink, slug
from redshank.demo.world import SOURCES, feed, load, serve

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
POSTS = load()
XML_SOURCES = [source for source in SOURCES if source != "mastodon-tag"]


def of(source: str) -> list[Post]:
    return [post for post in POSTS if post.source == source]


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_world_is_of_the_promised_size() -> None:
    assert 140 <= len(POSTS) <= 160
    assert {post.source for post in POSTS} == set(SOURCES)


def test_some_twenty_stories_deserve_a_case_and_every_source_has_one() -> None:
    flagged = [post for post in POSTS if post.deserves_case]
    assert 18 <= len({post.story_key for post in flagged}) <= 24
    assert {post.source for post in flagged} == set(SOURCES)


def test_all_ten_labels_and_all_severities_appear() -> None:
    assert {label for post in POSTS for label in post.labels} == set(LABELS)
    assert {post.severity for post in POSTS} == set(Severity)


def test_what_is_about_something_else_bears_no_label() -> None:
    elsewhere = [post for post in POSTS if not post.relevant]
    assert len(elsewhere) > 30
    assert all(post.labels == () and post.severity is Severity.none for post in elsewhere)


def test_every_post_that_deserves_a_case_names_the_organisation_in_its_text() -> None:
    assert [post.id for post in POSTS if post.deserves_case and "Oakfield House" not in post.text] == []


def test_one_story_is_told_twice_by_one_author_in_the_same_words() -> None:
    twins = [post for post in POSTS if post.story]
    assert len(twins) == 2
    first, second = twins
    assert first.story == second.story
    assert first.author == second.author
    assert first.source != second.source
    assert plain(first.text) == plain(second.text)


def test_two_authors_post_the_same_words_and_make_two_cases() -> None:
    by_text: dict[str, list[Post]] = {}
    for post in POSTS:
        by_text.setdefault(plain(post.text), []).append(post)
    pairs = [pair for pair in by_text.values() if len(pair) > 1 and pair[0].author != pair[1].author]
    assert len(pairs) == 1
    assert len({post.story_key for post in pairs[0]}) == 2


def test_one_post_is_edited_later_into_something_graver() -> None:
    edited = [post for post in POSTS if post.edited_text is not None]
    assert len(edited) == 1
    assert edited[0].edited_severity > edited[0].severity
    assert set(edited[0].edited_labels) > set(edited[0].labels)


def test_no_two_other_posts_are_alike() -> None:
    alike = []
    for one, other in combinations(POSTS, 2):
        matcher = SequenceMatcher(None, plain(one.text).split(), plain(other.text).split(), autojunk=False)
        if matcher.real_quick_ratio() > 0.5 and matcher.quick_ratio() > 0.5 and matcher.ratio() > 0.5:
            alike.append({one.id, other.id})
    assert alike == [{"tf-02", "ma-02"}, {"tf-03", "ma-03"}]


def test_telephones_are_drama_numbers_and_addresses_lie_in_example_domains() -> None:
    for post in POSTS:
        text = plain(f"{post.title} {post.text} {post.edited_text or ''} {post.author}")
        for number in re.findall(r"(?:\+44|\b0)[\d ()-]{8,}\d", text):
            assert re.fullmatch(r"07700900\d{3}|01632960\d{3}", re.sub(r"\D", "", number)), post.id
        for domain in re.findall(r"@[\w.-]+@([\w.-]+)|[\w.]+@([\w.-]+\w)", text):
            assert "".join(domain).endswith(".example"), post.id
        for domain in re.findall(r"https?://([^/\s\"]+)", text):
            assert domain.endswith(".example"), post.id


def test_number_plates_hold_a_letter_that_is_never_issued() -> None:
    plates = {plate for post in POSTS for plate in re.findall(r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b", post.text)}
    assert plates
    assert all(set(plate) & set("IQ") for plate in plates)


def a_post(**changes: object) -> Post:
    values: dict[str, object] = {"id": "x", "source": "town-forum", "author": "a", "hours_ago": 1}
    values |= {"text": "t", "relevant": True, "case": "c"}
    return Post(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ("rudeness",), "severity": "low"},
        {"labels": ("hate",)},
        {"severity": "high"},
        {"labels": ("hate",), "severity": "dire"},
        {"labels": ("hate",), "severity": "high", "relevant": False},
        {"edited_labels": ("hate",), "edited_severity": "high"},
        {"source": "elsewhere"},
        {"hours_ago": -1},
        {"text": " "},
        {"mood": "sunny"},
    ],
)
def test_a_post_that_breaks_the_rules_is_refused(changes: dict[str, object]) -> None:
    a_post()
    with pytest.raises((ValidationError, TypeError)):
        a_post(**changes)


@pytest.mark.parametrize("source", XML_SOURCES)
def test_a_feed_parses_cleanly_and_holds_every_post_word_for_word(source: str) -> None:
    body, content_type = feed(source, NOW)
    parsed = feedparser.parse(body, response_headers={"content-type": content_type}, sanitize_html=False)
    assert not parsed.bozo
    by_link = {entry.link: entry for entry in parsed.entries}
    assert len(by_link) == len(parsed.entries) == len(of(source))
    for post in of(source):
        entry = by_link[CHANNELS[source].link(post)]
        content = entry.content[0].value if source == "town-forum" else entry.summary
        assert plain(content) == plain(post.text)
        assert unescape(entry.title) == post.title
        assert entry.author == post.author
        posted = datetime(*(entry.get("published_parsed") or entry.updated_parsed)[:6], tzinfo=UTC)
        assert posted == NOW - timedelta(hours=post.hours_ago)


def test_the_json_feed_holds_every_post_word_for_word() -> None:
    body, content_type = feed("mastodon-tag", NOW)
    document = json.loads(body)
    assert content_type == "application/feed+json"
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    by_id = {item["id"]: item for item in document["items"]}
    assert len(document["items"]) == len(of("mastodon-tag"))
    for post in of("mastodon-tag"):
        item = by_id[post.id]
        assert item["content_text"] == post.text
        assert item["authors"] == [{"name": post.author}]
        assert datetime.fromisoformat(item["date_published"]) == NOW - timedelta(hours=post.hours_ago)


def test_the_four_feeds_are_of_four_formats_and_one_is_no_utf_8() -> None:
    versions = {source: feedparser.parse(feed(source, NOW)[0]).version for source in XML_SOURCES}
    assert versions == {"local-news": "rss20", "town-forum": "atom10", "reviews-blog": "rss10"}
    body = feed("reviews-blog", NOW)[0]
    assert body.startswith(b"<?xml version='1.0' encoding='windows-1252'?>")
    assert "my grandmère would".encode("windows-1252") in body.replace(b"\n", b" ")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_says_its_platform(source: str) -> None:
    assert CHANNELS[source].platform in PLATFORMS


def test_a_feed_wants_a_clock_with_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        feed("local-news", NOW.replace(tzinfo=None))


def get(url: str, etag: str = "") -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={"If-None-Match": etag} if etag else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.status, dict(reply.headers), reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_the_server_answers_200_then_304(capfd: pytest.CaptureFixture[str]) -> None:
    with serve(NOW) as world:
        assert set(world.urls) == set(SOURCES)
        for source, url in world.urls.items():
            status, headers, body = get(url)
            assert (status, body, headers["Content-Type"]) == (200, *feed(source, NOW))
            assert get(url, headers["ETag"])[::2] == (304, b"")
        assert get(f"{world.urls['local-news']}/nowhere")[0] == 404
    assert capfd.readouterr() == ("", "")


def test_an_edit_changes_the_forum_alone_and_marks_the_post_as_updated() -> None:
    with serve(NOW) as world:
        etags = {source: get(url)[1]["ETag"] for source, url in world.urls.items()}
        world.edit()
        again = {source: get(url, etags[source]) for source, url in world.urls.items()}
    assert Counter(status for status, _, _ in again.values()) == {304: 3, 200: 1}
    entries = feedparser.parse(again["town-forum"][2]).entries
    changed = [entry for entry in entries if entry.updated != entry.published]
    assert [entry.link for entry in changed] == [
        CHANNELS["town-forum"].link(post) for post in POSTS if post.edited_text
    ]
    assert "EDIT:" in changed[0].content[0].value


def test_the_server_is_gone_after_its_block() -> None:
    with serve(NOW) as world:
        url = world.urls["local-news"]
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)


def a_mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "redshank@oakfield.example"
    message["To"] = "lead@oakfield.example"
    message["Subject"] = subject
    message.set_content("Dear lead,\n\n.a line that begins with a dot, and a café.\n")
    message.add_alternative("<p>The same in HTML.</p>", subtype="html")
    return message


def test_the_sink_lays_down_each_mail_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "mails"
    with sink(folder) as (host, port), smtplib.SMTP(host, port, timeout=5) as client:
        client.send_message(a_mail("Case 7: two labels, high"))
        client.send_message(a_mail("Zu spät / ../../etc"))
    assert [path.name for path in mails(folder)] == ["001-case-7-two-labels-high.eml", "002-zu-sp-t-etc.eml"]
    assert len(list(folder.iterdir())) == 2
    stored = message_from_bytes(mails(folder)[0].read_bytes(), policy=policy.default)
    part = stored.get_body(("plain",))
    assert part is not None
    lines = part.get_content().splitlines()
    assert lines == ["Dear lead,", "", ".a line that begins with a dot, and a café."]


def test_the_sink_goes_on_numbering_in_a_folder_that_holds_mails(tmp_path: Path) -> None:
    for _ in range(2):
        with sink(tmp_path) as (host, port), smtplib.SMTP(host, port, timeout=5) as client:
            client.send_message(a_mail("Digest"))
    assert [path.name for path in mails(tmp_path)] == ["001-digest.eml", "002-digest.eml"]


@given(st.text())
def test_any_subject_gives_a_safe_file_name(subject: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?", slug(subject))
