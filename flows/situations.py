"""Situations: each case with its clocks and who took note of it, read together so that nobody decides on half of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session

from alerts.caseload import set_aside
from core.types import Case
from core.work import Clock, Situation
from flows.office import Office
from flows.wiring import House
from storage import acknowledgements, actions, cases, ledger

BREACH_ROUTE = "ico"


def open_situations(house: House, db: Session) -> list[Situation]:
    """Every case that is not closed, gravest first."""
    return of_cases(house, db, cases.open_(db))


def of_cases(house: House, db: Session, found: Sequence[Case]) -> list[Situation]:
    """The situations of these cases, in the same order; cases that were joined to another by hand are left out."""
    own = [case for case in found if case.work.folded_into is None]
    numbers = [case.id for case in own]
    told, noted = ledger.first_told(db, numbers), acknowledgements.of(db, numbers)
    return [
        Situation(
            case=case,
            clocks=_clocks(house.office, case, told.get(case.id), _reported(db, case)),
            acknowledged=tuple(noted[case.id]),
        )
        for case in own
    ]


# The planner and the auditor ask for the same cases one after the other.
@lru_cache(maxsize=4096)
def _clocks(
    office: Office, case: Case, told_at: datetime | None, reported_at: datetime | None
) -> tuple[Clock, ...]:
    """The clocks of a case; they run again on what has grown while it was on hold."""
    found = office.clocks(case, told_at=told_at, reported_at=reported_at)
    return found if set_aside(case) else tuple(replace(one, paused=False) for one in found)


def _reported(db: Session, case: Case) -> datetime | None:
    """When a breach of ours went to the Information Commissioner."""
    if not case.work.own_breach:
        return None
    sent = (one.sent_at for one in actions.of(db, case.id) if one.route == BREACH_ROUTE and one.sent_at)
    return min(sent, default=None)
