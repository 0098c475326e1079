"""The words of Tumblr's posts, in both forms in which they come: blocks (NPF), and HTML in named fields. Pure."""

from collections.abc import Iterator

from connectors._json import Shape
from connectors._text import html_to_text, tidy

# https://www.tumblr.com/docs/en/api/v2#legacy-post-types
_HTML = ("body", "caption", "description", "text", "source", "question", "answer")
_BLOCK = ("text", "title", "artist", "description", "alt_text", "question")


def words(post: Shape) -> str:
    """What a post says: its own words and those of the posts that it passes on with a remark."""
    own = tidy("\n".join(_blocks(post))) if post.items("content") else _legacy(post)
    if own:
        return own
    return "\n\n".join(text for item in post.items("trail") if (text := _trailed(item)))


def passed_on(post: Shape) -> str:
    """The address of the post that this one passes on; empty where it is nobody else's."""
    for name in ("reblogged_root_url", "reblogged_from_url"):
        if url := post.web(name):
            return url
    for item in post.items("trail"):
        blog, key = item.text("blog", "name"), item.ident("post", "id")
        if blog and key and not item.flag("is_current_item") and key != post.ident("id"):
            return f"https://www.tumblr.com/{blog}/{key}"
    return ""


def _legacy(post: Shape) -> str:
    if post.text("type") == "chat":
        return "\n".join(
            f"{line.text('label')} {line.text('phrase')}".strip() for line in post.items("dialogue")
        )
    if (comment := post.at("reblog", "comment").value) is not None and passed_on(post):
        return html_to_text(comment) if isinstance(comment, str) else ""
    parts = [html_to_text(post.text(name)) for name in _HTML]
    parts += [html_to_text(photo.text("caption")) for photo in post.items("photos")]
    return "\n\n".join(dict.fromkeys(part for part in parts if part))


def _trailed(item: Shape) -> str:
    if item.items("content"):
        return tidy("\n".join(_blocks(item)))
    return html_to_text(item.text("content_raw") or item.text("content"))


def _blocks(post: Shape) -> Iterator[str]:
    for block in post.items("content"):
        yield from (text for name in _BLOCK if (text := block.text(name)))
        yield from (answer.text("answer_text") for answer in block.items("answers"))
