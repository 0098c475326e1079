"""What became of every notice: queued, accepted by the server, bounced, refused, withdrawn, acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from core.telling import Notice, Told
from core.types import CaseState
from storage.bulk import chunks
from storage.deliveries import BOUNCED, QUEUED, REFUSED, SENT, values
from storage.tables import CaseRow
from storage.tables_work import AcknowledgementRow, NoticeRow, OccasionRow

LATE = timedelta(hours=1)
_WORDS = {SENT: "accepted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A notice that did not arrive: refused or bounced at ``refused_at``, or still failing."""

    notice: Notice
    refused: bool
    error: str
    created_at: datetime
    next_try_at: datetime
    refused_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the ledger; ``status`` is that of ``core.telling.Told``, or acknowledged."""

    notice: Notice
    status: str
    created_at: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None
    error: str


def told(session: Session, since: datetime, kind: str = "") -> frozenset[str]:
    """The keys of all occasions in notices (of one ``kind``) written at or after ``since``, whatever became of them."""
    these = (
        select(OccasionRow.key)
        .join(NoticeRow, col(NoticeRow.id) == col(OccasionRow.notice_id))
        .where(NoticeRow.created_at >= since)
    )
    return frozenset(session.exec(these.where(NoticeRow.kind == kind) if kind else these))


def standing(session: Session, since: datetime) -> list[Told]:
    """How it stands with all occasions that may come up again.

    Those are of the cases that are not closed, and those of no case at all that were written at or after ``since``.
    """
    closed = select(CaseRow.id).where(CaseRow.state == CaseState.closed)
    of_open = col(OccasionRow.case_id).not_in(closed)
    of_none = and_(col(OccasionRow.case_id).is_(None), col(NoticeRow.created_at) >= since)
    these = (
        select(OccasionRow.key, NoticeRow.status, NoticeRow.created_at, NoticeRow.sent_at)
        .join(NoticeRow, col(NoticeRow.id) == col(OccasionRow.notice_id))
        .where(or_(of_open, of_none))
    )
    return [
        Told(key=key, status=_WORDS.get(status, status), created_at=created_at, sent_at=sent_at)
        for key, status, created_at, sent_at in session.exec(these)
    ]


def told_of(session: Session, case_id: int) -> frozenset[str]:
    """The keys of all occasions that speak of one case, whatever became of them."""
    return frozenset(session.exec(select(OccasionRow.key).where(OccasionRow.case_id == case_id)))


def undelivered(session: Session, since: datetime | None = None) -> list[Undelivered]:
    """What was refused or came back, and what is queued after at least one failed attempt; oldest first.

    With ``since``, of those refused or bounced only those of that moment or later: nobody tries them again, so
    they would be told of for ever. What is queued still fails, however old it is.
    """
    failing = and_(col(NoticeRow.status) == QUEUED, col(NoticeRow.attempts) > 0)
    refused: ColumnElement[bool] = col(NoticeRow.status).in_((REFUSED, BOUNCED))
    if since is not None:
        refused = and_(refused, col(NoticeRow.refused_at) >= since)
    rows = session.exec(
        select(NoticeRow).where(or_(refused, failing)).order_by(col(NoticeRow.created_at), col(NoticeRow.id))
    ).all()
    return [
        Undelivered(
            notice=notice,
            refused=row.status in {REFUSED, BOUNCED},
            error=row.last_error,
            created_at=row.created_at,
            next_try_at=row.next_try_at,
            refused_at=row.refused_at,
        )
        for row, notice in zip(rows, values(session, rows), strict=True)
    ]


def lines(
    session: Session,
    *,
    since: datetime | None = None,
    case_id: int | None = None,
    limit: int | None = None,
) -> list[Line]:
    """The ledger, newest first: of notices written since then, or that speak of this case."""
    found = select(NoticeRow).order_by(col(NoticeRow.created_at).desc(), col(NoticeRow.id).desc())
    if since is not None:
        found = found.where(NoticeRow.created_at >= since)
    if case_id is not None:
        about = select(OccasionRow.notice_id).where(OccasionRow.case_id == case_id)
        found = found.where(col(NoticeRow.id).in_(about))
    rows = session.exec(found.limit(limit) if limit else found).all()
    noted = _acknowledged(session)
    return [_line(row, notice, noted) for row, notice in zip(rows, values(session, rows), strict=True)]


def find_sent(session: Session, message_id: str) -> str | None:
    """The key of the notice that went out under this identifier; None where there is none."""
    these = select(NoticeRow.key).where(NoticeRow.message_id == message_id)
    return session.exec(these.limit(1)).one_or_none() if message_id else None


def _line(row: NoticeRow, notice: Notice, noted: dict[str, datetime]) -> Line:
    at = noted.get(str(row.id))
    status = "acknowledged" if at else _WORDS.get(row.status, row.status)
    return Line(
        notice=notice,
        status=status,
        created_at=row.created_at,
        sent_at=row.sent_at,
        acknowledged_at=at,
        error=row.last_error,
    )


def _acknowledged(session: Session) -> dict[str, datetime]:
    """When the link of each notice was used, by the notice's number."""
    used: Sequence[AcknowledgementRow] = session.exec(
        select(AcknowledgementRow).where(col(AcknowledgementRow.ticket).is_not(None))
    ).all()
    return {row.ticket: row.at for row in used if row.ticket}


def first_told(session: Session, case_ids: Sequence[int]) -> dict[int, datetime]:
    """When the first message about each of these cases was accepted, whoever it went to, and did not come back.

    Those untold are left out.
    """
    found: dict[int, datetime] = {}
    for some in chunks(sorted(case_ids)):
        these = (
            select(OccasionRow.case_id, func.min(NoticeRow.sent_at))
            .join(NoticeRow, col(NoticeRow.id) == col(OccasionRow.notice_id))
            .where(col(OccasionRow.case_id).in_(some), NoticeRow.status == SENT)
            .group_by(col(OccasionRow.case_id))
        )
        found |= {number: at for number, at in session.exec(these) if number is not None and at is not None}
    return found


def outcomes(session: Session, since: datetime) -> dict[str, int]:
    """How many notices written at or after ``since`` stand where; those acknowledged count as accepted too."""
    these = select(NoticeRow.status, func.count()).where(col(NoticeRow.created_at) >= since)
    counted = dict(session.exec(these.group_by(NoticeRow.status)).all())
    late = select(NoticeRow.created_at, NoticeRow.sent_at).where(
        col(NoticeRow.created_at) >= since, col(NoticeRow.sent_at).is_not(None)
    )
    noted = select(func.count()).where(
        col(AcknowledgementRow.ticket).is_not(None), col(AcknowledgementRow.at) >= since
    )
    return {
        "accepted": counted.get(SENT, 0),
        "bounced": counted.get(BOUNCED, 0),
        "refused": counted.get(REFUSED, 0),
        "queued": counted.get(QUEUED, 0),
        "late": sum(sent - made > LATE for made, sent in session.exec(late) if sent),
        "acknowledged": session.exec(noted).one(),
    }
