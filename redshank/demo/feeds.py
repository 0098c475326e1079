"""The four feeds of the demo world, each in another format. Pure: the posts and the clock are arguments.

RSS 2.0 (rssboard.org/rss-specification), Atom (RFC 4287), JSON Feed 1.1 (jsonfeed.org/version/1.1) and
RSS 1.0 (web.resource.org/rss/1.0), the last in windows-1252, as old sites still publish.
"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from redshank.demo.posts import Post

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS1 = "http://purl.org/rss/1.0/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed says of itself; ``platform`` is the taxonomy's word for such a place."""

    title: str
    home: str
    platform: str
    about: str

    def link(self, post: Post) -> str:
        """The address of one post (invented: nothing answers there)."""
        return f"{self.home}{post.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post as it stands in a feed at one moment."""

    post: Post
    text: str
    link: str
    posted_at: datetime
    updated_at: datetime


CHANNELS: dict[str, Channel] = {
    "local-news": Channel(
        title="The Aldermouth Courier",
        home="https://courier.example/news/",
        platform="news",
        about="News, sport and letters from Aldermouth & the Marram coast",
    ),
    "town-forum": Channel(
        title="Aldermouth Chat",
        home="https://chat.aldermouth.example/t/",
        platform="forum",
        about="The town's forum: be kind, or at least be brief",
    ),
    "mastodon-tag": Channel(
        title="#aldermouth",
        home="https://marram.example/tags/aldermouth/",
        platform="mastodon",
        about="Public posts tagged #aldermouth",
    ),
    "reviews-blog": Channel(
        title="Aldermouth Aloud",
        home="https://aloud.example/reviews/",
        platform="review",
        about="Reviews & longer posts, sent in by readers",
    ),
}


def feed(source: str, posts: Sequence[Post], now: datetime, *, edited: bool = False) -> tuple[bytes, str]:
    """The bytes of one source's feed, newest post first, and its content type.

    With ``edited``, posts that have an edited text carry that, as if changed at ``now``. Raises ``KeyError``
    for an unknown source, ``ValueError`` where ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    channel = CHANNELS[source]
    entries = [_entry(post, channel, now.astimezone(UTC), edited) for post in posts if post.source == source]
    entries.sort(key=lambda entry: entry.posted_at, reverse=True)
    build, content_type = _FORMATS[source]
    return build(channel, entries), content_type


def _entry(post: Post, channel: Channel, now: datetime, edited: bool) -> Entry:
    posted_at = post.posted_at(now).replace(microsecond=0)
    changed = edited and post.edited_text is not None
    return Entry(
        post=post,
        text=post.edited_text if changed and post.edited_text else post.text,
        link=channel.link(post),
        posted_at=posted_at,
        updated_at=now.replace(microsecond=0) if changed else posted_at,
    )


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = text or None
    return element


def _xml(root: ET.Element, encoding: str) -> bytes:
    """Characters that the encoding lacks (emoji in windows-1252) come out as numeric references."""
    data: bytes = ET.tostring(root, encoding=encoding, xml_declaration=True)
    return data


def _rss2(channel: Channel, entries: Sequence[Entry]) -> bytes:
    root = ET.Element("rss", {"version": "2.0"})
    top = _add(root, "channel")
    _add(top, "title", channel.title)
    _add(top, "link", channel.home)
    _add(top, "description", channel.about)
    _add(top, "language", "en-gb")
    for entry in entries:
        item = _add(top, "item")
        _add(item, "title", entry.post.title)
        _add(item, "link", entry.link)
        _add(item, "guid", entry.post.id, isPermaLink="false")
        _add(item, "pubDate", format_datetime(entry.posted_at))
        _add(item, f"{{{_DC}}}creator", entry.post.author)
        _add(item, "description", entry.text)
    return _xml(root, "utf-8")


def _atom(channel: Channel, entries: Sequence[Entry]) -> bytes:
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, f"{{{_ATOM}}}title", channel.title)
    _add(root, f"{{{_ATOM}}}id", channel.home)
    _add(root, f"{{{_ATOM}}}link", rel="alternate", href=channel.home)
    _add(root, f"{{{_ATOM}}}updated", max(entry.updated_at for entry in entries).isoformat())
    for entry in entries:
        item = _add(root, f"{{{_ATOM}}}entry")
        _add(item, f"{{{_ATOM}}}title", entry.post.title)
        _add(item, f"{{{_ATOM}}}id", f"tag:aldermouth.example,2024:{entry.post.id}")
        _add(item, f"{{{_ATOM}}}link", rel="alternate", href=entry.link)
        _add(item, f"{{{_ATOM}}}published", entry.posted_at.isoformat())
        _add(item, f"{{{_ATOM}}}updated", entry.updated_at.isoformat())
        _add(_add(item, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", entry.post.author)
        _add(item, f"{{{_ATOM}}}content", entry.text, type="html")
    return _xml(root, "utf-8")


def _json(channel: Channel, entries: Sequence[Entry]) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "description": channel.about,
        "language": "en-GB",
        "items": [
            {
                "id": entry.post.id,
                "url": entry.link,
                "content_text": entry.text,
                "date_published": entry.posted_at.isoformat(),
                "date_modified": entry.updated_at.isoformat(),
                "authors": [{"name": entry.post.author}],
                "tags": ["aldermouth"],
            }
            for entry in entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _rdf(channel: Channel, entries: Sequence[Entry]) -> bytes:
    root = ET.Element(f"{{{_RDF}}}RDF")
    top = ET.SubElement(root, f"{{{_RSS1}}}channel", {f"{{{_RDF}}}about": channel.home})
    _add(top, f"{{{_RSS1}}}title", channel.title)
    _add(top, f"{{{_RSS1}}}link", channel.home)
    _add(top, f"{{{_RSS1}}}description", channel.about)
    contents = _add(_add(top, f"{{{_RSS1}}}items"), f"{{{_RDF}}}Seq")
    for entry in entries:
        ET.SubElement(contents, f"{{{_RDF}}}li", {f"{{{_RDF}}}resource": entry.link})
        item = ET.SubElement(root, f"{{{_RSS1}}}item", {f"{{{_RDF}}}about": entry.link})
        _add(item, f"{{{_RSS1}}}title", entry.post.title)
        _add(item, f"{{{_RSS1}}}link", entry.link)
        _add(item, f"{{{_RSS1}}}description", entry.text)
        _add(item, f"{{{_DC}}}creator", entry.post.author)
        _add(item, f"{{{_DC}}}date", entry.posted_at.isoformat())
    return _xml(root, "windows-1252")


_FORMATS: dict[str, tuple[Callable[[Channel, Sequence[Entry]], bytes], str]] = {
    "local-news": (_rss2, "application/rss+xml; charset=utf-8"),
    "town-forum": (_atom, "application/atom+xml; charset=utf-8"),
    "mastodon-tag": (_json, "application/feed+json"),
    "reviews-blog": (_rdf, "application/rdf+xml; charset=windows-1252"),
}
