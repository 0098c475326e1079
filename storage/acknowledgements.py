"""Who took note of which case: each link that was mailed serves once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core.errors import RedshankError
from core.telling import Notice
from core.types import Case
from core.work import Acknowledgement
from storage import audit, cases
from storage.bulk import chunks
from storage.deliveries import values
from storage.tables_work import AcknowledgementRow, NoticeRow

Barred = Callable[[Case], bool]
"""Whether the reader of a message may no longer know of a case."""
# As alerts.course begins the key of everything that is told of a case.
_REVISION = re.compile(r"case/\d+/r(\d+)/")


@dataclass(frozen=True, slots=True)
class Noted:
    """The cases that a link takes note of, and those of them that have changed since its message was planned."""

    cases: tuple[int, ...]
    grown: tuple[int, ...] = ()


def nobody(_case: Case) -> bool:
    """Nobody is barred."""
    return False


def notice(session: Session, number: int) -> Notice | None:
    """The notice with this number, as a mailed link names it; None where it is gone."""
    found = values(session, session.exec(select(NoticeRow).where(NoticeRow.id == number)).all())
    return found[0] if found else None


def used(session: Session, number: int) -> bool:
    """Whether the link of the notice with this number has served already."""
    these = select(AcknowledgementRow.id).where(AcknowledgementRow.ticket == str(number))
    return session.exec(these.limit(1)).one_or_none() is not None


def revisions(told: Notice) -> dict[int, int]:
    """The revision at which a notice speaks of each of its cases; the first where its occasions name none."""
    found = dict.fromkeys(told.cases, 1)
    for one in told.occasions:
        named = _REVISION.match(one.key)
        if named and one.case_id in found:
            found[one.case_id] = max(found[one.case_id], int(named[1]))
    return found


def offered(session: Session, told: Notice, barred: Barred) -> Noted:
    """What a notice's link would take note of; raises RedshankError where nothing of it is for its reader any more."""
    found = [case for number in told.cases if (case := cases.get(session, number))]
    return _noted(told, [case for case in found if not barred(case)])


def by_link(session: Session, number: int, who: str, now: datetime, *, barred: Barred = nobody) -> Noted:
    """Take note of every case of a notice, once, at the revision that it told of.

    A case for which its reader is ``barred`` by now is left out. Raises RedshankError where the link has served
    already, its notice is gone, or nothing of it is for its reader any more.
    """
    # Several cases are written: whoever else does so has the same turn, and nobody waits in a circle.
    cases.take_turn(session)
    found = notice(session, number)
    if found is None:
        raise RedshankError("what this link belonged to is no longer there")
    session.exec(select(NoticeRow).where(NoticeRow.id == number).with_for_update()).one()
    if used(session, number):
        raise RedshankError("this link has been used already; each serves once")
    noted, told = offered(session, found, barred), revisions(found)
    for case_id in noted.cases:
        add(
            session,
            case_id,
            role=found.role,
            who=who,
            now=now,
            ticket=str(number),
            revision=told[case_id],
        )
    return noted


def _noted(told: Notice, open_to: Sequence[Case]) -> Noted:
    if not open_to:
        raise RedshankError("this message is no longer for you: somebody else looks after it")
    at = revisions(told)
    return Noted(
        cases=tuple(case.id for case in open_to),
        grown=tuple(case.id for case in open_to if case.revision > at[case.id]),
    )


def add(
    session: Session,
    case_id: int,
    *,
    role: str,
    who: str,
    now: datetime,
    ticket: str | None = None,
    revision: int | None = None,
) -> Acknowledgement:
    """Write that somebody took note of a case, as it stands or at the ``revision`` that they were told of.

    Who first does so for the case as it stands stops the first clock. Raises RedshankError where there is no such case.
    """
    row = cases.locked_row(session, case_id)
    at = row.revision if revision is None else min(revision, row.revision)
    if at == row.revision:
        row.seen_at = row.seen_at or now
    value = Acknowledgement(case_id=case_id, revision=at, role=role, who=who, at=now)
    session.add(
        AcknowledgementRow.model_validate(
            {
                "case_id": case_id,
                "revision": at,
                "role": role,
                "who": who,
                "at": now,
                "ticket": ticket,
            }
        )
    )
    audit.append(
        session,
        at=now,
        actor=who,
        role=role,
        action="acknowledge",
        case_id=case_id,
        before=row.state,
        after=row.state,
        reason="by the link of a message" if ticket else "by hand",
        details={"revision": at},
    )
    session.flush()
    return value


def of(session: Session, case_ids: Sequence[int]) -> dict[int, list[Acknowledgement]]:
    """The acknowledgements of these cases, oldest first."""
    found: dict[int, list[Acknowledgement]] = {case_id: [] for case_id in case_ids}
    for some in chunks(sorted(found)):
        these = select(AcknowledgementRow).where(col(AcknowledgementRow.case_id).in_(some))
        for row in session.exec(these.order_by(col(AcknowledgementRow.id))):
            found[row.case_id].append(
                Acknowledgement(
                    case_id=row.case_id, revision=row.revision, role=row.role, who=row.who, at=row.at
                )
            )
    return found
