"""Reads a query: the syntax tree becomes nodes, and lists of the configuration are written out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from lark import Token, Tree

from core.query.fields import NAMES, Field, field_value
from core.query.grammar import QuerySyntaxError, column_of, syntax_tree
from core.query.nodes import AllOf, AnyOf, Near, Node, Not, Phrase
from core.query.query import Query
from core.query.terms import TermError, phrase_of

WIDEST_NEAR = 100
_OPERATOR = re.compile(r"(AND|OR|NOT|NEAR/\d*f?)(?!\S)")
_ENTRY_FIELD = re.compile(rf"(?i:{'|'.join(NAMES)}):\S.*")
_LACKING = re.compile(rf"(?i:{'|'.join(NAMES)}):")


def parse(text: str, aliases: Mapping[str, Sequence[str]] | None = None) -> Query:
    """The query in a text; ``aliases`` are the lists that it may name as ``{home}``.

    An entry of a list is a term or a phrase (quoted or not), a field, or ``{another}`` list. Raises
    QuerySyntaxError where the query breaks the grammar, or a list is unknown, empty or goes in a circle.
    """
    tree = syntax_tree(text)
    reader = _Reader(text, aliases or {})
    node = reader.node(tree)
    return Query(text, _written_out(text, reader.lists), node)


def _written_out(text: str, lists: Sequence[tuple[int, int, AnyOf]]) -> str:
    for start, end, node in reversed(lists):
        entries = " OR ".join(_entry_text(part) for part in _flat(node))
        text = f"{text[:start]}({entries}){text[end:]}"
    return text


def _flat(node: AnyOf) -> list[Node]:
    return [leaf for part in node.parts for leaf in (_flat(part) if isinstance(part, AnyOf) else [part])]


def _entry_text(node: Node) -> str:
    return f'"{node.written}"' if isinstance(node, Phrase) else str(node)


@dataclass(frozen=True, slots=True)
class _At:
    """Where in the query a piece begins; what is wrong inside a list is told at the list's name."""

    text: str
    column: int

    def wrong(self, problem: str, offset: int = 0) -> NoReturn:
        raise QuerySyntaxError(problem, self.column + offset, self.text) from None


class _Reader:
    """Makes nodes of a syntax tree and remembers the lists it met."""

    def __init__(self, text: str, aliases: Mapping[str, Sequence[str]]) -> None:
        self.text = text
        self.aliases = aliases
        self.lists: list[tuple[int, int, AnyOf]] = []  # where each stands in the query

    def node(self, tree: Tree[Token] | Token) -> Node:
        """The node of a piece of the syntax tree."""
        if isinstance(tree, Token):
            return self._leaf(tree)
        if tree.data == "near":
            return self._near(tree)
        parts = tuple(self.node(child) for child in tree.children)
        if tree.data == "negation":
            return Not(parts[0])
        if tree.data == "inside":
            return parts[0]
        return AnyOf(parts) if tree.data == "any_of" else AllOf(parts)

    def _leaf(self, token: Token) -> Node:
        at = _At(self.text, column_of(token))
        if token.type == "LIST":
            found = self._list(token[1:-1], (), at)
            self.lists.append((at.column - 1, at.column - 1 + len(token), found))
            return found
        if token.type == "FIELD":
            return _field(str(token), at)
        if _LACKING.fullmatch(token):
            at.wrong(f"a value must stand right behind {token}")
        if token.type == "PHRASE":
            return _phrase(token[1:-1], at, quoted=True, offset=1)
        return _phrase(str(token), at, quoted=False)

    def _near(self, tree: Tree[Token]) -> Node:
        """Operands and NEAR tokens by turns, joined from the left."""
        node = self._place(tree.children[0])
        for operator, operand in zip(tree.children[1::2], tree.children[2::2], strict=True):
            number = str(operator).partition("/")[2]
            within = int(number.removesuffix("f"))
            if not 1 <= within <= WIDEST_NEAR:
                _At(self.text, column_of(operator)).wrong(f"NEAR takes 1 to {WIDEST_NEAR} words")
            node = Near(node, self._place(operand), within, ordered=number.endswith("f"))
        return node

    def _place(self, tree: Tree[Token] | Token) -> Phrase | Near | AnyOf:
        """An operand of NEAR: only what stands somewhere can be near something."""
        node = self.node(tree)
        if isinstance(node, Phrase | Near) or (isinstance(node, AnyOf) and node.has_places):
            return node
        problem = "NEAR takes terms, phrases, and groups of them joined by OR"
        raise QuerySyntaxError(problem, column_of(tree), self.text)

    def _list(self, name: str, within: tuple[str, ...], at: _At) -> AnyOf:
        if name in within:
            at.wrong(f"the list {{{name}}} holds itself")
        if name not in self.aliases:
            known = ", ".join(f"{{{known}}}" for known in sorted(self.aliases)) or "none"
            at.wrong(f"there is no list {{{name}}}; the configuration has {known}")
        if not self.aliases[name]:
            at.wrong(f"the list {{{name}}} is empty")
        entries = (self._entry(entry.strip(), (*within, name), at) for entry in self.aliases[name])
        return AnyOf(tuple(entries), name=name)

    def _entry(self, entry: str, within: tuple[str, ...], at: _At) -> Node:
        if re.fullmatch(r"\{[^\s(){}]+\}", entry):
            return self._list(entry[1:-1], within, at)
        try:
            if _ENTRY_FIELD.fullmatch(entry):
                return _field(entry, at)
            if re.fullmatch(r'["“”].*["“”]', entry):
                entry = entry[1:-1]
            if _OPERATOR.search(entry) or re.search(r'[(){}"“”]', entry):
                at.wrong("an entry of a list is a term or a phrase, without operators and parentheses")
            return _phrase(entry, at, quoted=" " in entry)
        except QuerySyntaxError as error:
            problem = error.problem.partition(": ")[2]
            at.wrong(problem if problem.startswith("list ") else f"list {{{within[-1]}}}: {problem}")


def _phrase(written: str, at: _At, *, quoted: bool, offset: int = 0) -> Phrase:
    try:
        return phrase_of(written, quoted=quoted)
    except TermError as error:
        at.wrong(str(error), error.offset + offset if error.offset else 0)


def _field(shown: str, at: _At) -> Field:
    name, _, value = shown.partition(":")
    try:
        return Field(shown, name.lower(), field_value(name.lower(), value.strip('"“”')))
    except ValueError as error:
        at.wrong(str(error))
