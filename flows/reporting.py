"""Gathers a month from the database for the board report: month_facts -> alerts.board.report.compose.

Read only, and nothing that anybody wrote is read. Days are those of the organisation's zone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta

from sqlmodel import Session

from alerts.board.month import (
    AuditFinding,
    DayVolume,
    Messages,
    MonthFacts,
    Outage,
    Recall,
    SourceMonth,
    Totals,
    month_after,
)
from alerts.board.report import compose
from alerts.moments import due_at
from alerts.silences import silenced
from core.types import Case, Severity
from core.work import Action, Silence
from flows import sampling
from flows.digests import ALWAYS
from flows.reach import NOT_ABOUT_US
from flows.situations import of_cases
from flows.wiring import House
from policies.books import books
from storage import actions, audit, cases, cursors, ledger, silences, statistics
from storage.engine import session

_DAY = timedelta(days=1)
_KINDS = {cursors.RETIRED: "retired by the other side"}
_OFF = "Hours in which Redshank itself was switched off are not counted as breaks in watching a source."


def month_facts(house: House, month: date) -> MonthFacts:
    """What the report of the month that begins on ``month`` is made from, with the month before to compare."""
    facts = _facts(house, month)
    earlier = (month - _DAY).replace(day=1)
    with session(house.engine, read_only=True) as db:
        began = cursors.first_visit(db)
    if began is None or began >= facts.starts_at:
        return facts
    return replace(facts, before=_totals(_facts(house, earlier)))


def _facts(house: House, month: date) -> MonthFacts:
    bare = MonthFacts(
        month=month,
        organisation=house.settings.organisation.name,
        generated_at=house.now(),
        zone=house.settings.zone,
    )
    with session(house.engine, read_only=True) as db:
        held = [case for case in cases.opened_since(db, ALWAYS) if _within(case, bare)]
        quiet = [one for one in silences.all_(db, since=bare.starts_at) if one.starts_at < bare.until]
        found = replace(
            bare,
            days=tuple(_days(db, bare, held)),
            situations=tuple(of_cases(house, db, held)),
            removal_asked=frozenset(
                case.id for case in held if case.work.acted_at and _removal_asked(actions.of(db, case.id))
            ),
            paraphrases={clause.id: clause.paraphrase for clause in house.pack.clauses},
            silences=tuple(quiet),
            silenced=_silenced(house, bare, held, quiet),
            sources=tuple(_sources(house, db, bare)),
            messages=_messages(db, bare),
            audit=_audit(audit.verify(db)),
            unknown=(_OFF,),
        )
    return replace(found, recall=_recall(house, month))


def _within(case: Case, bare: MonthFacts) -> bool:
    """Whether a case was open at any moment of the month; one that was folded into another counts there."""
    closed = case.work.closed_at
    return (
        case.work.folded_into is None
        and case.detected_at < bare.until
        and (closed is None or closed >= bare.starts_at)
    )


def _days(db: Session, bare: MonthFacts, held: Sequence[Case]) -> Iterator[DayVolume]:
    flagged: dict[date, Counter[Severity]] = defaultdict(Counter)
    unread: Counter[date] = Counter()
    for case in held:
        for copy in case.copies:
            day = copy.found_at.astimezone(bare.zone).date()
            flagged[day][case.severity] += 1
            unread[day] += not case.labels and not case.ask
    days = list(_local_days(bare))
    counts = statistics.by_day(db, [due_at(day, time(), bare.zone) for day in days], NOT_ABOUT_US)
    for day, count in zip(days, counts, strict=False):
        yield DayVolume(
            day=day,
            read=count.read,
            about_us=count.read - count.dropped,
            unread=unread[day],
            flagged=dict(flagged[day]),
        )


def _local_days(bare: MonthFacts) -> Iterator[date]:
    """The days of the month that have begun, and the one after them."""
    day = bare.month
    while due_at(day, time(), bare.zone) < bare.until:
        yield day
        day += _DAY
    yield day


def _removal_asked(uses: Sequence[Action]) -> bool:
    removing = {route.id for route in books().routes if route.kind == "removal"}
    return any(one.sent_at and one.route in removing for one in uses)


def _silenced(house: House, bare: MonthFacts, held: Iterable[Case], quiet: Sequence[Silence]) -> int:
    """How many cases found in the month a silence kept from being told at once, by what is known of them now."""
    return sum(
        bool(silenced([case], quiet, case.detected_at))
        for case in held
        if case.detected_at >= bare.starts_at and house.office.rules.at_once(case.severity)
    )


def _sources(house: House, db: Session, bare: MonthFacts) -> Iterator[SourceMonth]:
    since = cursors.first_visits(db)
    outages: dict[str, list[Outage]] = defaultdict(list)
    for one in cursors.outages(db, bare.starts_at):
        kind = _KINDS.get(one.kind, one.kind)
        outages[one.source].append(Outage(since=one.began, until=one.ended, kind=kind))
    for name in house.readings:
        yield SourceMonth(name=name, since=since.get(name), outages=tuple(outages[name]))


def _messages(db: Session, bare: MonthFacts) -> Messages:
    from_start, after = ledger.outcomes(db, bare.starts_at), ledger.outcomes(db, bare.until)
    made = {name: number - after[name] for name, number in from_start.items()}
    return Messages(
        sent=made["accepted"] + made["bounced"],
        late=made["late"],
        refused=made["refused"],
        bounced=made["bounced"],
        waiting=made["queued"],
    )


def _audit(faults: Sequence[str]) -> tuple[AuditFinding, ...]:
    what = "The log of decisions is not whole: a line is missing or was changed"
    return (AuditFinding(what=what, count=len(faults)),) if faults else ()


def _recall(house: House, month: date) -> Recall | None:
    found = sampling.recall(house, month, month_after(month))
    if found is None:
        return None
    return Recall(
        estimate=found.estimate, low=found.low, high=found.high, sampled=found.read, missed=found.missed
    )


def _totals(facts: MonthFacts) -> Totals:
    report = compose(facts)
    on_time = (report.clocks - report.late) / report.clocks if report.clocks else None
    total = report.total
    return Totals(
        read=total.read, about_us=total.about_us, flagged=total.flagged, cases=report.found, on_time=on_time
    )
