"""Joining and parting cases by hand, where the story key saw it otherwise. Each undoes the other.

Copies, the people they aim at and the actions go with their case; none is lost, none stands in two.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from core.errors import StorageError
from core.types import Case, CaseState, Step, Work
from storage import cases, casework
from storage.stories import renewed, unite
from storage.tables import MentionRow
from storage.tables_work import ActionRow, TargetRow

JOINED = "joined"


def fold_by_hand(
    session: Session, source_id: int, target_id: int, *, actor: str, role: str, reason: str, now: datetime
) -> Case:
    """Move all copies of one case to another and close it; give the other, which keeps all that either bore.

    Further copies of the closed one come to the other from now on. Raises StorageError where the two are one, or
    either is closed, on hold or joined to another already.
    """
    if source_id == target_id:
        raise StorageError(f"case {source_id} cannot be joined to itself")
    source, target = cases.lock(session, source_id, target_id)
    for case in (source, target):
        if case.state in (CaseState.closed, CaseState.on_hold):
            raise StorageError(
                f"case {case.id} is {case.state.replace('_', ' ')}: no case is joined to or from it"
            )
    rows = [cases.locked_row(session, one) for one in (source_id, target_id)]
    for table in (MentionRow, TargetRow, ActionRow):
        _move(session, table, col(table.case_id) == source_id, target_id)
    closed = replace(
        source,
        state=CaseState.closed,
        work=replace(source.work, outcome=JOINED, folded_into=target_id, closed_at=now, moved_at=now),
    )
    united = unite(target, source)
    work = renewed(united.work, now) if united.severity > target.severity else united.work
    # Tidying up is no answer to a case: its clocks and repeats run on.
    after = replace(united, work=work)
    for row, case in zip(rows, (closed, after), strict=True):
        cases.write(session, row, case)
    moved = [copy.mention_id for copy in source.copies]
    said: dict[str, Any] = {"actor": actor, "role": role, "at": now, "reason": reason, "verb": "join"}
    step = Step(case_id=source_id, before=source.state, after=closed.state, **said)
    cases.record(session, step, {"into": target_id, "mentions": moved})
    step = Step(case_id=target_id, before=target.state, after=target.state, **said)
    cases.record(session, step, {"from": source_id, "mentions": moved})
    return cases.values(session, [rows[1]])[0]


def split(
    session: Session,
    case_id: int,
    mention_ids: Sequence[int],
    *,
    actor: str,
    role: str,
    reason: str,
    now: datetime,
) -> Case:
    """Make a case of its own of some copies; give the new case, raised anew with all that the old one bore.

    What was decided stays with the old one. Raises StorageError unless they are copies of it and one is left.
    """
    (case,) = cases.lock(session, case_id)
    parted = sorted(set(mention_ids))
    known = {copy.mention_id for copy in case.copies}
    if not parted or not known.issuperset(parted):
        raise StorageError(f"name copies of case {case_id} to part from it: it has {_numbers(known)}")
    if len(parted) == len(known):
        raise StorageError(f"case {case_id} must keep at least one of its copies: {_numbers(known)}")
    new = replace(
        case,
        state=CaseState.raised,
        revision=1,
        work=Work(
            seen_at=case.work.seen_at,
            aware_at=case.work.aware_at,
            own_breach=case.work.own_breach,
        ),
    )
    row = casework.insert(session, new, _story(case_id, parted, now))
    for table, column in ((MentionRow, col(MentionRow.id)), (TargetRow, col(TargetRow.mention_id))):
        _move(session, table, column.in_(parted), row.id)
    session.flush()
    said: dict[str, Any] = {"actor": actor, "role": role, "at": now, "reason": reason, "verb": "split"}
    (made,) = cases.values(session, [row])
    step = Step(case_id=case_id, before=case.state, after=case.state, **said)
    cases.record(session, step, {"into": made.id, "mentions": parted})
    step = Step(case_id=made.id, before=None, after=made.state, **said)
    cases.record(session, step, {"from": case_id, "mentions": parted})
    return made


def _move(session: Session, table: Any, these: Any, case_id: int | None) -> None:
    moving = update(table).where(these).values(case_id=case_id)
    session.exec(moving.execution_options(synchronize_session="fetch"))


def _story(case_id: int, mention_ids: Sequence[int], now: datetime) -> str:
    """A story key that no words have: what is said anew in these words still comes to the old case."""
    parted = f"parted\0{case_id}\0{_numbers(mention_ids)}\0{now.isoformat()}"
    return hashlib.sha256(parted.encode()).hexdigest()


def _numbers(mention_ids: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(mention_ids)))
