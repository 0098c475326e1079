"""What a query is tried on: a text with what its source says of it, and how that is read."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from core.query.fold import WORD, fold, latin
from core.types import Mention

Place = tuple[int, int]  # first word and the word after the last

# Private characters that stand in a text only between being split and being read.
_TAG, _JOINT = "\ue000", "\ue001"
_WORDS = re.compile(WORD)
_CHUNKS = re.compile(rf"{_TAG}?{WORD}(?:{_JOINT}{WORD})*")
_HASHTAG = re.compile(r"(?<!\w)[#＃](\w+)")
# Where a word begins inside a hashtag: aB, ABc, a1, 1a.
_SEAM = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Item:
    """A text and what is known of it; what is not known is empty.

    ``site`` is a host or an address, ``lang`` an ISO 639-1 code, ``kind`` one of ``core.vocabulary.KINDS``,
    ``source`` the name of a source in the configuration.
    """

    text: str
    author: str = ""
    site: str = ""
    lang: str = ""
    kind: str = ""
    source: str = ""

    @classmethod
    def of(cls, mention: Mention) -> Self:
        """A mention as a query sees it."""
        return cls(
            mention.full_text,
            author=mention.author,
            site=mention.url,
            lang=mention.lang,
            kind=mention.kind,
            source=mention.source,
        )

    @property
    def host(self) -> str:
        """The host of ``site`` in small letters; empty where it has none."""
        try:
            return urlsplit(self.site if "//" in self.site else f"//{self.site}").hostname or ""
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of an item and where each of them stands.

    A word may have two readings, and a hashtag is both its words and all of them glued: ``after[n]`` holds what
    begins at place n with the place where it ends. ``tags`` are the hashtags, glued.
    """

    item: Item
    at: Mapping[str, Sequence[Place]] = field(repr=False)
    after: Sequence[Sequence[tuple[str, int]]] = field(repr=False)
    tags: Mapping[str, Sequence[Place]] = field(repr=False)


def read(item: Item) -> Text:
    """An item as its words."""
    text = item.text
    if not text.isascii():
        text = text.replace(_TAG, " ").replace(_JOINT, " ")
    tagged = "#" in text or "＃" in text
    if tagged:
        text = _HASHTAG.sub(_split, text)
    find = (_CHUNKS if tagged else _WORDS).findall
    folded, other = fold(text), latin(text)
    chunks = find(folded)
    if folded != other:
        return _laid_out(item, list(zip(chunks, find(other), strict=False)))
    return _laid_out(item, [(chunk,) for chunk in chunks]) if tagged else _in_a_row(item, chunks)


def _split(found: re.Match[str]) -> str:
    """A hashtag with its words told apart: capitals and digits begin a new one."""
    word = found[1]
    return f"{_TAG}{_SEAM.sub(lambda seam: _JOINT if _begins(word, seam.start()) else '', word)}"


def _begins(word: str, index: int) -> bool:
    before, here, after = word[index - 1], word[index], word[index + 1 : index + 2]
    if before.isdecimal() or here.isdecimal():
        return True
    return here.isupper() and (before.islower() or (before.isupper() and after.islower()))


def _in_a_row(item: Item, words: Sequence[str]) -> Text:
    """The words of a text that reads in one way only, which most do."""
    at: defaultdict[str, list[Place]] = defaultdict(list)
    for start, word in enumerate(words):
        at[word].append((start, start + 1))
    return Text(item, at, [((word, end),) for end, word in enumerate(words, start=1)], {})


def _laid_out(item: Item, chunks: Sequence[Sequence[str]]) -> Text:
    at: defaultdict[str, list[Place]] = defaultdict(list)
    tags: defaultdict[str, list[Place]] = defaultdict(list)
    after: list[list[tuple[str, int]]] = []
    for readings in chunks:
        start = len(after)
        after.extend([] for _ in range(readings[0].count(_JOINT) + 1))
        for chunk in dict.fromkeys(readings):
            words = chunk.lstrip(_TAG).split(_JOINT)
            steps = [(word, start + index, start + index + 1) for index, word in enumerate(words)]
            glued = "".join(words)
            if len(words) > 1:
                steps.append((glued, start, start + len(words)))
            for word, begin, end in steps:
                at[word].append((begin, end))
                after[begin].append((word, end))
            if chunk.startswith(_TAG):
                tags[glued].append((start, start + len(words)))
    return Text(item, at, after, tags)
