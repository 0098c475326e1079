"""Reading cases and the record of their steps. Opening and growing them is mentions.settle."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from core.types import Case, CaseState, Copy, Severity, Step
from storage.bulk import chunks
from storage.tables import CaseRow, MentionRow, StepRow


def open_(session: Session) -> list[Case]:
    """All cases that are not closed, gravest first, then oldest, each with its copies."""
    gravest_first = select(CaseRow).order_by(
        col(CaseRow.severity).desc(), col(CaseRow.detected_at), col(CaseRow.id)
    )
    return values(session, session.exec(gravest_first.where(CaseRow.state != CaseState.closed)).all())


def get(session: Session, case_id: int) -> Case | None:
    """One case with its copies, in whatever state; None where there is none."""
    return next(iter(values(session, session.exec(select(CaseRow).where(CaseRow.id == case_id)).all())), None)


def opened_since(session: Session, since: datetime) -> list[Case]:
    """The cases detected at or after ``since``, oldest first, in whatever state."""
    found = (
        select(CaseRow)
        .where(CaseRow.detected_at >= since)
        .order_by(col(CaseRow.detected_at), col(CaseRow.id))
    )
    return values(session, session.exec(found).all())


def steps(session: Session, case_id: int) -> list[Step]:
    """The record of one case, in the order it was written."""
    rows = session.exec(select(StepRow).where(StepRow.case_id == case_id).order_by(col(StepRow.id)))
    return [
        Step(
            case_id=row.case_id,
            before=CaseState(row.before) if row.before else None,
            after=CaseState(row.after),
            actor=row.actor,
            role=row.role,
            at=row.at,
            reason=row.reason,
        )
        for row in rows
    ]


def values(session: Session, rows: Iterable[CaseRow]) -> list[Case]:
    """Make cases with their copies from rows, in the same order; for this folder only."""
    found = {row.id: row for row in rows if row.id is not None}
    copies = _copies(session, list(found))
    return [
        Case(
            id=case_id,
            state=CaseState(row.state),
            severity=Severity(row.severity),
            labels=row.labels,
            ask=row.ask,
            clauses=row.clauses,
            recipients=row.recipients,
            reasons=row.reasons,
            detected_at=row.detected_at,
            revision=row.revision,
            copies=tuple(copies[case_id]),
        )
        for case_id, row in found.items()
    ]


def _copies(session: Session, case_ids: Sequence[int]) -> dict[int, list[Copy]]:
    copies: dict[int, list[Copy]] = defaultdict(list)
    for some in chunks(case_ids):
        rows = select(MentionRow).where(col(MentionRow.case_id).in_(some)).order_by(col(MentionRow.id))
        for row in session.exec(rows):
            if row.id is not None and row.case_id is not None:
                copies[row.case_id].append(
                    Copy(
                        mention_id=row.id,
                        source=row.source,
                        platform=row.platform,
                        url=row.url,
                        posted_at=row.posted_at,
                        found_at=row.found_at,
                    )
                )
    return copies
