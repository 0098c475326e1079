"""The outbox: who must be told what, and whether they were. A notice is sent at least once, under its key."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from core.types import Delivery, DeliveryStatus, Notice
from storage.bulk import backoff, chunks, insert_unknown
from storage.tables import NoticeRow

_QUEUED, _SENT, _REFUSED = "queued", "sent", "refused"
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A notice that did not go out: refused for good at ``refused_at``, or still failing after ``attempts``."""

    notice: Notice
    refused: bool
    error: str
    created_at: datetime
    next_try_at: datetime
    refused_at: datetime | None


def enqueue(session: Session, notices: Sequence[Notice], now: datetime) -> int:
    """Write the notices whose keys are not known yet, in the caller's transaction; say how many were new."""
    planned = {notice.key: notice for notice in reversed(notices)}
    new = 0
    for keys in chunks(sorted(planned)):
        rows = [
            asdict(planned[key]) | {"attempts": 0, "status": _QUEUED, "created_at": now, "next_try_at": now}
            for key in keys
        ]
        written = session.exec(insert_unknown(session, NoticeRow).returning(col(NoticeRow.id)), params=rows)
        new += len(written.all())
    return new


def due(
    session: Session, now: datetime, limit: int, claim_for: timedelta = timedelta(hours=1)
) -> list[Notice]:
    """Claim the notices to send now, longest due first.

    Commit before sending: only then does no second sender get them. Each is offered again after ``claim_for``
    unless its delivery was recorded. The claim must outlast sending all of them, each of which may take as
    long as the channel's time-outs together: a second sender would send again what still waits its turn.
    """
    waiting = (
        select(NoticeRow)
        .where(NoticeRow.status == _QUEUED, NoticeRow.next_try_at <= now)
        .order_by(col(NoticeRow.next_try_at), col(NoticeRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.exec(waiting).all()
    for row in claimed:
        row.next_try_at = now + claim_for
    session.flush()
    return [_notice(row) for row in claimed]


def record(session: Session, delivery: Delivery) -> None:
    """Write how an attempt ended. What was sent stays sent, whatever a later attempt reports.

    Raises LookupError where no such notice was ever queued.
    """
    row = session.exec(select(NoticeRow).where(NoticeRow.key == delivery.key).with_for_update()).one_or_none()
    if row is None:
        raise LookupError("a delivery was recorded for a notice that was never queued")
    if row.status == _SENT:
        return
    row.attempts += 1
    row.last_error = delivery.error
    row.refused_at = delivery.at if delivery.status is DeliveryStatus.refused else None
    match delivery.status:
        case DeliveryStatus.sent:
            row.status, row.sent_at = _SENT, delivery.at
        case DeliveryStatus.refused:
            row.status = _REFUSED
        case DeliveryStatus.delayed:
            row.status = _QUEUED
            row.next_try_at = delivery.next_try_at or delivery.at + backoff(row.attempts, _LONGEST_PAUSE)
    session.flush()


def known_keys(session: Session, since: datetime) -> frozenset[str]:
    """The keys of all notices written at or after ``since``, whatever became of them."""
    return frozenset(session.exec(select(NoticeRow.key).where(NoticeRow.created_at >= since)))


def undelivered(session: Session, since: datetime | None = None) -> list[Undelivered]:
    """What was refused, and what is queued after at least one failed attempt; oldest first.

    With ``since``, of the refused ones only those refused at or after it: nobody tries them again, so they
    would be told of for ever. What is queued still fails, however old it is.
    """
    failing = and_(col(NoticeRow.status) == _QUEUED, col(NoticeRow.attempts) > 0)
    refused = col(NoticeRow.status) == _REFUSED
    if since is not None:
        refused = and_(refused, col(NoticeRow.refused_at) >= since)
    rows = session.exec(
        select(NoticeRow).where(or_(refused, failing)).order_by(col(NoticeRow.created_at), col(NoticeRow.id))
    )
    return [
        Undelivered(
            notice=_notice(row),
            refused=row.status == _REFUSED,
            error=row.last_error,
            created_at=row.created_at,
            next_try_at=row.next_try_at,
            refused_at=row.refused_at,
        )
        for row in rows
    ]


def sent_since(session: Session, since: datetime) -> int:
    """How many notices went out at or after ``since``."""
    return session.exec(select(func.count()).where(col(NoticeRow.sent_at) >= since)).one()


def _notice(row: NoticeRow) -> Notice:
    fields = ("key", "kind", "role", "to", "channel", "why", "case_id", "day", "attempts")
    return Notice(**{name: getattr(row, name) for name in fields})
