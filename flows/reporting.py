"""Gathers a month from the database for the board report: month_facts -> alerts.board.report.compose.

Read only, and nothing that anybody wrote is read. Days are those of the organisation's zone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

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
from flows.situations import of_cases
from flows.triage import NOT_ABOUT_US
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
    office = Office(house.settings)
    with session(house.engine, read_only=True) as db:
        held = [case for case in cases.opened_since(db, _ALWAYS) if _within(case, bare)]
        told = _told(db, held)
        used = {case.id: actions.of(db, case.id) for case in held if case.work.acted_at}
        found = replace(
            bare,
            days=tuple(_days(db, bare, held)),
            situations=tuple(
                Situation(case=case, clocks=_clocks(office, case, used.get(case.id, []), told.get(case.id)))
                for case in held
            ),
            removal_asked=frozenset(number for number, uses in used.items() if _removal_asked(uses)),
            paraphrases={clause.id: clause.paraphrase for clause in house.pack.clauses},
            silences=tuple(
                one for one in silences.all_(db, since=bare.starts_at) if one.starts_at < bare.until
            ),
            sources=tuple(_sources(house, cursors.states(db), cursors.first_visit(db))),
            messages=_messages(db, bare),
            audit=_audit(audit.verify(db)),
            unknown=(_OUTAGES,),
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
    day, last = bare.month, bare.until
    after = _since(db, bare, day)
    while due_at(day, time(), bare.zone) < last:
        before, after = after, _since(db, bare, day + _DAY)
        read, dropped = before[0] - after[0], before[1] - after[1]
        yield DayVolume(
            day=day,
            read=read,
            about_us=max(0, read - dropped),
            unread=unread[day],
            flagged=dict(flagged[day]),
        )
        day += _DAY


def _since(db: Session, bare: MonthFacts, day: date) -> tuple[int, int]:
    """How many mentions came in since a day began, and how many were dropped since then as not about us."""
    since = due_at(day, time(), bare.zone)
    return mentions.read_since(db, since), mentions.counts_by_reason(db, since).get(NOT_ABOUT_US, 0)


def _removal_asked(uses: Sequence[Action]) -> bool:
    removing = {route.id for route in books().routes if route.kind == "removal"}
    return any(one.sent_at and one.route in removing for one in uses)


def _told(db: Session, held: Sequence[Case]) -> dict[int, datetime]:
    """When a message of each case first went to the role that answers for it."""
    first = min((case.detected_at for case in held), default=None)
    owners, told = {case.id: owner_of(case) for case in held}, dict[int, datetime]()
    for line in ledger.lines(db, since=first) if first else ():
        for number in line.notice.cases:
            if line.sent_at and line.status in _ARRIVED and owners.get(number) == line.notice.role:
                told[number] = min(line.sent_at, told.get(number, line.sent_at))
    return told


def _clocks(
    office: Office, case: Case, uses: Sequence[Action], told_at: datetime | None
) -> tuple[Clock, ...]:
    reports = (one.sent_at for one in uses if one.route == "ico" and one.sent_at)
    return office.clocks(case, told_at=told_at, reported_at=min(reports, default=None))


def _sources(house: House, states: Sequence[SourceState], began: datetime | None) -> Iterator[SourceMonth]:
    known = {state.name: state for state in states}
    for name in house.readings:
        state = known.get(name)
        if state is None or state.last_try_at is None:
            yield SourceMonth(name=name, since=None)
            continue
        since = state.retired_at or state.failing_since
        kind = (
            "retired by the other side"
            if state.retired_at
            else "refused"
            if not state.error_temporary
            else "failed"
        )
        outages = (Outage(since=since, until=None, kind=kind),) if since else ()
        yield SourceMonth(name=name, since=began, outages=outages)


def _messages(db: Session, bare: MonthFacts) -> Messages:
    lines = [line for line in ledger.lines(db, since=bare.starts_at) if line.created_at < bare.until]
    ended = Counter(line.status for line in lines)
    return Messages(
        sent=ended["accepted"] + ended["acknowledged"] + ended["bounced"],
        late=sum(line.sent_at is not None and line.sent_at - line.created_at > _LATE for line in lines),
        refused=ended["refused"],
        bounced=ended["bounced"],
        waiting=ended["queued"],
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
