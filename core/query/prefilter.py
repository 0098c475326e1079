"""Tries queries on many texts: only those that hold an anchor are read word by word.

text -> glue -> Aho-Corasick over the anchors of all queries -> the queries that may match -> node.judge
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import ahocorasick

from core.query.anchors import anchors
from core.query.fold import glue, latin_glue
from core.query.item import Item, read
from core.query.nodes import Node


class Sought(Protocol):
    """A query, as far as it is tried on texts."""

    @property
    def node(self) -> Node:
        """What it means."""


class Filter:
    """Several queries that are tried on each text together."""

    def __init__(self, queries: Sequence[Sought]) -> None:
        self._nodes = tuple(query.node for query in queries)
        self._always: set[int] = set()
        owners: dict[str, set[int]] = {}
        for index, node in enumerate(self._nodes):
            found = anchors(node)
            if found is None:
                self._always.add(index)
            for anchor in found or ():
                owners.setdefault(glue(anchor), set()).add(index)
        self._anchors = ahocorasick.Automaton()
        for anchor, indices in owners.items():
            self._anchors.add_word(anchor, frozenset(indices))
        self._anchors.make_automaton()
        self._has_anchors = bool(owners)

    def sift(self, items: Sequence[Item | str]) -> list[int]:
        """The indices of the items that any of the queries keeps."""
        return [index for index, item in enumerate(items) if self._keeps(item)]

    def _keeps(self, item: Item | str) -> bool:
        candidates = self._candidates(item if isinstance(item, str) else item.text)
        if not candidates:
            return False
        text = read(item if isinstance(item, Item) else Item(item))
        return any(self._nodes[index].judge(text)[0] for index in candidates)

    def _candidates(self, text: str) -> set[int]:
        found = self._always
        if not self._has_anchors:
            return found
        glued = glue(text)
        for _, owners in self._anchors.iter(glued):
            found = found | owners
        if not text.isascii() and (other := latin_glue(text)) != glued:
            for _, owners in self._anchors.iter(other):
                found = found | owners
        return found


@lru_cache(maxsize=64)
def sieve(query: Sought) -> Filter:
    """The filter of one query, kept for the next batch."""
    return Filter((query,))
