"""Who took note of which case: each link that was mailed serves once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from core.errors import RedshankError
from core.telling import Notice
from core.work import Acknowledgement
from storage import audit, cases
from storage.bulk import chunks
from storage.deliveries import values
from storage.tables import CaseRow
from storage.tables_work import AcknowledgementRow, NoticeRow


def notice(session: Session, number: int) -> Notice | None:
    """The notice with this number, as a mailed link names it; None where it is gone."""
    found = values(session, session.exec(select(NoticeRow).where(NoticeRow.id == number)).all())
    return found[0] if found else None


def used(session: Session, number: int) -> bool:
    """Whether the link of the notice with this number has served already."""
    these = select(AcknowledgementRow.id).where(AcknowledgementRow.ticket == str(number))
    return session.exec(these.limit(1)).one_or_none() is not None


def by_link(session: Session, number: int, who: str, now: datetime) -> list[int]:
    """Take note of every case of a notice, once; give their numbers.

    Raises RedshankError where the link has served already, or its notice is gone.
    """
    # Several cases are written: whoever else does so has the same turn, and nobody waits in a circle.
    cases.take_turn(session)
    found = notice(session, number)
    if found is None:
        raise RedshankError("what this link belonged to is no longer there")
    session.exec(select(NoticeRow).where(NoticeRow.id == number).with_for_update()).one()
    if used(session, number):
        raise RedshankError("this link has been used already; each serves once")
    for case_id in found.cases:
        add(session, case_id, role=found.role, who=who, now=now, ticket=str(number))
    return list(found.cases)


def add(
    session: Session, case_id: int, *, role: str, who: str, now: datetime, ticket: str | None = None
) -> Acknowledgement:
    """Write that somebody took note of a case as it stands; the first to do so stops the first clock.

    Raises RedshankError where there is no such case.
    """
    these = select(CaseRow).where(CaseRow.id == case_id).with_for_update()
    row = session.exec(these.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise RedshankError(f"there is no case {case_id}")
    row.seen_at = row.seen_at or now
    value = Acknowledgement(case_id=case_id, revision=row.revision, role=role, who=who, at=now)
    session.add(
        AcknowledgementRow.model_validate(
            {
                "case_id": case_id,
                "revision": row.revision,
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
