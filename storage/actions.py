"""The uses of routes on a case, as they go from draft to answer. What may follow what is for policies to say."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.errors import StorageError
from core.work import Action, ActionState
from storage import audit, cases
from storage.tables_work import ActionRow

_CHANGING = ("state", "approved_by", "sent_at", "answer_due_at", "reference", "answer")


def draft(
    session: Session, case_id: int, route: str, *, actor: str, role: str, reason: str, at: datetime
) -> Action:
    """Begin one use of a route; raises StorageError where there is no such case."""
    cases.lock(session, case_id)
    row = ActionRow.model_validate(
        {
            "case_id": case_id,
            "route": route,
            "state": ActionState.drafted,
            "drafted_by": actor,
            "drafted_at": at,
        }
    )
    session.add(row)
    session.flush()
    drafted = _value(row)
    _record(session, drafted, "", actor=actor, role=role, reason=reason, at=at)
    return drafted


def advance(
    session: Session, before: Action, after: Action, *, actor: str, role: str, reason: str, at: datetime
) -> Action:
    """Write how a use of a route went on; the first that is sent is when something was first done about the case.

    Raises ConflictError where it no longer stands as in ``before``.
    """
    cases.lock(session, before.case_id)
    found = select(ActionRow).where(ActionRow.id == before.id).with_for_update()
    row = session.exec(found.execution_options(populate_existing=True)).one_or_none()
    if row is None or _value(row) != before:
        raise cases.ConflictError(f"somebody else changed action {before.id} meanwhile: look at it again")
    for name in _CHANGING:
        setattr(row, name, getattr(after, name))
    if after.sent_at is not None:
        case_row = cases.locked_row(session, before.case_id)
        case_row.acted_at = case_row.acted_at or after.sent_at
    session.flush()
    _record(session, after, before.state, actor=actor, role=role, reason=reason, at=at)
    return after


def get(session: Session, number: int) -> Action:
    """One use of a route; raises StorageError where there is none."""
    row = session.get(ActionRow, number)
    if row is None:
        raise StorageError(f"there is no action {number}: `redshank case show` lists those of a case")
    return _value(row)


def of(session: Session, case_id: int) -> list[Action]:
    """The uses of routes on a case, in the order in which they were drafted."""
    rows = session.exec(select(ActionRow).where(ActionRow.case_id == case_id).order_by(col(ActionRow.id)))
    return [_value(row) for row in rows]


def _record(
    session: Session, action: Action, before: str, *, actor: str, role: str, reason: str, at: datetime
) -> None:
    """Put it on record; the case itself stands where it stood, so its states are left out."""
    details = {"action": action.id, "route": action.route, "from": before, "to": action.state.value}
    audit.append(
        session,
        at=at,
        actor=actor,
        role=role,
        action=f"action_{action.state}",
        case_id=action.case_id,
        reason=reason,
        details=details | ({"reference": action.reference} if action.reference else {}),
    )


def _value(row: ActionRow) -> Action:
    return Action(**row.model_dump() | {"state": ActionState(row.state)})
