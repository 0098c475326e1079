"""RSS 0.9 to 2.0, RDF, CDF and Atom, read by feedparser; its result never leaves this module.

feedparser's own cleaning of HTML and its resolving of links inside HTML are switched off: only plain text is
kept, and they are half of its time. Ids are not resolved against the feed's address either: they must stay
the same when it moves.
"""

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser
from feedparser.encodings import convert_to_utf8

from connectors._dates import from_struct
from connectors._entry import Entry, Feed, fullest
from connectors._text import html_to_text, tidy
from core.errors import FetchError

MOST_EXPANDED = 1024 * 1024  # bytes that a document's own entities may add
# Each piece of markup costs the parser some 20 microseconds and each reference 1, however short they are.
MOST_MARKUP = 500_000
MOST_REFERENCES = 5_000_000
_ENTITY = re.compile(rb"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE = re.compile(rb"&([\w.-]+);")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)[\"']")
# Python codecs that are no encodings of web pages; some of them take quadratic time.
_ODD = {
    b"idna",
    b"punycode",
    b"undefined",
    b"unicode-escape",
    b"raw-unicode-escape",
    b"utf-7",
    b"mbcs",
    b"oem",
}
# How documents begin whose encoding needs no guess (XML 1.0 appendix F): a byte order mark, or "<?" in it.
_STARTS = (
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    ("<?".encode("utf-32-be"), "utf-32-be"),
    ("<?".encode("utf-32-le"), "utf-32-le"),
    ("<?".encode("utf-16-be"), "utf-16-be"),
    ("<?".encode("utf-16-le"), "utf-16-le"),
    ("<?xm".encode("cp037"), "cp037"),
)
_PROLOG = rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*"
_HTML = re.compile(_PROLOG + rb"(?:<!doctype[^<>]*>\s*)?<(?:html|head|body)\b", re.IGNORECASE | re.DOTALL)
_HTML_DOCTYPE = re.compile(
    _PROLOG + rb"<!doctype\s+html\b", re.IGNORECASE | re.DOTALL
)  # some feeds have it too
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})


def parse(content: bytes, headers: Mapping[str, str], url: str) -> Feed:
    """The feed; raises FetchError, permanent for another kind of document, temporary for a broken one."""
    if not content.strip():
        raise FetchError("the answer is empty", temporary=True)
    plain = {"content-type": headers["content-type"]} if "content-type" in headers else {}
    body, plain = _to_utf8(content, plain)
    if _HTML.match(body) and not _ROOT.search(body):  # a feed may lie inside a page
        raise FetchError("the answer is a web page, not a feed", temporary=False)
    _refuse_bomb(body)
    body, cut = _cut(body)
    try:
        found = feedparser.parse(
            io.BytesIO(body), response_headers=plain, resolve_relative_uris=False, sanitize_html=False
        )
        version = str(found.get("version") or "")
        if cut and not found.entries:
            raise FetchError("the feed holds too much markup before its first entry", temporary=False)
        _refuse_others(body, found, version)
        base = url if version.startswith("atom") else _absolute(found.feed.get("link"), url) or url
        return Feed(
            entries=tuple(_entry(entry, found.feed, version, base) for entry in found.entries),
            next_url=_next(found.feed, url),
            ttl=_ttl(found.feed),
            broken_off=bool(found.bozo) and not cut and not _END.search(body[-4096:]),
            cut=cut,
        )
    except FetchError:
        raise
    except Exception as error:  # noqa: BLE001 - a parser of anything, fed by anybody: one edge for all it may raise
        raise FetchError(f"the feed cannot be read ({type(error).__name__})", temporary=False) from None


def _to_utf8(content: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """The body in UTF-8 as its first bytes or else feedparser decide (header, prolog, guess); headers to match."""
    settled = headers | {"content-type": "application/xml; charset=utf-8"}
    certain = next((codec for start, codec in _STARTS if content.startswith(start)), "")
    if certain:
        content = content.decode(certain, "replace").encode("utf-8", "replace")
    if content.startswith(b"<?"):
        # feedparser looks for the declaration in the whole first line, in far more than linear time.
        declaration, _, rest = content.partition(b"?>")
        content = declaration[:1024] + b"?>\n" + rest
    if certain or _names_odd(content, headers):
        return content.decode("utf-8", "replace").encode(), settled
    decided: dict[str, Any] = {}
    try:
        body = convert_to_utf8(headers, content, decided)
    except (ValueError, LookupError):
        return content.decode("utf-8", "replace").encode(), settled
    return (body, settled) if decided["encoding"] else (content.decode("utf-8", "replace").encode(), headers)


def _names_odd(content: bytes, headers: Mapping[str, str]) -> bool:
    declared = _DECLARED.search(content[:1024])
    _, _, named = headers.get("content-type", "").partition("charset=")
    names = (named.strip(" \"';").encode("utf-8", "replace"), declared.group(1) if declared else b"")
    return any(name.lower().replace(b"_", b"-") in _ODD for name in names)


def _refuse_bomb(body: bytes) -> None:
    """feedparser drops nested and external entities; this stops a long one that is named many times."""
    if b"<!ENTITY" not in body:
        return
    named = Counter(_REFERENCE.findall(body))
    added = sum(max(len(one), len(two)) * named[name] for name, one, two in _ENTITY.findall(body))
    if added > MOST_EXPANDED:
        raise FetchError("the feed's own entities would make it far larger than it is", temporary=False)


def _cut(body: bytes) -> tuple[bytes, str]:
    """As much of the body as can be read in passable time, and what to say of the rest."""
    ends = [
        len(body) - len(body.split(sign, most)[-1]) - len(sign)
        for sign, most in ((b"<", MOST_MARKUP), (b"&", MOST_REFERENCES))
        if body.count(sign) >= most
    ]
    if not ends:
        return body, ""
    end = min(ends)
    share = end * 100 // len(body)
    return body[:end], f"the feed holds so much markup that only its first {share} % were read"


def _refuse_others(body: bytes, found: Any, version: str) -> None:
    if found.entries:
        return
    if not version and _HTML_DOCTYPE.match(body):
        raise FetchError("the answer is a web page, not a feed", temporary=False)
    if found.bozo and not _END.search(body[-4096:]):
        raise FetchError("the answer is no feed, or broke off before its first entry", temporary=True)
    if not version:
        raise FetchError("the answer is another kind of document, not a feed", temporary=False)


def _entry(entry: Any, feed: Any, version: str, base: str) -> Entry:
    get = entry.get
    return Entry(
        id=str(get("id") or "").strip(),
        link=_absolute(get("link"), base),
        title=_plain(get("title"), get("title_detail"), version).replace("\n", " "),
        text=fullest(*_bodies(entry, version)),
        author=_author(entry) or (_author(feed) if version.startswith("atom") else ""),
        posted_at=from_struct(get("published_parsed")),
        updated_at=from_struct(dict.get(entry, "updated_parsed")) or from_struct(get("created_parsed")),
    )


def _bodies(entry: Any, version: str) -> Iterator[str]:
    yield _plain(entry.get("summary"), entry.get("summary_detail"), version)
    for content in entry.get("content") or ():
        yield _plain(content.get("value"), content, version)


def _plain(value: object, detail: Any, version: str) -> str:
    """A text construct as plain text; where Atom says that it is text, nothing in it is markup."""
    if not isinstance(value, str) or not value:
        return ""
    kind = str((detail or {}).get("type") or "text/html")
    if kind in _MARKUP or not version.startswith("atom"):
        return html_to_text(value)
    return tidy(value) if kind.startswith("text/") else ""


def _author(holder: Any) -> str:
    people = [str(person.get("name") or "") for person in holder.get("authors") or () if person]
    named = ", ".join(dict.fromkeys(html_to_text(name) for name in people if name))
    return named or html_to_text(str(holder.get("author") or ""))


def _absolute(link: object, base: str) -> str:
    try:
        return urljoin(base, str(link or "").strip()) if link else ""
    except ValueError:
        return ""


def _next(feed: Any, base: str) -> str:
    """The page of older entries (RFC 5005): the next one, or the archive before this one."""
    links = {str(link.get("rel")): link.get("href") for link in feed.get("links") or ()}
    return _absolute(links.get("next") or links.get("prev-archive"), base)


def _ttl(feed: Any) -> timedelta | None:
    """How seldom the feed wants to be asked: RSS ``ttl`` (minutes) or RSS 1.0's syndication module."""
    ttl = str(feed.get("ttl") or "").strip()
    if re.fullmatch(r"[0-9]{1,6}", ttl):
        return timedelta(minutes=int(ttl))
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    frequency = str(feed.get("sy_updatefrequency") or "1").strip()
    if period is None or not re.fullmatch(r"[0-9]{1,6}", frequency) or int(frequency) == 0:
        return None
    return timedelta(hours=period) / int(frequency)
