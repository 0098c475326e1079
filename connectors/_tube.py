"""Videos and comments as the YouTube Data API (version 3) gives them. Pure."""

from collections.abc import Iterator
from datetime import datetime
from html import unescape

from connectors._json import Shape
from connectors._lang import iso_639_1
from connectors._text import html_to_text, tidy
from core.types import Mention

SITE = "https://www.youtube.com"


def mentions(item: Shape, *, source: str, now: datetime, video: str = "") -> Iterator[Mention]:
    """What an entry of an answer holds: a video, or a comment with its replies (the replies first).

    ``video`` is where comments stand that do not say so themselves.
    """
    kind = item.text("kind")
    if kind in ("youtube#searchResult", "youtube#video"):
        found = [_video(item, source, now)]
    elif kind == "youtube#commentThread":
        video = item.text("snippet", "videoId") or video
        said = [*item.items("replies", "comments"), item.at("snippet", "topLevelComment")]
        found = [_comment(comment, source, now, video) for comment in said]
    else:
        found = [_comment(item, source, now, video)]
    yield from (mention for mention in found if mention)


def _video(item: Shape, source: str, now: datetime) -> Mention | None:
    key, snippet = item.text("id", "videoId") or item.text("id"), item.at("snippet")
    title, text = snippet.text("title"), snippet.text("description")
    # A search escapes what the video's own record gives as it is.
    if item.text("kind") == "youtube#searchResult":
        title, text = unescape(title), unescape(text)
    if not key or not (title.strip() or text.strip()):
        return None
    return Mention(
        source=source,
        key=key,
        url=f"{SITE}/watch?v={key}",
        title=tidy(title).replace("\n", " "),
        text=tidy(text),
        platform="youtube",
        author=snippet.text("channelTitle"),
        posted_at=snippet.when(now, "publishedAt"),
        kind="video",
        lang=iso_639_1(snippet.text("defaultAudioLanguage") or snippet.text("defaultLanguage")),
    )


def _comment(item: Shape, source: str, now: datetime, video: str) -> Mention | None:
    key, snippet = item.ident("id"), item.at("snippet")
    text = tidy(snippet.text("textOriginal")) or html_to_text(snippet.text("textDisplay"))
    video = snippet.text("videoId") or video
    channel = snippet.text("channelId")
    if not key or not text or not (video or channel):
        return None
    page = f"{SITE}/watch?v={video}&lc={key}" if video else f"{SITE}/channel/{channel}/discussion?lc={key}"
    return Mention(
        source=source,
        key=key,
        url=page,
        text=text,
        platform="youtube",
        author=snippet.text("authorDisplayName"),
        posted_at=snippet.when(now, "publishedAt"),
        kind="comment",
    )
