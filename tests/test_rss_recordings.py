"""Real feeds, and the cases of feedparser's own tests, which say themselves what a right parser finds.

The recordings lie beside the repository and are no part of it; without them these tests are skipped.
"""

import ast
import gzip
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from connectors import rss
from connectors._text import html_to_text
from core.errors import FetchError
from core.types import Mention

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[1].parent / "shared" / "recordings"
BASE = "http://127.0.0.1:8097/"
FILES = sorted(
    path for kind in ("feeds", "jsonfeed") for path in RECORDINGS.glob(f"{kind}/**/*") if path.is_file()
)
CASES = sorted(path for path in RECORDINGS.glob("feeds/feedparser/**/*.xml"))

# What the cases' authors ask and we decided otherwise: file below feeds/feedparser, and why.
NO_CHARDET = (
    "feedparser guesses an undeclared encoding only where chardet is installed; no mention is concerned"
)
EXCEPTIONS = {
    "illformed/chardet/euckr.xml": NO_CHARDET,
    "illformed/chardet/gb2312.xml": NO_CHARDET,
    "illformed/chardet/windows1255.xml": NO_CHARDET,
    "wellformed/itunes/itunes_channel_explicit_no.xml": "this feedparser reads None; no mention is concerned",
}

# Words of a text that only markup would hold; a page about HTML may name its elements.
MARKUP = re.compile(r"</?(?:p|div|span|a|b|i|em|strong|ul|ol|li|h[1-6]|td|tr|table|img|br)(?:\s[^<>]*)?/?>")
EXPLAINS_HTML = {"feeds/feedjira/TenderLovemaking.xml", "feeds/miniflux/large_atom.xml"}

pytestmark = pytest.mark.skipif(not FILES, reason="the recordings of real feeds are not on this machine")


def name(path: Path) -> str:
    return path.relative_to(RECORDINGS).as_posix()


def body(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_real_feed_makes_well_formed_mentions_or_a_fetch_error(path: Path) -> None:
    try:
        page = rss.parse(body(path), {}, BASE, name="recorded", now=NOW)
    except FetchError:
        return
    keys = [mention.key for mention in page.mentions]
    assert len(set(keys)) == len(keys)
    for mention in page.mentions:
        assert 0 < len(mention.key) <= 520
        assert mention.url == "" or re.match(r"https?://[^/]", mention.url)
        assert mention.posted_at is None or mention.posted_at.tzinfo is UTC
        assert "\n" not in mention.title
        if name(path) not in EXPLAINS_HTML:
            for text in (mention.title, mention.text, mention.author):
                assert not MARKUP.search(text)


def test_nearly_every_recording_is_read() -> None:
    refused = set()
    for path in FILES:
        try:
            rss.parse(body(path), {}, BASE, now=NOW)
        except FetchError:
            refused.add(name(path))
    assert refused == {
        "feeds/feed-rs/xml/xml_sample_1.xml",  # not a feed
        "feeds/feed-rs/xml/xml_sample_2.xml",  # not a feed
        "feeds/feedparser/illformed/rss_empty_document.xml",
        "feeds/gofeed/parser/universal/empty_feed.xml",
        "jsonfeed/gofeed/invalid/invalid.json",
    }


# --- what feedparser's cases expect -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """``entries[entry]`` has ``field`` (a path of keys) equal to ``value``."""

    entry: int
    field: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Case:
    expect: str
    headers: dict[str, str]
    content: bytes


def case(path: Path) -> Case:
    content = path.read_bytes()
    readable = content.replace(b"\0", b"").decode("latin-1")
    expect = re.search(r"Expect:\s*(.+)", readable)
    assert expect, f"{name(path)} expects nothing"
    headers = dict(re.findall(r"^Header:\s*([\w-]+):\s*(.+?)\s*$", readable, re.MULTILINE))
    if headers or path.name.startswith("http_"):
        # Served over HTTP by the cases' own test server; the others are read from a file.
        headers = {"content-type": "application/xml", "content-location": BASE} | headers
    return Case(expect.group(1).strip(), {key.lower(): value for key, value in headers.items()}, content)


def claims(expect: str) -> Iterator[Claim]:
    """The comparisons of entries with a literal that an expectation makes."""
    for node in ast.walk(ast.parse(expect, mode="eval")):
        if isinstance(node, ast.Compare) and all(isinstance(op, ast.Eq) for op in node.ops):
            *sides, last = [node.left, *node.comparators]
            for side in sides:
                keys = path_of(side)
                if keys[:1] == ("entries",) and isinstance(last, ast.Constant | ast.Tuple):
                    yield Claim(int(keys[1]), keys[2:], ast.literal_eval(last))


def path_of(node: ast.expr) -> tuple[str | int, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*path_of(node.value), node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return (*path_of(node.value), node.slice.value)  # type: ignore[arg-type]
    return ()


def concerns(claim: Claim) -> bool:
    """Whether a mention shows what is claimed: not types, languages, media or positions on a map."""
    named = {"title", "link", "id", "description", "summary", "published_parsed", "updated_parsed"}
    first, last = claim.field[0], claim.field[-1]
    return (
        (len(claim.field) == 1 and first in named)
        or (first in ("author_detail", "authors") and last in ("name", "email"))
        or (first in ("content", "title_detail", "summary_detail") and last == "value")
    )


def agrees(mention: Mention, claim: Claim) -> bool:
    first, value = claim.field[0], claim.value
    shown = html_to_text(value) if isinstance(value, str) else ""
    if first in ("title", "title_detail"):
        return mention.title == shown.replace("\n", " ")
    if first == "link":
        return mention.url == value
    if first == "id":
        return mention.key.partition("#")[0] == value
    if first in ("author_detail", "authors"):
        # A name is enough: an address is shown where there is no name.
        return value in mention.author or (claim.field[-1] == "email" and mention.author not in ("", value))
    if isinstance(value, tuple):
        return mention.posted_at == datetime(*value[:6], tzinfo=UTC)
    return " ".join(shown.split()) in " ".join(mention.text.split())


def holds(path: Path) -> tuple[bool, int]:
    """Whether feedparser and we find what the case expects, and how many claims about entries it made."""
    this = case(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parsed = feedparser.parse(io.BytesIO(this.content), response_headers=this.headers)
        if not eval(this.expect, {"etag": this.headers.get("etag")}, parsed):
            return False, 0
    made = [claim for claim in claims(this.expect) if concerns(claim)]
    if not made:
        return True, 0
    mentions = rss.parse(this.content, this.headers, BASE, now=NOW).mentions[::-1]
    return all(agrees(mentions[claim.entry], claim) for claim in made), len(made)


@pytest.mark.parametrize("path", CASES, ids=name)
def test_feedparser_and_we_find_what_its_case_expects(path: Path) -> None:
    known = path.relative_to(RECORDINGS / "feeds" / "feedparser").as_posix() in EXCEPTIONS
    found, _ = holds(path)
    assert found is not known, "it holds: take it off the list" if known else "it does not hold"


def test_the_cases_make_claims_and_the_exceptions_exist() -> None:
    assert sum(holds(path)[1] for path in CASES) >= 35
    assert all((RECORDINGS / "feeds" / "feedparser" / file).is_file() for file in EXCEPTIONS)
