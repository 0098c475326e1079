"""Examples kept beside a query: what it must keep and what it must not."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.query.query import Query


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that the query gets wrong; ``must`` says that it must be kept, ``why`` what the query says of it."""

    example: str
    must: bool
    why: str


def check(query: Query, must: Sequence[str], must_not: Sequence[str]) -> list[Failure]:
    """The examples that the query gets wrong, in order; none when all is well."""
    failures = []
    for examples, wanted in ((must, True), (must_not, False)):
        for example in examples:
            match = query.matches(example)
            if match.kept is not wanted:
                failures.append(Failure(example, wanted, match.why))
    return failures
