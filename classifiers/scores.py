"""What a model says of one text, in probabilities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.types import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One text's probabilities (0 to 1): each label on its own, relevance, and one sum of 1 for each choice.

    ``author_role`` and ``severity`` map every choice (severities by name) to its share. ``spans`` are the names
    and details that identify a person, as the token head found them, in code points of the text.
    """

    labels: Mapping[str, float]
    relevance: float
    author_role: Mapping[str, float]
    severity: Mapping[str, float]
    spans: tuple[Finding, ...] = ()


Score = Callable[[Sequence[str]], list[Scores]]
