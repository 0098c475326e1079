"""Counts over time, for the digest, the report and the alarm on spikes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, case, col, func, select

from core.types import Severity
from storage.tables import CaseRow, MentionRow, VersionRow


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many mentions, edits among them, came in on one day, and how many of these were dropped for one reason."""

    read: int
    dropped: int


def by_day(session: Session, midnights: Sequence[datetime], reason: str) -> list[DayCount]:
    """The counts of each day from one of these moments to the next, oldest first; one fewer than moments.

    A mention whose last verdict gives ``reason`` was dropped for it in all versions judged so far.
    """
    if len(midnights) < 2:
        return []
    seen = col(VersionRow.seen_at)
    day = case(*((seen < end, number) for number, end in enumerate(midnights[1:]))).label("day")
    dropped = and_(
        col(MentionRow.verdict_reason) == reason,
        col(VersionRow.version) <= col(MentionRow.assessed_version),
    )
    these = (
        select(day, func.count(), func.count(case((dropped, 1))))
        .select_from(VersionRow)
        .join(MentionRow, col(MentionRow.id) == col(VersionRow.mention_id))
        .where(seen >= midnights[0], seen < midnights[-1])
        .group_by("day")
    )
    counted = {number: DayCount(read, left) for number, read, left in session.exec(these)}
    return [counted.get(number, DayCount(0, 0)) for number in range(len(midnights) - 1)]


def flagged(session: Session, since: datetime, *, past: bool = True) -> list[tuple[datetime, Severity]]:
    """When each mention came in, at or after ``since``, that opened or joined a case, and how grave the case is.

    Without ``past`` leave out what a source held from before it was watched.
    """
    these = (
        select(MentionRow.found_at, CaseRow.severity)
        .join(CaseRow, col(CaseRow.id) == col(MentionRow.case_id))
        .where(MentionRow.found_at >= since)
        .order_by(col(MentionRow.found_at), col(MentionRow.id))
    )
    if not past:
        these = these.where(col(MentionRow.backfill).is_(False))
    return [(at, Severity(severity)) for at, severity in session.exec(these)]


def first_mention(session: Session) -> datetime | None:
    """When the first mention ever came in; None while there is none."""
    return session.exec(select(func.min(MentionRow.found_at))).one()
