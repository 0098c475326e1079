"""A query in a platform's own search syntax: together its searches find at least what the query keeps.

    node -> weaker expression of words and phrases -> what the platform can say -> searches that fit its limits

What the platform cannot say becomes weaker: NEAR both its sides, a misspelt word nothing, NOT nothing (but on a
platform that reads exactly what we are given). What comes back is tried with ``Query.matches`` like everything.
"""

from core.errors import ConfigError
from core.query.dialects import TAGS, Dialect, Groups
from core.query.expressions import All, Any, Expression, Term, has_words, without_surplus
from core.query.fold import glue
from core.query.query import Query
from core.query.weaken import Weakening
from core.query.write import fits, shrunk, write


def searches(query: Query, dialect: Dialect) -> tuple[str, ...]:
    """Search strings whose results together hold all that the query keeps there.

    Raises ConfigError where the platform can be asked for nothing. What a text hides (look-alike letters, a name inside
    a longer hashtag) no search of a platform finds.
    """
    if dialect.only_tags:
        found = tuple(tag for tag in hashtags(query) if len(tag) <= dialect.max_characters)
    else:
        weak = Weakening(dialect).of(query.node)
        parts = _sayable(without_surplus(weak), dialect) if weak is not None and has_words(weak) else []
        whole = [part for long in parts for part in shrunk(long, dialect)]
        found = tuple(dict.fromkeys(write(part, dialect) for part in _packed(whole, dialect)))
    if not found:
        raise ConfigError(f"this query has no word that {dialect.name} could be asked for: add an exact word")
    return found


def hashtags(query: Query) -> tuple[str, ...]:
    """The hashtags that say what a query looks for, without #: "oakfield house" is "oakfieldhouse"."""
    weak = Weakening(TAGS).of_any(query.node)
    if weak is None:
        return ()
    terms = [part for part in _alternatives(without_surplus(weak), TAGS) if isinstance(part, Term)]
    return tuple(dict.fromkeys(glue(" ".join(term.words)) for term in terms))


def _sayable(expression: Expression, dialect: Dialect) -> list[Expression]:
    """Alternatives that the platform can each be asked for in one search."""
    if dialect.groups is Groups.nested:
        return [expression]
    return _alternatives(expression, dialect)


def _alternatives(expression: Expression, dialect: Dialect) -> list[Expression]:
    if isinstance(expression, Any):
        return [part for each in expression.parts for part in _alternatives(each, dialect)]
    if isinstance(expression, All):
        return _all_alternatives(expression, dialect)
    return [expression]


def _all_alternatives(expression: All, dialect: Dialect) -> list[Expression]:
    """What can be said in one go; else the strongest part in several, with the fields beside each."""
    terms = [part for part in expression.parts if isinstance(part, Term) and part.words]
    fields = [part for part in expression.parts if isinstance(part, Term) and not part.words]
    groups = [part for part in expression.parts if isinstance(part, Any) and _is_flat(part)]
    sayable = [*terms, *(groups if dialect.groups else ())]
    if dialect.both is not None and sayable:
        return [All.of([*sayable, *fields])]
    best = max(expression.parts, key=lambda part: part.weight)
    return [All.of([part, *fields]) for part in _alternatives(best, dialect)]


def _is_flat(expression: Any) -> bool:
    return all(isinstance(part, Term) for part in expression.parts)


def _packed(parts: list[Expression], dialect: Dialect) -> list[Expression]:
    """Alternatives joined while they fit in one search."""
    if dialect.either is None:
        return parts
    packed: list[Expression] = []
    for part in parts:
        joined = Any.of([packed[-1], part]) if packed and _joins(packed[-1], part, dialect) else None
        if joined is not None and fits(joined, dialect):
            packed[-1] = joined
        else:
            packed.append(part)
    return packed


def _joins(before: Expression, part: Expression, dialect: Dialect) -> bool:
    if dialect.groups is Groups.nested:
        return True
    return isinstance(part, Term) and (
        isinstance(before, Term) or (isinstance(before, Any) and _is_flat(before))
    )
