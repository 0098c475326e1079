"""Who must know: situations -> plan -> deliver -> deliveries.record.

    plan (again, over everything open) -> outbox -> deliver what is due -> record

Planning twice writes nothing twice: a notice's occasions have keys. A message is written when it is sent, so that
one that waited tells of today.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.utils import parseaddr

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from alerts.audit import LOST, REPLACED, UNSENT
from alerts.bounces import message_id
from alerts.channels.mail import Mailer
from alerts.deliver import deliver
from alerts.digest_plan import digest_notices, plan_digest
from alerts.faults import Fault, plan_faults
from alerts.gather import gather
from alerts.need_to_know import kept_from
from alerts.offers import Offer
from alerts.plan import plan
from alerts.render import render_case, render_digest, render_fault
from alerts.roster import MAIL
from alerts.spikes import plan_spikes
from core.errors import SendError, WithdrawnError
from core.telling import Delivery, DeliveryStatus, Message, Notice, Told
from core.types import Case
from core.work import Situation
from flows import wiring
from flows.digests import LOOK_BACK, digest
from flows.health import source_faults, to_be_told
from flows.quiet import alone, quiet
from flows.situations import of_cases, open_situations
from flows.spiking import hourly, piles
from flows.wiring import House
from policies.books import Route
from policies.checks import open_routes
from policies.guards import steps
from storage import cases, cursors, deliveries, ledger, mentions, silences
from storage.engine import session

# One at a time: a killed process delays one message by this long, and no second sender sends it meanwhile.
_CLAIM = timedelta(minutes=10)
# Well within the hour that a grave case may wait: a mail that has not gone by then is told by another way.
_STUCK = timedelta(minutes=30)


def plan_all(house: House, found: list[Fault] | None = None) -> int:
    """Put into the outbox whatever is due and not there yet; returns how many notices that were.

    ``found`` is what the auditor found wrong.
    """
    with session(house.engine) as db:
        known = ledger.standing(db, house.now() - LOOK_BACK)
        sent, refused = frozenset(one.key for one in known), _refused(house, db)
        lost = frozenset(one.key for one in known if _lost(one, house.now()))
        notices = [
            *_case_notices(house, db, sent, lost),
            *_digest_notices(house, db, sent, refused),
            *_fault_notices(house, db, sent, refused=refused, found=found or []),
        ]
        return deliveries.enqueue(db, notices, house.now())


def _lost(one: Told, now: datetime) -> bool:
    """Whether an occasion reached nobody, or has waited for so long that another way must be tried."""
    stuck = one.status == deliveries.QUEUED and now - one.created_at >= _STUCK
    return stuck or one.status in {*LOST, REPLACED}


def _case_notices(house: House, db: Session, sent: Set[str], lost: Set[str]) -> list[Notice]:
    office, now = house.office, house.now()
    return plan(
        open_situations(house, db),
        office.routes.roster,
        office.rules,
        office.calendar,
        sent=sent,
        now=now,
        silences=silences.all_(db, since=now),
        lost=lost,
    ).notices


def _digest_notices(
    house: House, db: Session, sent: Set[str], refused: Mapping[str, datetime]
) -> list[Notice]:
    office, began = house.office, cursors.first_visit(db)
    if began is None:
        # Before anything was ever read, a digest would only say so, and use up the day's.
        return []
    return plan_digest(
        office.routes.roster,
        office.rules,
        office.calendar,
        sent=sent,
        now=house.now(),
        since=began.astimezone(house.settings.zone).date(),
        refused=frozenset(refused),
    )


def _fault_notices(
    house: House, db: Session, sent: Set[str], *, refused: Mapping[str, datetime], found: list[Fault]
) -> list[Notice]:
    now, began = house.now(), cursors.first_visit(db)
    roster, stuck = house.office.routes.roster, mentions.stuck(db, now, limit=1)
    faults = plan_faults(
        *to_be_told(house, db),
        stuck=mentions.counts(db, now).stuck,
        undelivered=len(refused),
        roster=roster,
        sent=sent,
        now=now,
        since=(began or now).astimezone(house.settings.zone).date(),
        stuck_since=stuck[0].fetched_at if stuck else None,
        undelivered_at=max(refused.values(), default=None),
        found=[*found, *source_faults(house, db)],
    )
    return [*faults, *plan_spikes(hourly(db, now), piles(db, now), roster=roster, sent=sent, now=now)]


def deliver_all(house: House, report: Callable[[int], None] = lambda _sent: None) -> int:
    """Send what the outbox holds and is due; returns how many went out. ``report`` is told one at a time."""
    sent, back = 0, set[str]()
    _tidy(house)
    with Mailer(house.mail) as mailer:
        while notices := _claim(house):
            for notice, delivery in zip(
                notices, deliver(notices, lambda one: _send(house, mailer, one), house.now), strict=True
            ):
                went = delivery.status is DeliveryStatus.sent
                with session(house.engine) as db:
                    deliveries.record(db, _marked(house, notice, delivery))
                    if went and notice.channel not in back:
                        # The other side answers again: nothing waits out a pause that was meant for its absence.
                        back.add(notice.channel)
                        deliveries.withdraw(db, notice.channel, f"fault/{UNSENT}", "messages go again")
                        deliveries.revive(db, notice.channel, house.now())
                sent += went
                report(int(went))
    return sent


def _tidy(house: House) -> None:
    """One message for what waits for the same reader."""
    with session(house.engine) as db:
        deliveries.replace_repeats(db, house.now())
        queued = deliveries.waiting(db, house.now())
        severities = cases.severities(db, [number for notice in queued for number in notice.cases])
        for one in gather(queued, severities, house.office.rules.cases_a_message):
            deliveries.gather(db, one.into, one.others, one.why)


def _marked(house: House, notice: Notice, delivery: Delivery) -> Delivery:
    """A delivery with the identifier by which a mail that comes back is known."""
    if notice.channel != MAIL or delivery.status is not DeliveryStatus.sent:
        return delivery
    domain = parseaddr(house.mail.sender)[1].rpartition("@")[2]
    return replace(delivery, message_id=message_id(notice.key, domain))


def _send(house: House, mailer: Mailer, notice: Notice) -> None:
    """Hand a notice over by its own channel; raises SendError."""
    message = write(house, notice)
    if notice.channel == MAIL:
        mailer.send(message)
        return
    way = house.office.ways.get(notice.channel)
    if way is None:
        raise SendError(f"no channel is named {notice.channel} any more", temporary=False)
    way.channel.send(message, way.options)


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
    office = house.office
    with session(house.engine, read_only=True) as db:
        return digest_notices(
            day,
            (role,),
            office.routes.roster,
            office.calendar,
            by_hand_at=house.now(),
            sent=ledger.told(db, house.now() - LOOK_BACK, kind="digest"),
            refused=frozenset(_refused(house, db)),
        )


def _refused(house: House, db: Session) -> dict[str, datetime]:
    """The occasions whose notice was refused for good or came back, by key, and when."""
    return {
        occasion.key: one.refused_at
        for one in ledger.undelivered(db, house.now() - LOOK_BACK)
        if one.refused_at
        for occasion in one.notice.occasions
    }


def write(house: House, notice: Notice) -> Message:
    """A notice in words, as of now, holding what its reader may be shown by its channel.

    Raises:
        WithdrawnError: the cases it speaks of are gone, or its reader may not know of any of them any more.
    """
    office, now = house.office, house.now()
    routes, shown = office.routes, office.showing.level(notice.role, notice.channel)
    if notice.kind == "fault":
        return render_fault(notice, routes=routes, now=now)
    with session(house.engine, read_only=True) as db:
        if notice.kind == "digest":
            return render_digest(notice, digest(house, db, notice), routes=routes, shown=shown)
        found = of_cases(house, db, [case for number in notice.cases if (case := cases.get(db, number))])
    if not found:
        raise WithdrawnError("the cases of this notice are no longer there")
    meant, known = _for_reader(house, notice, found)
    book, who = office.books.route, (routes.roster, notice.to, notice.channel)
    # Its link takes note of all of them: it is for nobody from whom one is kept, nor whom one accuses.
    link = not any(kept_from(one.case, *who, to_review=True) for one in found)
    return render_case(
        meant,
        known,
        routes=routes,
        now=now,
        shown=shown,
        acknowledge=office.links.make(notice.id) if notice.id and link else "",
        steps={one.case.id: steps(one.case.guards, book) for one in known},
        offers={one.case.id: _offer(one.case, book) for one in known},
        titles={route.id: route.title for route in office.books.routes},
    )


def _for_reader(house: House, notice: Notice, found: list[Situation]) -> tuple[Notice, list[Situation]]:
    """What of a notice its reader may know by now: a case may name them since it was planned, or be a disclosure.

    Whoever is to be told of such a case instead is planned by its new revision.
    """
    roster = house.office.routes.roster
    known = [one for one in found if not kept_from(one.case, roster, notice.to, notice.channel)]
    if not known:
        raise WithdrawnError("no longer for this reader")
    if len(known) == len(found):
        return notice, known
    numbers = {one.case.id for one in known}
    occasions = tuple(one for one in notice.occasions if one.case_id in numbers)
    return replace(notice, occasions=occasions, why=f"sent to you as {notice.role}"), known


def _offer(case: Case, book: Mapping[str, Route]) -> Offer:
    """The routes of a case that are open, and those that would be if the speak-up guardian released it."""
    free, _ = open_routes(case, book)
    released = replace(case, work=replace(case.work, released_at=case.work.released_at or case.detected_at))
    later, _ = open_routes(released, book)
    return Offer(open=free, waiting=tuple(route for route in later if route not in free))


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
