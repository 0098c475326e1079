"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read leniently: a wrong field is an absent one."""

import json
from typing import Any
from urllib.parse import urljoin

from connectors._dates import from_iso
from connectors._entry import Entry, Feed, fullest
from connectors._text import html_to_text, tidy
from core.errors import FetchError


def looks_like(content: bytes, content_type: str) -> bool:
    """Whether a body claims to be JSON."""
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return start in (b"{", b"[") or ("json" in content_type and start != b"<")


def parse(content: bytes, url: str) -> Feed:
    """The feed; raises FetchError, temporary where the body broke off, permanent where it is no JSON Feed."""
    try:
        document = json.loads(content.decode("utf-8-sig", "replace"))
    except ValueError:
        raise FetchError("the JSON of the feed is broken", temporary=True) from None
    except RecursionError:
        raise FetchError("the JSON of the feed is nested too deeply", temporary=False) from None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise FetchError("the answer is JSON but not a JSON Feed", temporary=False)
    feed_author = _author(document)
    items = [item for item in document["items"] if isinstance(item, dict)]
    return Feed(
        entries=tuple(_entry(item, feed_author, url) for item in items),
        next_url=_link(document.get("next_url"), url),
    )


def _entry(item: dict[str, Any], feed_author: str, base: str) -> Entry:
    text = fullest(
        html_to_text(_string(item.get("content_html"))),
        tidy(_string(item.get("content_text"))),
        tidy(_string(item.get("summary"))),
    )
    return Entry(
        id=_string(item.get("id")),
        link=_link(item.get("url"), base) or _link(item.get("external_url"), base),
        title=tidy(_string(item.get("title"))),
        text=text,
        author=_author(item) or feed_author,
        posted_at=from_iso(item.get("date_published")),
        updated_at=from_iso(item.get("date_modified")),
    )


def _string(value: object) -> str:
    """A string, or a number as one: some feeds give their ids as numbers."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _link(value: object, base: str) -> str:
    try:
        return urljoin(base, value.strip()) if isinstance(value, str) and value.strip() else ""
    except ValueError:
        return ""


def _author(item: dict[str, Any]) -> str:
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    found = (_string(person.get("name")) for person in people if isinstance(person, dict))
    return ", ".join(tidy(name) for name in found if name)
