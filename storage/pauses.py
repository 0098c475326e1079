"""Sources that are left alone for a while, by whose decision, why and until when."""

from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from core.errors import RedshankError
from core.work import Pause
from storage import audit
from storage.tables_reach import PauseRow


def pause(session: Session, pause: Pause, *, role: str) -> None:
    """Leave a source alone, in place of an earlier pause; put on record."""
    session.merge(PauseRow.model_validate(asdict(pause)))
    _record(session, pause.name, "pause source", at=pause.at, by=pause.by, role=role, reason=pause.reason)


def resume(session: Session, name: str, *, by: str, role: str, reason: str, now: datetime) -> None:
    """Visit a source again; put on record. Raises RedshankError where it is not paused."""
    row = session.get(PauseRow, name, with_for_update=True)
    if row is None or row.until <= now:
        raise RedshankError(f"source {name} is not paused; `redshank sources list` shows which are")
    row.until = now
    _record(session, name, "resume source", at=now, by=by, role=role, reason=reason)


def paused(session: Session, now: datetime) -> dict[str, Pause]:
    """The pauses in force, by source."""
    rows = session.exec(select(PauseRow).where(col(PauseRow.until) > now).order_by(col(PauseRow.name)))
    return {row.name: Pause(**row.model_dump()) for row in rows}


def since(session: Session, moment: datetime) -> dict[str, Pause]:
    """The last pause of each source that was in force at or after a moment, by source; it may be over."""
    rows = session.exec(select(PauseRow).where(col(PauseRow.until) >= moment).order_by(col(PauseRow.name)))
    return {row.name: Pause(**row.model_dump()) for row in rows}


def _record(
    session: Session, name: str, action: str, *, at: datetime, by: str, role: str, reason: str
) -> None:
    audit.append(
        session,
        at=at,
        actor=by,
        role=role,
        action=action,
        case_id=None,
        reason=reason,
        details={"source": name},
    )
