"""A query that was read, and what can be asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from core.query.item import Item, read
from core.query.nodes import Node
from core.query.normal import normal
from core.query.prefilter import sieve


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whether a text is kept, and why, in the words of the query and never of the text."""

    kept: bool
    why: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read once and may be tried on any number of texts.

    ``text`` is as it was written, ``expanded`` the same with the lists of the configuration written out.
    """

    text: str
    expanded: str
    node: Node

    @property
    def version(self) -> str:
        """12 hex digits that change whenever what the query looks for changes, and not with how it is laid out."""
        return sha256(normal(self.node).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def matches(self, item: Item | str) -> Match:
        """Kept or dropped, with the reason: 'matched "oakfield house"', 'dropped: NOT cricket'."""
        kept, why = self.node.judge(read(item if isinstance(item, Item) else Item(item)))
        return Match(kept=kept, why=f"matched {why}" if kept else f"dropped: {why}")

    def sift(self, items: Sequence[Item | str]) -> list[int]:
        """The indices of what ``matches`` keeps, found many times faster where most is not kept."""
        return sieve(self).sift(items)
