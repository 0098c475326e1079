"""Who must know: cases.open_ -> plan -> deliver -> deliveries.record.

    plan (again, over everything open) -> outbox -> deliver what is due -> record

Planning twice writes nothing twice: a notice's key is its occasion. A mail is written when it is sent, so that
one that waited tells of today.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from alerts.channels.mail import Mailer
from alerts.deliver import deliver
from alerts.digest import Digest, compose, coverage
from alerts.faults import plan_faults
from alerts.plan import covers_from, digest_notices, due_at, plan, plan_digest
from alerts.render import render_case, render_digest, render_fault
from core.errors import SendError
from core.types import DeliveryStatus, Message, Notice
from flows import wiring
from flows.quiet import alone, quiet
from flows.triage import NOT_ABOUT_US
from flows.wiring import House
from storage import cases, cursors, deliveries, mentions
from storage.engine import session

_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
# One at a time: a killed process delays one message by this long, and no second sender sends it meanwhile.
_CLAIM = timedelta(minutes=10)


def plan_all(house: House) -> int:
    """Put into the outbox whatever is due and not there yet; returns how many notices that were."""
    now, routes = house.now(), house.routes
    with session(house.engine) as db:
        told = deliveries.known_keys(db, _ALWAYS)
        began = cursors.first_visit(db)
        since = began.astimezone(house.settings.zone).date() if began else None
        refused = _refused(db)
        stuck = mentions.stuck(db, now, limit=1)
        notices = [
            *plan(cases.open_(db), routes, told, now),
            # Before anything was ever read, a digest would only say so, and use up the day's.
            *(plan_digest(routes, told, now, since=since, refused=frozenset(refused)) if since else ()),
            *plan_faults(
                cursors.states(db),
                house.intervals,
                stuck=mentions.counts(db, now).stuck,
                undelivered=len(refused),
                routes=routes,
                sent=told,
                now=now,
                since=since or now.astimezone(house.settings.zone).date(),
                stuck_since=stuck[0].fetched_at if stuck else None,
                undelivered_at=max(refused.values(), default=None),
            ),
        ]
        return deliveries.enqueue(db, notices, now)


def deliver_all(house: House, report: Callable[[int], None] = lambda _sent: None) -> int:
    """Send what the outbox holds and is due; returns how many went out. ``report`` is told one at a time."""
    sent = 0
    with Mailer(house.mail) as mailer:
        while notices := _claim(house):
            for delivery in deliver(notices, lambda notice: mailer.send(write(house, notice)), house.now):
                with session(house.engine) as db:
                    deliveries.record(db, delivery)
                went = delivery.status is DeliveryStatus.sent
                sent += went
                report(int(went))
    return sent


def tell_all(house: House, report: Callable[[int], None] = lambda _sent: None) -> int:
    """Plan, then deliver; returns how many messages went out."""
    plan_all(house)
    return deliver_all(house, report)


def send_digest(house: House, day: date, role: str) -> int:
    """Send one role's digest of a day now, beside the scheduled one; returns how many messages went out."""
    notices = _by_hand(house, day, role)
    with session(house.engine) as db:
        deliveries.enqueue(db, notices, house.now())
    return deliver_all(house)


def preview_digest(house: House, day: date, role: str) -> Message:
    """The digest as it would be sent to the first address of a role; nothing is written down."""
    return write(house, _by_hand(house, day, role)[0])


def _by_hand(house: House, day: date, role: str) -> list[Notice]:
    now = house.now()
    with session(house.engine, read_only=True) as db:
        return digest_notices(
            day,
            (role,),
            house.routes,
            deliveries.known_keys(db, _ALWAYS),
            today=now.astimezone(house.settings.zone).date(),
            refused=frozenset(_refused(db)),
            by_hand_at=now,
        )


def _refused(db: Session) -> dict[str, datetime]:
    """The notices refused for good, by key, and when."""
    return {one.notice.key: one.refused_at for one in deliveries.undelivered(db) if one.refused_at}


def write(house: House, notice: Notice) -> Message:
    """A notice in words, as of now.

    Raises:
        SendError: the case it speaks of is gone, so that there is nothing left to tell.
    """
    now = house.now()
    with session(house.engine, read_only=True) as db:
        if notice.kind == "digest":
            return render_digest(notice, digest(house, db, notice, now), house.routes)
        if notice.kind == "fault":
            return render_fault(notice, house.routes, now)
        case = cases.get(db, notice.case_id or 0)
    if case is None:
        raise SendError("the case of this notice is no longer there", temporary=False)
    return render_case(notice, case, house.routes, now)


def digest(house: House, db: Session, notice: Notice, now: datetime) -> Digest:
    """What the digest of a notice's day says: from the one before it to the end of its day, or to now."""
    day = notice.day or now.astimezone(house.settings.zone).date()
    told, refused = deliveries.known_keys(db, _ALWAYS), _refused(db)
    since = covers_from(notice, house.routes, told, frozenset(refused))
    until = min(now, due_at(day + timedelta(days=1), house.routes.digest_at, house.settings.zone))
    return compose(
        day,
        notice.role,
        [case for case in cases.opened_since(db, since or _ALWAYS) if case.detected_at < until],
        cases.open_(db),
        coverage(house.intervals, cursors.states(db), now, since),
        since=since,
        now=now,
        tz=house.settings.zone,
        read=mentions.read_since(db, since or _ALWAYS),
        unassessed=mentions.counts(db, now).unassessed,
        undelivered=sum(at >= (since or _ALWAYS) for at in refused.values()),
        dropped=mentions.counts_by_reason(db, since or _ALWAYS).get(NOT_ABOUT_US, 0),
    )


def _claim(house: House) -> list[Notice]:
    with session(house.engine) as db:
        return deliveries.due(db, house.now(), limit=1, claim_for=_CLAIM)


@task(cache_policy=NO_CACHE)
@quiet
def send_due(config: str) -> dict[str, int]:
    """Plan and deliver; returns counts."""
    house = wiring.house(config)
    with alone(house.var, "tell") as first:
        return {"sent": tell_all(house) if first else 0}


@flow(name="tell", log_prints=False)
@quiet
def tell(config: str = "") -> dict[str, int]:
    """Tell whoever must know, and send the digest when its hour has come; returns counts."""
    return send_due(config)
