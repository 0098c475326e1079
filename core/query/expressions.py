"""What platforms are asked for: words and phrases, all of them or any of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.query.fold import glue


@dataclass(frozen=True, slots=True)
class Term:
    """Words in this order; ``open_ended`` is a lone word with any ending, ``written`` a field as it is asked for."""

    words: tuple[str, ...]
    open_ended: bool = False
    written: str = ""

    @property
    def weight(self) -> float:
        """How much it narrows a search: its letters, and nothing for a field."""
        return 0 if self.written else sum(map(len, self.words))

    def implies(self, other: "Term") -> bool:
        """Whether whatever holds this holds the other too."""
        if self == other:
            return True
        if self.written or other.written:
            return False
        if other.open_ended:
            return any(glue(word).startswith(glue(other.words[0])) for word in self.words)
        width = len(other.words)
        return not self.open_ended and any(
            self.words[start : start + width] == other.words for start in range(len(self.words) - width + 1)
        )


@dataclass(frozen=True, slots=True)
class Without:
    """What is left out; it stands beside something that is asked for."""

    part: "Term | Any"
    weight: float = 0


@dataclass(frozen=True, slots=True)
class Any:
    """One of the parts, or more."""

    parts: "tuple[Expression, ...]"

    @property
    def weight(self) -> float:
        """As much as its weakest part, and less the more there are."""
        return min(part.weight for part in self.parts) - len(self.parts) / 10

    @staticmethod
    def of(parts: "Sequence[Expression]") -> "Expression":
        """The parts as alternatives, those of alternatives among them."""
        flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, Any) else (part,))]
        unique = tuple(dict.fromkeys(flat))
        return unique[0] if len(unique) == 1 else Any(unique)


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: "tuple[Expression, ...]"

    @property
    def weight(self) -> float:
        """As much as its strongest part, and a little more."""
        return max(part.weight for part in self.parts) + 1

    @staticmethod
    def of(parts: "Sequence[Expression]") -> "Expression":
        """The parts together, those of a part that is such a group among them."""
        flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, All) else (part,))]
        unique = tuple(dict.fromkeys(flat))
        return unique[0] if len(unique) == 1 else All(unique)


Expression = Term | Any | All | Without


def has_words(expression: Expression) -> bool:
    """Whether each way to fulfil it takes a word of the text, and not only a field."""
    if isinstance(expression, Any):
        return all(map(has_words, expression.parts))
    if isinstance(expression, All):
        return any(map(has_words, expression.parts))
    return isinstance(expression, Term) and bool(expression.words)


def implies(left: Expression, right: Expression) -> bool:
    """Whether whatever the left finds the right finds too, as far as the words show."""
    if left == right:
        return True
    if isinstance(left, Any):
        return all(implies(part, right) for part in left.parts)
    if isinstance(right, All):
        return all(implies(left, part) for part in right.parts)
    if isinstance(right, Any) and any(implies(left, part) for part in right.parts):
        return True
    if isinstance(left, All):
        return any(implies(part, right) for part in left.parts)
    return isinstance(left, Term) and isinstance(right, Term) and left.implies(right)


def without_surplus(expression: Expression) -> Expression:
    """The same, without alternatives that another includes and demands that another makes."""
    if not isinstance(expression, Any | All):
        return expression
    parts = list(dict.fromkeys(without_surplus(part) for part in expression.parts))
    kept: list[Expression] = []
    for index, part in enumerate(parts):
        others = kept + parts[index + 1 :]
        surplus = (
            implies(part, other) if isinstance(expression, Any) else implies(other, part) for other in others
        )
        if not any(surplus):
            kept.append(part)
    return type(expression).of(kept)
