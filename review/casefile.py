"""A case as it lies on the desk: with its record, its actions and routes, and whom it is aimed at. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.types import Case, Step
from core.work import Action, Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimed:
    """So many posts by so many authors were aimed at one person within a day; whether that is a pile-on."""

    posts: int
    authors: int
    pile_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A copy has something in common with a mention outside the case, of which nothing but the number is told.

    ``how`` is "same link", "same words", "near" or "shares" (one of them passes the other on).
    """

    copy: int
    other: int
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """All that is known of one case: its record, the uses of routes, those of its routes that are open or locked now.

    The open ones stand in the order in which to try them. ``aimed`` holds for each person whom it is aimed at, who
    stays unnamed, the posts and authors of the last day that are aimed at them, in whichever case. ``caught`` are the
    versions of the query with which its copies were found, by the number of the copy.
    """

    case: Case
    steps: tuple[Step, ...]
    actions: tuple[Action, ...]
    open: tuple[str, ...]
    locked: tuple[str, ...]
    aimed: tuple[Aimed, ...] = ()
    related: tuple[Related, ...] = ()
    caught: Mapping[int, str] = field(default_factory=dict)


def overdue(clocks: Sequence[Clock], now: datetime) -> bool:
    """Whether a service level has run out that nobody has met yet."""
    return any(clock.met_at is None and clock.late(now) for clock in clocks)
