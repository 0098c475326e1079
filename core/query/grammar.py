"""The syntax of the query language, and how it says where a query is wrong."""

import unicodedata
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

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
?operand: TERM | PHRASE | FIELD | LIST | "(" group ")" -> inside

NEAR.2: /NEAR\/\d+f?(?![^\s(){}"“”])/
FIELD.2: /(?i:author|site|lang|type|source):(["“”][^"“”]*["“”]|[^\s(){}"“”]+)/
LIST: /\{[^\s(){}"“”]+\}/
PHRASE: /["“”][^"“”]*["“”]/
TERM: /(?!(AND|OR|NOT)(?![^\s(){}"“”]))[^\s(){}"“”]+/
%ignore /\s+/
"""
DEEPEST = 50
_SHOWN_BEFORE, _SHOWN_AFTER = 60, 20


class QuerySyntaxError(ConfigError):
    """The query cannot be read; ``column`` (from 1) points at the character that is in the way."""

    def __init__(self, problem: str, column: int, text: str = "") -> None:
        self.column = column
        self.text = text
        super().__init__(f"query, column {column}: {problem}")

    @property
    def caret(self) -> str:
        """Two lines: the query (of a long one, what stands about the place) and a caret under the character."""
        at = self.column - 1
        start = max(0, at - _SHOWN_BEFORE)
        shown = "".join(c if c.isprintable() else " " for c in self.text[start : at + _SHOWN_AFTER])
        return f"{shown}\n{' ' * sum(map(_width, shown[: at - start]))}^"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def syntax_tree(text: str) -> Tree[Token] | Token:
    """The pieces of a query; QuerySyntaxError where it breaks the grammar."""
    _check_depth(text)
    try:
        return _parser().parse(text)
    except UnexpectedToken as error:
        raise _unexpected(text, error.token) from error
    except UnexpectedCharacters as error:
        column = (error.pos_in_stream or 0) + 1
        raise QuerySyntaxError(_lone(error.char), column, text) from error


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=False)


def _check_depth(text: str) -> None:
    depth = 0
    for column, character in enumerate(text, start=1):
        depth += (character in "({") - (character in ")}")
        if depth > DEEPEST:
            raise QuerySyntaxError(f"more than {DEEPEST} parentheses inside one another", column, text)


def _unexpected(text: str, token: Token) -> QuerySyntaxError:
    if token.type == "$END":
        return QuerySyntaxError("the query ends too early: a term is missing", len(text) + 1, text)
    column = column_of(token)
    if token.type == "OR":
        problem = "OR needs a term before it, and parentheses if a NOT stands before it"
        return QuerySyntaxError(problem, column, text)
    problem = f"{token.value} cannot stand here: a term is missing, or one parenthesis"
    return QuerySyntaxError(problem, column, text)


def _lone(character: str) -> str:
    if character in '"“”':
        return "this quotation mark is never closed"
    if character in "{}":
        return "braces hold the name of a list of the configuration, as in {home}"
    return f"{character} cannot stand here"


def column_of(tree: Tree[Token] | Token) -> int:
    """Where a piece begins, from 1."""
    token = (
        tree if isinstance(tree, Token) else next(tree.scan_values(lambda value: isinstance(value, Token)))
    )
    return (token.start_pos or 0) + 1
