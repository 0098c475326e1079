"""What a digest is made from, read from the database: flows.tell writes it into a mail."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from alerts.addresses import fingerprint
from alerts.board.month import Totals
from alerts.caseload import Caseload, known_to
from alerts.coverage import coverage
from alerts.digest import Counts, Digest, Sent, Span, Watching, compose
from alerts.digest_plan import covers_from, rhythm_of
from alerts.moments import due_at
from alerts.silences import silenced
from alerts.trend import DayCounts
from core.telling import Notice
from core.types import Severity
from core.work import Silence, Situation
from flows.health import doubts, paused
from flows.reach import NOT_ABOUT_US
from flows.situations import of_cases, open_situations
from flows.wiring import House
from policies.judge import HARMLESS
from storage import cases, cursors, ledger, mentions, samples, silences, statistics

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
# How far back digests and faults are looked for: a digest covers what came since the one before, even after a pause.
LOOK_BACK = timedelta(days=366)
_SPANS = {"weekly": Span.week, "monthly": Span.month}
_TREND = {Span.day: 7, Span.week: 28, Span.month: 28}
_DAY = timedelta(days=1)


def digest(house: House, db: Session, notice: Notice) -> Digest:
    """What the digest of a notice says: from the one before it in its rhythm to the hour of the next day, or to now."""
    office, now = house.office, house.now()
    zone = house.settings.zone
    day = notice.day or now.astimezone(zone).date()
    recent = now - LOOK_BACK
    refused = frozenset(
        one.key for un in ledger.undelivered(db, recent) if un.refused_at for one in un.notice.occasions
    )
    sent = ledger.told(db, recent, kind="digest")
    since = covers_from(notice, office.rules, office.calendar, sent=sent, refused=refused)
    until = min(now, due_at(day + _DAY, office.rules.digest_at, zone))
    span = _SPANS.get(rhythm_of(notice).kind, Span.day)
    roster = office.routes.roster
    box = fingerprint(notice.to)
    return compose(
        day,
        notice.role,
        known_to(_caseload(house, db, since, until), roster, notice.to),
        _watching(house, db, since, span),
        since=since,
        now=now,
        tz=zone,
        span=span,
        members=frozenset(one.id for one in roster.members if fingerprint(one.mail) == box),
    )


def _caseload(house: House, db: Session, since: datetime | None, until: datetime) -> Caseload:
    first, now = since or ALWAYS, house.now()
    held = open_situations(house, db)
    new = [case for case in cases.opened_since(db, first) if case.detected_at < until]
    return Caseload(
        new=of_cases(house, db, new),
        open=held,
        closed=of_cases(house, db, cases.closed_since(db, first)),
        silences=_silences(silences.all_(db, since=now), held, now),
        samples_waiting=sum(one.labels is None for one in samples.drawn(db)),
    )


def _silences(found: list[Silence], held: list[Situation], now: datetime) -> list[tuple[Silence, int]]:
    """Each silence in force, and how many cases it keeps quiet."""
    kept = Counter(one.id for one in silenced((one.case for one in held), found, now).values())
    return [(one, kept[one.id]) for one in found if one.starts_at <= now < one.ends_at]


def _watching(house: House, db: Session, since: datetime | None, span: Span) -> Watching:
    first, now = since or ALWAYS, house.now()
    reasons = mentions.counts_by_reason(db, first)
    outcomes = ledger.outcomes(db, first)
    return Watching(
        coverage=coverage(
            house.intervals,
            cursors.states(db),
            now,
            since,
            paused=paused(house, db),
            doubts=doubts(house, db),
        ),
        counts=Counts(
            read=mentions.read_since(db, first),
            dropped=reasons.get(NOT_ABOUT_US, 0),
            flagged=len(statistics.flagged(db, first)),
            left_alone=reasons.get(HARMLESS, 0),
            unassessed=mentions.counts(db, now).unassessed,
        ),
        sent=Sent(**outcomes),
        trend=_trend(house, db, _TREND[span]),
        before=_before(db, since, now) if since and span is not Span.day else None,
    )


def _trend(house: House, db: Session, days: int) -> list[DayCounts]:
    """The last whole days, oldest first and ending yesterday; none before anything was ever read."""
    zone = house.settings.zone
    today = house.now().astimezone(zone).date()
    began = statistics.first_mention(db)
    if began is None:
        return []
    first = max(today - days * _DAY, began.astimezone(zone).date())
    counted: dict[date, Counter[Severity]] = {
        first + _DAY * n: Counter() for n in range((today - first).days)
    }
    for at, severity in statistics.flagged(db, due_at(first, datetime.min.time(), zone)):
        day = at.astimezone(zone).date()
        if day in counted:
            counted[day][severity] += 1
    return [DayCounts(day=day, counts=counts) for day, counts in counted.items()]


def _before(db: Session, since: datetime, now: datetime) -> Totals | None:
    """The span before this one in numbers; None where nothing was read then."""
    start = since - (now - since)
    read = mentions.read_since(db, start) - mentions.read_since(db, since)
    if not read:
        return None
    reasons, later = mentions.counts_by_reason(db, start), mentions.counts_by_reason(db, since)
    dropped = reasons.get(NOT_ABOUT_US, 0) - later.get(NOT_ABOUT_US, 0)
    return Totals(
        read=read,
        about_us=read - dropped,
        flagged=sum(at < since for at, _ in statistics.flagged(db, start)),
        cases=sum(case.detected_at < since for case in cases.opened_since(db, start)),
        on_time=None,
    )
