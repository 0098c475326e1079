"""Writes an expression as one search, and makes it smaller until the platform's limits hold it."""

from core.query.dialects import Dialect
from core.query.expressions import All, Any, Expression, Term, Without

_OPERATORS = {"and", "or", "not", "near", "to"}


def write(expression: Expression, dialect: Dialect, *, inside: bool = False) -> str:
    """An expression that the dialect can say, in its signs."""
    if isinstance(expression, Term):
        return _term(expression, dialect)
    if isinstance(expression, Without):
        return dialect.without + write(expression.part, dialect, inside=True)
    parts = [write(part, dialect, inside=True) for part in expression.parts]
    if isinstance(expression, All):
        text = (dialect.both or " ").join(parts)
        return f"({text})" if inside else text
    text = (dialect.either or " ").join(parts)
    return f"({text})" if inside or dialect.wrap else text


def _term(term: Term, dialect: Dialect) -> str:
    if term.written:
        return term.written
    if term.open_ended:
        return term.words[0] + dialect.star
    text = " ".join(term.words)
    plain = len(term.words) == 1 and text.isalnum() and text not in _OPERATORS
    return text if plain else f"{dialect.quote}{text}{dialect.quote}"


def fits(expression: Expression, dialect: Dialect) -> bool:
    """Whether the platform takes it in one search."""
    text = write(expression, dialect)
    return len(text) <= dialect.max_characters and len(text.split()) <= dialect.max_words


def shrunk(expression: Expression, dialect: Dialect) -> list[Expression]:
    """Alternatives that fit one by one and together find as much or more; none where that cannot be."""
    if fits(expression, dialect):
        return [expression]
    if isinstance(expression, Any):
        found = [shrunk(part, dialect) for part in expression.parts]
        return [part for parts in found for part in parts] if all(found) else []
    if isinstance(expression, All):
        strongest = sorted(expression.parts, key=lambda part: part.weight, reverse=True)
        return shrunk(All.of(strongest[:-1]), dialect)
    if isinstance(expression, Term) and len(expression.words) > 1:
        shorter = max(expression.words[1:], expression.words[:-1], key=lambda words: sum(map(len, words)))
        return shrunk(Term(shorter), dialect)
    return []
