"""The outbox: who must be told what, and whether they were. A notice is sent at least once, under its key.

Reading what became of it all is storage.ledger.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, text, update
from sqlmodel import Session, col, select

from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from storage.bulk import backoff, chunks, on_postgresql
from storage.tables_work import NoticeRow, OccasionRow

QUEUED, SENT, BOUNCED, REFUSED = "queued", "sent", "bounced", "refused"
REPLACED, WITHDRAWN = "replaced", "withdrawn"
_FIELDS = ("key", "kind", "role", "to", "channel", "why", "day")
_LONGEST_PAUSE = timedelta(hours=1)
_TURN = 7_230_003  # the advisory lock under which notices are planned


def enqueue(session: Session, notices: Sequence[Notice], now: datetime) -> int:
    """Write what is not told yet, in the caller's transaction; say how many notices were new.

    A notice is written with those of its occasions that stand in no other notice; one that has none left is
    dropped. Occasions are written one by one under their keys, so of two who plan the same one writes it.
    """
    _take_turn(session)
    known = _known(session, [one.key for notice in notices for one in notice.occasions])
    taken = _keys_taken(session, [notice.key for notice in notices])
    new = 0
    for notice in notices:
        fresh = [one for one in notice.occasions if one.key not in known]
        if not fresh or notice.key in taken:
            continue
        known |= {one.key for one in fresh}
        taken.add(notice.key)
        row = _row(notice, now)
        session.add(row)
        session.flush()
        session.add_all(
            OccasionRow.model_validate({"key": one.key, "notice_id": row.id, "case_id": one.case_id})
            for one in {one.key: one for one in fresh}.values()
        )
        new += 1
    session.flush()
    return new


def _take_turn(session: Session) -> None:
    """Wait until nobody else plans: what two plan at once is then known to the second."""
    if on_postgresql(session):
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})


def _known(session: Session, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(sorted(set(keys))):
        found.update(session.exec(select(OccasionRow.key).where(col(OccasionRow.key).in_(some))))
    return found


def _keys_taken(session: Session, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(sorted(set(keys))):
        found.update(session.exec(select(NoticeRow.key).where(col(NoticeRow.key).in_(some))))
    return found


def _row(notice: Notice, now: datetime) -> NoticeRow:
    values = {name: getattr(notice, name) for name in _FIELDS}
    return NoticeRow.model_validate(values | {"created_at": now, "next_try_at": now})


def due(
    session: Session, now: datetime, limit: int, claim_for: timedelta = timedelta(hours=1)
) -> list[Notice]:
    """Claim the notices to send now, longest due first; a fault that failed after all else, as it may be over by then.

    Commit before sending: only then does no second sender get them. Each is offered again after ``claim_for``
    unless its delivery was recorded. The claim must outlast sending all of them, each of which may take as
    long as the channel's time-outs together: a second sender would send again what still waits its turn.
    """
    failed_fault = and_(col(NoticeRow.kind) == "fault", col(NoticeRow.attempts) > 0)
    waiting = (
        select(NoticeRow)
        .where(NoticeRow.status == QUEUED, NoticeRow.next_try_at <= now)
        .order_by(failed_fault, col(NoticeRow.next_try_at), col(NoticeRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.exec(waiting).all()
    for row in claimed:
        row.next_try_at = now + claim_for
    session.flush()
    return values(session, claimed)


def record(session: Session, delivery: Delivery) -> None:
    """Write how an attempt ended. What was sent stays sent, whatever a later attempt reports, unless it bounced.

    Raises LookupError where no such notice was ever queued.
    """
    row = session.exec(select(NoticeRow).where(NoticeRow.key == delivery.key).with_for_update()).one_or_none()
    if row is None:
        raise LookupError("a delivery was recorded for a notice that was never queued")
    if delivery.status is DeliveryStatus.bounced and row.status == SENT:
        row.status, row.last_error, row.refused_at = BOUNCED, delivery.error, delivery.at
        session.flush()
    if row.status in {SENT, BOUNCED}:
        return
    row.attempts += 1
    row.last_error = delivery.error
    row.refused_at = delivery.at if delivery.status is DeliveryStatus.refused else None
    match delivery.status:
        case DeliveryStatus.sent:
            row.status, row.sent_at, row.message_id = SENT, delivery.at, delivery.message_id
        case DeliveryStatus.refused:
            row.status = REFUSED
        case DeliveryStatus.withdrawn:
            row.status = WITHDRAWN
        case _:
            row.status = QUEUED
            row.next_try_at = delivery.next_try_at or delivery.at + backoff(row.attempts, _LONGEST_PAUSE)
    session.flush()


def revive(session: Session, channel: str, now: datetime) -> None:
    """Let everything that failed on a channel be tried again now: the other side is there again."""
    session.exec(
        update(NoticeRow)
        .where(
            col(NoticeRow.channel) == channel,
            col(NoticeRow.status) == QUEUED,
            col(NoticeRow.attempts) > 0,
            col(NoticeRow.next_try_at) > now,
        )
        .values(next_try_at=now)
    )


def withdraw(session: Session, channel: str, start: str, why: str) -> None:
    """Take back what failed on a channel at least once and has a key that begins so: it is true no more."""
    session.exec(
        update(NoticeRow)
        .where(
            col(NoticeRow.key).startswith(start, autoescape=True),
            col(NoticeRow.channel) == channel,
            col(NoticeRow.status) == QUEUED,
            col(NoticeRow.attempts) > 0,
        )
        .values(status=WITHDRAWN, last_error=why)
    )


def replace_repeats(session: Session, now: datetime) -> int:
    """Of messages about the same cases that wait for the same reader, leave the newest; say how many it replaced.

    While a server is away each hour plans another reminder. When it is back, one message tells all that they
    would have told, as it is written when it is sent. What another sender takes at this moment is left alone.
    """
    failing = select(NoticeRow).where(
        NoticeRow.status == QUEUED, NoticeRow.kind == "case", col(NoticeRow.created_at) <= now
    )
    newest_first = failing.order_by(col(NoticeRow.created_at).desc(), col(NoticeRow.id).desc())
    rows = session.exec(newest_first.with_for_update(skip_locked=True)).all()
    told: dict[tuple[str, str], set[int]] = defaultdict(set)
    replaced = 0
    for row, notice in zip(rows, values(session, rows), strict=True):
        newer = told[row.to, row.channel]
        if row.attempts and set(notice.cases) <= newer:
            row.status, row.last_error = REPLACED, "a newer message tells the same"
            replaced += 1
        newer.update(notice.cases)
    session.flush()
    return replaced


def waiting(session: Session, now: datetime) -> list[Notice]:
    """The notices that could be sent now, oldest first; nobody else takes them before the transaction ends."""
    these = select(NoticeRow).where(NoticeRow.status == QUEUED, NoticeRow.next_try_at <= now)
    in_order = these.order_by(col(NoticeRow.created_at), col(NoticeRow.id))
    return values(session, session.exec(in_order.with_for_update(skip_locked=True)).all())


def gather(session: Session, into: str, others: Sequence[str], why: str) -> None:
    """Let the notice with the key ``into`` tell also what the ``others`` would have told, which are then gone."""
    row = session.exec(select(NoticeRow).where(NoticeRow.key == into)).one()
    row.why = why
    gone = select(NoticeRow.id).where(col(NoticeRow.key).in_(others))
    numbers = [number for number in session.exec(gone) if number is not None]
    session.exec(update(OccasionRow).where(col(OccasionRow.notice_id).in_(numbers)).values(notice_id=row.id))
    session.exec(delete(NoticeRow).where(col(NoticeRow.id).in_(numbers)))
    session.flush()


def values(session: Session, rows: Sequence[NoticeRow]) -> list[Notice]:
    """Make notices with their occasions from rows, in the same order; for this folder only."""
    ids = [row.id for row in rows if row.id is not None]
    occasions: dict[int, list[Occasion]] = defaultdict(list)
    for some in chunks(ids):
        found = select(OccasionRow).where(col(OccasionRow.notice_id).in_(some)).order_by(col(OccasionRow.key))
        for one in session.exec(found):
            occasions[one.notice_id].append(Occasion(key=one.key, case_id=one.case_id))
    return [
        Notice(
            **{name: getattr(row, name) for name in (*_FIELDS, "attempts", "id")},
            occasions=tuple(occasions[row.id or 0]),
        )
        for row in rows
    ]
