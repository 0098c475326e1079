"""Posts of the AT Protocol, whether a search gives them or the stream: what they say, and where they are shown.

A post's key is its address in the protocol (``at://did:plc:…/app.bsky.feed.post/…``). It holds the account's lasting
identifier and not its handle, which may change; the link to Bluesky's site is made of the same.
"""

import re
from datetime import datetime

from connectors._json import Shape
from connectors._lang import iso_639_1
from connectors._text import tidy
from core.types import Mention

POST = "app.bsky.feed.post"
# https://atproto.com/specs/at-uri-scheme, https://atproto.com/specs/did and .../record-key
_URI = re.compile(
    rf"at://(did:[a-z]+:[A-Za-z0-9._:%-]{{1,500}})/{re.escape(POST)}/([A-Za-z0-9._:~-]{{1,512}})"
)


def uri(did: str, name: str) -> str:
    """The address of an account's post in the protocol."""
    return f"at://{did}/{POST}/{name}"


def page(address: str) -> str:
    """Where Bluesky's site shows the post; empty for what is no address of a post."""
    found = _URI.fullmatch(address)
    return f"https://bsky.app/profile/{found[1]}/post/{found[2]}" if found else ""


def mention(
    key: str, record: Shape, *, source: str, author: str, seen: datetime | None, now: datetime
) -> Mention | None:
    """A post, or None for one without words. ``seen`` is when the network first had it: none is younger than that."""
    url, text = page(key), _words(record)
    if not url or not text:
        return None
    moments = [moment for moment in (record.when(now, "createdAt"), seen) if moment]
    return Mention(
        source=source,
        key=key,
        url=url,
        text=text,
        platform="bluesky",
        author=author,
        posted_at=min(moments, default=None),
        kind="comment" if record.at("reply", "parent") else "post",
        lang=iso_639_1(next(iter(record.strings("langs")), "")),
        shared=page(_quoted(record)),
    )


def _words(record: Shape) -> str:
    """What the author wrote, how they describe the pictures, and the card of a page that they link to."""
    embed = record.at("embed")
    parts = [record.text("text")]
    for media in (embed, embed.at("media")):
        parts += [image.text("alt") for image in media.items("images")]
        parts += [media.text("alt"), media.text("external", "title"), media.text("external", "description")]
    return tidy("\n".join(dict.fromkeys(part for part in parts if part.strip())))


def _quoted(record: Shape) -> str:
    """The address of what the post quotes, alone or beside pictures."""
    return record.text("embed", "record", "uri") or record.text("embed", "record", "record", "uri")
