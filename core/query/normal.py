"""One way to write what a query looks for, whatever its layout: what its version is reckoned from."""

from core.query.fields import Field
from core.query.nodes import AllOf, AnyOf, Near, Node, Not, Phrase, Word


def normal(node: Node) -> str:
    """A query in one form: lists written out, groups in groups joined, words folded."""
    match node:
        case Phrase():
            return f'"{" ".join(map(_word, node.words))}"'
        case Field():
            return f'{node.name}:"{node.value}"'
        case Near():
            ordered = "f" * node.ordered
            return f"({normal(node.left)} NEAR/{node.within}{ordered} {normal(node.right)})"
        case Not():
            return f"(NOT {normal(node.part)})"
        case AnyOf() | AllOf():
            parts = [normal(part) for part in _joined(node)]
            sign = " OR " if isinstance(node, AnyOf) else " AND "
            return f"({sign.join(parts)})" if len(parts) > 1 else parts[0]
    raise TypeError(type(node).__name__)


def _joined(node: AnyOf | AllOf) -> list[Node]:
    parts: list[Node] = []
    for part in node.parts:
        parts.extend(
            _joined(part) if isinstance(part, AnyOf | AllOf) and type(part) is type(node) else [part]
        )
    return parts


def _word(word: Word) -> str:
    return word.text + "*" * word.open_ended + f"~{word.slips}" * bool(word.slips)
