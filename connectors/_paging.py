"""Reads back through a feed's older pages (RFC 5005) until something known turns up."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from connectors._entry import By, Page
from connectors._keys import short
from core.errors import FetchError

AskPage = Callable[[str, Mapping[str, By]], Page]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages of one visit, newest first; ``gap`` is empty or says that something may have been missed."""

    pages: tuple[Page, ...]
    gap: str = ""


def read(first: Page, at: str, known: Collection[str], most: int, ask: AskPage) -> Pages:
    """The newest page, and older ones while none of the ``known`` keys (short hashes) is on any of them.

    A first visit, which knows nothing, reads one page. ``at`` is where that came from, ``most`` the number of
    pages to stop at. An older page that cannot be read leaves a gap, and does not fail the visit.
    """
    pages, asked = [first], {at}
    if not known or not first.mentions:
        return Pages(pages=(first,))
    while not any(short(mention.key) in known for mention in pages[-1].mentions):
        url = pages[-1].next_url
        why = ""
        if url and url not in asked and pages[-1].mentions:
            asked.add(url)
            why = f" (stopped after {most} pages)" if len(pages) >= most else _older(url, pages, ask)
            if not why:
                continue
        return Pages(pages=tuple(pages), gap=_gap(known, pages) + why)
    return Pages(pages=tuple(pages))


def _older(url: str, pages: list[Page], ask: AskPage) -> str:
    """Adds the page to ``pages``; empty, or why it cannot be read."""
    try:
        pages.append(ask(url, pages[-1].shared))
    except FetchError as error:
        return f" ({error})"
    return ""


def _gap(known: Collection[str], pages: list[Page]) -> str:
    new = sum(len(page.mentions) for page in pages)
    return (
        f"none of the {len(known)} entries known from the last visit is in the feed any more: "
        f"entries may have been missed between them and the {new} that it holds now"
    )
