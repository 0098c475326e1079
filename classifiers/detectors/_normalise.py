"""A text as a detector wants to read it, and the way back to the text as it was written.

    text -> look-alike and invisible characters -> said marks -> letters for digits -> said numbers

Every step is an edit of the page before it, so a span of the last page leads back to the first. Offsets count
code points. Spaced digits stay as they are: where a number may be spaced is each detector's to say.
"""

from functools import lru_cache

from classifiers.characters import fold
from classifiers.detectors import _said
from classifiers.page import Page, page_of


@lru_cache(maxsize=4)  # every detector asks for the same text in turn
def normalise(text: str) -> Page:
    """The folded form of a text. Both offsets never fall from one character to the next."""
    # Nothing of ASCII is folded.
    page = Page.as_written(text) if text.isascii() else page_of(text, lambda _, character: fold(character))
    for edits in (_said.marks, _said.letters, _said.numbers):
        page = page.edited(edits(page.text))
    return page
