"""Reading cases and the record of their steps, and writing what people do to them.

Opening and growing them is mentions.settle. Whoever moves a case takes turns: mentions, then the turn, then the
case, then the audit log is the order in which everybody locks, so that nobody waits in a circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select as select_columns
from sqlalchemy import text, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import StorageError
from core.types import Case, CaseState, Copy, Severity, Step, Work
from storage import audit
from storage.bulk import chunks, on_postgresql
from storage.tables import CaseRow, MentionRow
from storage.tables_work import AuditRow

SEALED = "sealed"
_TURN = 7_230_002  # the advisory lock under which cases are opened, joined and moved
_WORK = tuple(one.name for one in fields(Work))
_COPY = ("source", "platform", "url", "posted_at", "found_at", "sealed", "deleted_at")
_STANDING = (
    "severity",
    "labels",
    "ask",
    "clauses",
    "recipients",
    "reasons",
    "tags",
    "routes",
    "guards",
    "conflicts",
    "backfill",
)


class ConflictError(StorageError):
    """Somebody else moved the case since it was read: nothing was written."""


def open_(session: Session) -> list[Case]:
    """All cases that are not closed, gravest first, then oldest, each with its copies."""
    return values(session, session.exec(_gravest_first().where(CaseRow.state != CaseState.closed)).all())


def in_state(session: Session, state: CaseState) -> list[Case]:
    """All cases in one state, gravest first, then oldest, each with its copies."""
    return values(session, session.exec(_gravest_first().where(CaseRow.state == state)).all())


def get(session: Session, case_id: int) -> Case | None:
    """One case with its copies, in whatever state; None where there is none."""
    return next(iter(values(session, session.exec(select(CaseRow).where(CaseRow.id == case_id)).all())), None)


def some(session: Session, case_ids: Iterable[int]) -> list[Case]:
    """The cases with these numbers, in whatever state, by number."""
    found: list[CaseRow] = []
    for part in chunks(sorted(set(case_ids))):
        these = select(CaseRow).where(col(CaseRow.id).in_(part))
        found += session.exec(these.order_by(col(CaseRow.id))).all()
    return values(session, found)


def opened_since(session: Session, since: datetime) -> list[Case]:
    """The cases detected at or after ``since``, oldest first, in whatever state."""
    found = (
        select(CaseRow)
        .where(CaseRow.detected_at >= since)
        .order_by(col(CaseRow.detected_at), col(CaseRow.id))
    )
    return values(session, session.exec(found).all())


def severities(session: Session, case_ids: Sequence[int]) -> dict[int, Severity]:
    """How grave each of these cases is now."""
    found: dict[int, Severity] = {}
    for some in chunks(sorted(set(case_ids))):
        these = select(CaseRow.id, CaseRow.severity).where(col(CaseRow.id).in_(some))
        found |= {number: Severity(grave) for number, grave in session.exec(these) if number is not None}
    return found


def closed_since(session: Session, since: datetime) -> list[Case]:
    """The cases closed at or after ``since`` that are closed now, gravest first, then oldest."""
    these = _gravest_first().where(CaseRow.state == CaseState.closed, col(CaseRow.closed_at) >= since)
    return values(session, session.exec(these).all())


def steps(session: Session, case_id: int) -> list[Step]:
    """The record of one case, in the order it was written: the lines of the audit log that give it a state."""
    rows = session.exec(
        select(AuditRow).where(AuditRow.case_id == case_id, AuditRow.after != "").order_by(col(AuditRow.id))
    )
    return [
        Step(
            case_id=case_id,
            before=CaseState(row.before) if row.before else None,
            after=CaseState(row.after),
            actor=row.actor,
            role=row.role,
            at=row.at,
            reason=row.reason,
            verb=row.action,
        )
        for row in rows
    ]


def lock(session: Session, case_id: int, *others: int) -> list[Case]:
    """Read cases to move them, in the order asked for; until the transaction ends nobody else moves one.

    Raises StorageError where one of them is not there.
    """
    asked = [case_id, *others]
    copies = select(MentionRow.id).where(col(MentionRow.case_id).in_(asked)).order_by(col(MentionRow.id))
    session.exec(copies.with_for_update(key_share=True)).all()
    take_turn(session)
    found = {case.id: case for case in values(session, [locked_row(session, one) for one in sorted(asked)])}
    return [found[one] for one in asked]


def move(
    session: Session, before: Case, step: Step, after: Case, details: Mapping[str, object] | None = None
) -> Case:
    """Write a step that took a case from ``before`` to ``after``, and put it on record; give the case as stored.

    Raises ConflictError where the case no longer stands as in ``before``. ``details`` go into the audit log.
    """
    lock(session, before.id)
    row = locked_row(session, before.id)
    if (row.state, row.revision, row.moved_at) != (before.state, before.revision, before.work.moved_at):
        raise ConflictError(f"somebody else moved case {before.id} meanwhile: look at it again, then repeat")
    write(session, row, after)
    record(session, step, details)
    return values(session, [row])[0]


def record(session: Session, step: Step, details: Mapping[str, object] | None = None) -> None:
    """Put a step into the audit log; the case has been written already."""
    audit.append(
        session,
        at=step.at,
        actor=step.actor,
        role=step.role,
        action=step.verb,
        case_id=step.case_id,
        before=step.before or "",
        after=step.after,
        reason=step.reason,
        details=details,
    )


def unseal_link(
    session: Session, mention_id: int, *, actor: str, role: str, reason: str, at: datetime
) -> str:
    """Give the link of a sealed copy, for a report to the hotline or the police; the audit log tells it first.

    Commit before the link is shown. Raises StorageError for any role but safeguarding, and where no copy with
    that number is sealed.
    """
    if role != "safeguarding" or not actor or not reason:
        raise StorageError("a sealed link opens to role safeguarding alone, by name and with a reason")
    row = session.get(MentionRow, mention_id)
    if row is None or not row.sealed:
        raise StorageError(f"mention {mention_id} is not sealed: `redshank case show` has its link")
    details = {"mention": mention_id}
    audit.append(
        session,
        at=at,
        actor=actor,
        role=role,
        action="unseal_link",
        case_id=row.case_id,
        reason=reason,
        details=details,
    )
    return row.url


def take_turn(session: Session) -> None:
    """Wait until no other transaction opens, joins or moves a case: two copies found at once are one case.

    One lock for all stories, so that transactions which settle several mentions cannot wait for one
    another in a circle. On SQLite every writing transaction has its turn already.
    """
    if on_postgresql(session):
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})


def locked_row(session: Session, case_id: int) -> CaseRow:
    """One row of the table, locked until commit; for this folder only. Raises StorageError where there is none.

    Its number stays free to be pointed at: whoever plans a message about it meanwhile does not wait.
    """
    found = select(CaseRow).where(CaseRow.id == case_id).with_for_update(key_share=True)
    row = session.exec(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise StorageError(f"there is no case {case_id}: `redshank case list` shows the open ones")
    return row


def write(session: Session, row: CaseRow, case: Case) -> None:
    """Bring a row to where a case stands, and seal its copies where that guard stands; for this folder only."""
    for name, value in standing(case).items():
        setattr(row, name, value)
    if SEALED in case.guards:
        these = update(MentionRow).where(col(MentionRow.case_id) == row.id)
        session.exec(these.values(sealed=True).execution_options(synchronize_session="fetch"))
    session.flush()


def standing(case: Case) -> dict[str, Any]:
    """The columns of a case that change while it lives; for this folder only."""
    work = {name: getattr(case.work, name) for name in _WORK}
    upheld = None if case.work.upheld is None else list(case.work.upheld)
    return (
        {"state": case.state, "revision": case.revision}
        | {name: getattr(case, name) for name in _STANDING}
        | work
        | {"upheld": upheld}
    )


def values(session: Session, rows: Iterable[CaseRow]) -> list[Case]:
    """Make cases with their copies from rows, in the same order; for this folder only."""
    found = {row.id: row for row in rows if row.id is not None}
    copies = _copies(session, list(found))
    return [
        Case(
            id=case_id,
            state=CaseState(row.state),
            detected_at=row.detected_at,
            revision=row.revision,
            copies=tuple(copies[case_id]),
            work=_work(row),
            **{name: getattr(row, name) for name in _STANDING} | {"severity": Severity(row.severity)},
        )
        for case_id, row in found.items()
    ]


def _gravest_first() -> SelectOfScalar[CaseRow]:
    return select(CaseRow).order_by(col(CaseRow.severity).desc(), col(CaseRow.detected_at), col(CaseRow.id))


def _work(row: CaseRow) -> Work:
    found = {name: getattr(row, name) for name in _WORK}
    held_from = CaseState(row.held_from) if row.held_from else None
    upheld = None if row.upheld is None else tuple(row.upheld)
    return Work(**found | {"held_from": held_from, "upheld": upheld})


def _copies(session: Session, case_ids: Sequence[int]) -> dict[int, list[Copy]]:
    copies: dict[int, list[Copy]] = defaultdict(list)
    for some in chunks(case_ids):
        # Columns and not rows: every plan reads those of all open cases.
        rows: Any = select_columns(*(col(getattr(MentionRow, name)) for name in ("case_id", "id", *_COPY)))
        in_order = rows.where(col(MentionRow.case_id).in_(some)).order_by(col(MentionRow.id))
        for case_id, mention_id, *rest in session.exec(in_order):
            copy = Copy(mention_id=mention_id, **dict(zip(_COPY, rest, strict=True)))
            copies[case_id].append(replace(copy, url="") if copy.sealed else copy)
    return copies
