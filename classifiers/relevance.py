"""The query language: is a text about us at all?

    oakfield                 the word, whatever its case and accents
    "oakfield house"         the words in this order
    nurse*                   any ending
    care NEAR/8 resident     at most 8 words on from each other, in either order
    a b, a AND b             both          a OR b   either          (…)   groups
    a OR b NOT cricket       NOT takes away from all that stands before it in its group
    a AND NOT cricket        after AND or OR, and at the start, it speaks of its own term alone

NEAR binds most tightly, then AND, then OR. Operators are in capitals; the same words in small letters are
ordinary words. A term of several words (mary's, co-op, @oak_field) is read as a phrase. ``GRAMMAR`` is the
whole syntax; ``query_nodes`` is what it means.
"""

from dataclasses import dataclass
from functools import cache
from typing import Self

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from classifiers.query_nodes import AllOf, AnyOf, Near, Node, Not, Phrase, Word, read_text, words_of
from core.errors import ConfigError

GRAMMAR = r"""
?start: group
?group: any_of (exclusion more*)*
?more: near | "AND" side
exclusion: "NOT" near                -> negation
?any_of: all_of ("OR" all_of)*
?all_of: side (near | "AND" side)*
?side: near | "NOT" near             -> negation
?near: operand (NEAR operand)*
?operand: TERM | PHRASE | "(" group ")" -> inside

NEAR.2: /NEAR\/\d+(?![^\s()"“”])/
PHRASE: /["“”][^"“”]*["“”]/
TERM: /(?!(AND|OR|NOT)(?![^\s()"“”]))[^\s()"“”]+/
%ignore /\s+/
"""
WIDEST_NEAR = 100
DEEPEST = 50


class QuerySyntaxError(ConfigError):
    """The query cannot be read; ``column`` (from 1) points at the character that is in the way."""

    def __init__(self, problem: str, column: int) -> None:
        self.column = column
        super().__init__(f"query, column {column}: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whether a text is kept, and why, in the words of the query and never of the text."""

    kept: bool
    why: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read once and may be tried on any number of texts."""

    text: str
    node: Node

    @classmethod
    def parse(cls, text: str) -> Self:
        """The query in a text; QuerySyntaxError where it breaks the grammar."""
        _check_depth(text)
        try:
            tree = _parser().parse(text)
        except UnexpectedToken as error:
            raise _unexpected(text, error.token) from error
        except UnexpectedCharacters as error:
            raise QuerySyntaxError(_lone(error.char), (error.pos_in_stream or 0) + 1) from error
        return cls(text, _build(tree))

    def matches(self, text: str) -> Match:
        """Kept or dropped, with the reason: 'matched "oakfield house"', 'dropped: NOT cricket'."""
        kept, why = self.node.judge(read_text(text))
        return Match(kept=kept, why=f"matched {why}" if kept else f"dropped: {why}")


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=False)


def _check_depth(text: str) -> None:
    depth = 0
    for column, character in enumerate(text, start=1):
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            raise QuerySyntaxError(f"more than {DEEPEST} parentheses inside one another", column)


def _unexpected(text: str, token: Token) -> QuerySyntaxError:
    if token.type == "$END":
        return QuerySyntaxError("the query ends too early: a term is missing", len(text) + 1)
    column = (token.start_pos or 0) + 1
    if token.type == "OR":
        return QuerySyntaxError(
            "OR needs a term before it, and parentheses if a NOT stands before it", column
        )
    return QuerySyntaxError(f"{token.value} cannot stand here: a term is missing, or one parenthesis", column)


def _lone(character: str) -> str:
    if character in '"“”':
        return "this quotation mark is never closed"
    return f"{character} cannot stand here"


def _build(tree: Tree[Token] | Token) -> Node:
    """The nodes of a piece of the syntax tree."""
    if isinstance(tree, Token):
        return _phrase(tree)
    if tree.data == "near":
        return _near(tree)
    parts = tuple(_build(child) for child in tree.children)
    if tree.data == "negation":
        return Not(parts[0])
    if tree.data == "inside":
        return parts[0]
    return AnyOf(parts) if tree.data == "any_of" else AllOf(parts)


def _near(tree: Tree[Token]) -> Node:
    """Operands and NEAR tokens by turns, joined from the left."""
    node = _place(tree.children[0])
    for operator, operand in zip(tree.children[1::2], tree.children[2::2], strict=True):
        within = int(str(operator).partition("/")[2])
        if not 1 <= within <= WIDEST_NEAR:
            raise QuerySyntaxError(f"NEAR takes 1 to {WIDEST_NEAR} words", _column(operator))
        node = Near(node, _place(operand), within)
    return node


def _place(tree: Tree[Token] | Token) -> Phrase | Near | AnyOf:
    """An operand of NEAR: only what stands somewhere can be near something."""
    node = _build(tree)
    if isinstance(node, Phrase | Near) or (isinstance(node, AnyOf) and node.has_places):
        return node
    raise QuerySyntaxError("NEAR takes terms, phrases, and groups of them joined by OR", _column(tree))


def _phrase(token: Token) -> Phrase:
    text, column = str(token), _column(token)
    quoted = token.type == "PHRASE"
    inner = text[1:-1] if quoted else text
    if not quoted and text.partition("/")[0] == "NEAR":
        raise QuerySyntaxError("NEAR needs a number of words, as in NEAR/8", column)
    if not quoted and text.startswith("-"):
        raise QuerySyntaxError("a hyphen does not take away: write NOT", column)
    words = words_of(inner)
    if not words:
        raise QuerySyntaxError("there is no word in this term", column)
    for word in words:
        _check_star(word, text, column)
    return Phrase(f'"{inner}"' if quoted else inner, words)


def _check_star(word: Word, text: str, column: int) -> None:
    if "*" in word.text:
        raise QuerySyntaxError("a * stands only at the end of a word", column + text.index("*"))
    if word.open_ended and len(word.text) < 2:
        raise QuerySyntaxError("at least two letters must stand before a *", column + text.index("*"))


def _column(tree: Tree[Token] | Token) -> int:
    token = (
        tree if isinstance(tree, Token) else next(tree.scan_values(lambda value: isinstance(value, Token)))
    )
    return (token.start_pos or 0) + 1
