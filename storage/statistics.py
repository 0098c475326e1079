"""Counts over time, for the digest, the report and the alarm on spikes."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from core.types import Severity
from storage.tables import CaseRow, MentionRow


def flagged(session: Session, since: datetime) -> list[tuple[datetime, Severity]]:
    """When each mention came in, at or after ``since``, that opened or joined a case, and how grave the case is."""
    these = (
        select(MentionRow.found_at, CaseRow.severity)
        .join(CaseRow, col(CaseRow.id) == col(MentionRow.case_id))
        .where(MentionRow.found_at >= since)
        .order_by(col(MentionRow.found_at), col(MentionRow.id))
    )
    return [(at, Severity(severity)) for at, severity in session.exec(these)]


def first_mention(session: Session) -> datetime | None:
    """When the first mention ever came in; None while there is none."""
    return session.exec(select(func.min(MentionRow.found_at))).one()
