"""Shows which parts of a query an item fulfils."""

from dataclasses import dataclass

from core.query.item import Item, Text, read
from core.query.nodes import AllOf, AnyOf, Near, Node, Not
from core.query.query import Query


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a query in its own words, whether the item fulfils it, and the pieces that it is made of."""

    shown: str
    matched: bool
    parts: "tuple[Part, ...]" = ()


def explain(query: Query, item: Item | str) -> Part:
    """The whole query as a tree of parts."""
    return _part(query.node, read(item if isinstance(item, Item) else Item(item)))


def _part(node: Node, text: Text) -> Part:
    parts = tuple(_part(part, text) for part in _inner(node))
    return Part(str(node), node.judge(text)[0], parts)


def _inner(node: Node) -> tuple[Node, ...]:
    match node:
        case AnyOf() | AllOf():
            return node.parts
        case Near():
            return (node.left, node.right)
        case Not():
            return (node.part,)
    return ()
