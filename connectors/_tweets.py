"""The posts of X's API v2 as mentions."""

from datetime import datetime
from html import unescape

from connectors._json import Shape
from connectors._lang import iso_639_1
from connectors._walk import Page
from core.types import Mention

OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}  # of ISO 639 before 1989; X still gives them


def parse(shape: Shape, name: str, now: datetime) -> Page:
    """A page of the search. A post that was edited keeps the key of its first version."""
    names = {user.ident("id"): user.text("username") for user in shape.items("includes", "users")}
    posts = [] if shape.number("meta", "result_count") == 0 else shape.listed("data")
    mentions = tuple(
        _mention(post, names.get(post.ident("author_id"), ""), name, now)
        for post in posts
        if post.ident("id")
    )
    return Page(mentions=mentions, next=shape.text("meta", "next_token"))


def _mention(post: Shape, author: str, name: str, now: datetime) -> Mention:
    ident, lang = post.ident("id"), iso_639_1(post.text("lang"))
    others = {other.text("type"): other.ident("id") for other in post.items("referenced_tweets")}
    passed_on = others.get("quoted") or others.get("retweeted")
    return Mention(
        source=name,
        key=next(iter(post.strings("edit_history_tweet_ids")), "") or ident,
        url=f"https://x.com/{author or 'i/web'}/status/{ident}",
        text=_text(post),
        platform="x",
        author=author,
        posted_at=post.when(now, "created_at"),
        kind="comment" if "replied_to" in others else "post",
        lang=OLD_CODES.get(lang, lang),
        shared=f"https://x.com/i/web/status/{passed_on}" if passed_on else "",
    )


def _text(post: Shape) -> str:
    """All of a long post, with its links written out."""
    whole = post.at("note_tweet") if post.text("note_tweet", "text") else post
    text = whole.text("text")
    for url in whole.items("entities", "urls"):
        if url.text("url").startswith("https://t.co/") and url.text("expanded_url"):
            text = text.replace(url.text("url"), url.text("expanded_url"))
    return unescape(text)
