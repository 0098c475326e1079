"""Silences: what nobody is told of at once, by whose decision, why and until when."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from core.errors import RedshankError
from core.types import Severity
from core.work import Silence
from storage import audit, cases
from storage.tables_work import SilenceRow


def add(session: Session, silence: Silence, *, role: str, now: datetime) -> Silence:
    """Write a silence (its ``id`` is given here) and put it on record.

    Raises RedshankError where it is of one case, and there is no such case.
    """
    if silence.case_id is not None and cases.get(session, silence.case_id) is None:
        raise RedshankError(f"there is no case {silence.case_id}; `redshank case list` shows the open ones")
    row = SilenceRow.model_validate(asdict(silence) | {"id": None})
    session.add(row)
    session.flush()
    made = _value(row)
    audit.append(
        session,
        at=now,
        actor=silence.owner,
        role=role,
        action="silence",
        case_id=silence.case_id,
        reason=silence.reason,
        details={"silence": made.id, "until": made.ends_at.isoformat()},
    )
    return made


def all_(session: Session, *, since: datetime | None = None) -> list[Silence]:
    """All silences, or those that end at or after ``since``; oldest first."""
    found = select(SilenceRow).order_by(col(SilenceRow.id))
    if since is not None:
        found = found.where(SilenceRow.ends_at >= since)
    rows: Sequence[SilenceRow] = session.exec(found).all()
    return [_value(row) for row in rows]


def end(session: Session, number: int, *, actor: str, role: str, reason: str, now: datetime) -> Silence:
    """End a silence now; raises RedshankError where there is none by this number or it is over."""
    row = session.exec(select(SilenceRow).where(SilenceRow.id == number).with_for_update()).one_or_none()
    if row is None or row.ends_at <= now:
        raise RedshankError(f"no silence {number} is in force; `redshank alerts silence list` shows them")
    row.ends_at = now
    audit.append(
        session,
        at=now,
        actor=actor,
        role=role,
        action="end silence",
        case_id=row.case_id,
        reason=reason,
        details={"silence": number},
    )
    session.flush()
    return _value(row)


def _value(row: SilenceRow) -> Silence:
    values = row.model_dump() | {"id": row.id or 0}
    return Silence(**values | {"severity": None if row.severity is None else Severity(row.severity)})
