"""The month in numbers, for the board: MonthFacts -> compose -> MonthReport (pure).

Counts, shares and hours only. Who wrote or decided anything, and what was written, is not asked for.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.board.month import AuditFinding, DayVolume, Messages, MonthFacts, Recall, Totals
from alerts.board.times import Response, Uptime, hours, responses, spread, uptime
from alerts.words.phrases import one_line
from core.types import Case, CaseState, Severity
from core.vocabulary import LABELS

# A long gap between the machine's finding and a person's confirmation is itself a finding.
LONG_GAP = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A day, or the days of a week within the month: mentions read, about us, flagged, unread by the machine."""

    first: date
    last: date
    read: int
    about_us: int
    flagged: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFlags:
    """How many mentions were flagged on one day, by name of severity."""

    day: date
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCount:
    """Of the cases found in the month: those bearing a label, of them decided, of these upheld by a person."""

    label: str
    found: int
    decided: int
    upheld: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseCount:
    """How many cases of the month stand under a clause of the policy, which is given in our words."""

    clause: str
    paraphrase: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many cases there are of one kind."""

    name: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """From the machine's finding to a person's confirmation, in hours; ``long`` took more than three days."""

    number: int
    median: float
    nine_in_ten: float
    worst: float
    long: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Criticism:
    """What was left alone: cases of criticism without a removal asked, and mentions about us not flagged."""

    cases: int
    left_alone: int
    unflagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakUp:
    """Cases that may be a worker's disclosure, and of them those whose routes a reviewer has opened."""

    cases: int
    released: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """One month. ``until`` is up to when it covers; moments are UTC, days local, spans in hours.

    Cases *found* were detected in the month; ``opened_before`` were open when it began. Labels, clauses,
    severities and guards are those of the cases found. Outcomes are those of the cases closed in the month.
    """

    month: date
    organisation: str
    generated_at: datetime
    until: datetime
    complete: bool
    total: Volume
    weeks: tuple[Volume, ...]
    days: tuple[DayFlags, ...]
    found: int
    opened_before: int
    closed: int
    still_open: int
    severities: tuple[Count, ...]
    labels: tuple[LabelCount, ...]
    clauses: tuple[ClauseCount, ...]
    responses: tuple[Response, ...]
    confirmation: Gap | None
    own_breaches: int
    outcomes: tuple[Count, ...]
    criticism: Criticism
    speak_up: SpeakUp
    conflicts: int
    silences: int
    silenced: int | None
    recall: Recall | None
    sources: tuple[Uptime, ...]
    messages: Messages
    audit: tuple[AuditFinding, ...]
    before: Totals | None
    unknown: tuple[str, ...]

    @property
    def clocks(self) -> int:
        """How many service levels were settled: met or run out."""
        return sum(row.met_in_time + row.late for row in self.responses)

    @property
    def late(self) -> int:
        """How many service levels ran out before they were met."""
        return sum(row.late for row in self.responses)


def compose(facts: MonthFacts) -> MonthReport:
    """The report of a month; the same facts give the same report. An empty month is a report too.

    Raises ValueError for a month that has not begun.
    """
    if facts.generated_at <= facts.starts_at:
        raise ValueError(f"{facts.month:%B %Y} has not begun, so there is nothing to report yet")
    cases = [situation.case for situation in facts.situations]
    found = [case for case in cases if facts.starts_at <= case.detected_at < facts.until]
    days = _every_day(facts)
    total = _volume(days, facts.month, days[-1].day)
    return MonthReport(
        month=facts.month,
        organisation=one_line(facts.organisation, 120),
        generated_at=facts.generated_at,
        until=facts.until,
        complete=facts.generated_at >= facts.ends_at,
        total=total,
        weeks=_weeks(days),
        days=tuple(_flags(day) for day in days),
        found=len(found),
        opened_before=sum(case.detected_at < facts.starts_at for case in cases),
        closed=len(_closed(cases, facts)),
        still_open=sum(_open_at(case, facts.until) for case in cases),
        severities=_severities(found),
        labels=_labels(found),
        clauses=_clauses(found, facts.paraphrases),
        responses=responses(facts.situations, facts.starts_at, facts.until, facts.generated_at),
        confirmation=_confirmation(found),
        own_breaches=sum(case.work.own_breach is True for case in found),
        outcomes=_outcomes(_closed(cases, facts)),
        criticism=_criticism(found, facts.removal_asked, unflagged=max(0, total.about_us - total.flagged)),
        speak_up=_speak_up(found),
        conflicts=sum("conflict" in case.guards for case in found),
        silences=len(facts.silences),
        silenced=facts.silenced,
        recall=facts.recall,
        sources=_sources(facts),
        messages=facts.messages,
        audit=tuple(AuditFinding(what=one_line(one.what, 200), count=one.count) for one in facts.audit),
        before=facts.before,
        unknown=tuple(one_line(sentence) for sentence in facts.unknown),
    )


def _every_day(facts: MonthFacts) -> list[DayVolume]:
    """Each day that the report covers, in order; those on which nothing came in are empty ones."""
    known = {volume.day: volume for volume in facts.days}
    last = max(facts.month, (facts.until - timedelta(microseconds=1)).astimezone(facts.zone).date())
    days = (facts.month + timedelta(days=n) for n in range((last - facts.month).days + 1))
    return [known.get(day) or DayVolume(day=day) for day in days]


def _weeks(days: Sequence[DayVolume]) -> tuple[Volume, ...]:
    weeks: dict[date, list[DayVolume]] = {}
    for volume in days:
        weeks.setdefault(volume.day - timedelta(days=volume.day.weekday()), []).append(volume)
    return tuple(_volume(week, week[0].day, week[-1].day) for week in weeks.values())


def _volume(days: Sequence[DayVolume], first: date, last: date) -> Volume:
    return Volume(
        first=first,
        last=last,
        read=sum(day.read for day in days),
        about_us=sum(day.about_us for day in days),
        flagged=sum(sum(day.flagged.values()) for day in days),
        unread=sum(day.unread for day in days),
    )


def _flags(volume: DayVolume) -> DayFlags:
    return DayFlags(
        day=volume.day, counts={str(level): n for level, n in sorted(volume.flagged.items()) if n}
    )


def _closed(cases: Sequence[Case], facts: MonthFacts) -> list[Case]:
    return [c for c in cases if c.work.closed_at and facts.starts_at <= c.work.closed_at < facts.until]


def _open_at(case: Case, moment: datetime) -> bool:
    if case.detected_at >= moment:
        return False
    return case.state is not CaseState.closed or (case.work.closed_at or case.detected_at) >= moment


def _severities(found: Sequence[Case]) -> tuple[Count, ...]:
    """All of them, gravest first; that of no label only where a case has it."""
    numbers = Counter(case.severity for case in found)
    levels = sorted(Severity, reverse=True)
    return tuple(
        Count(name=str(level), cases=numbers[level])
        for level in levels
        if level is not Severity.none or numbers[level]
    )


def _labels(found: Sequence[Case]) -> tuple[LabelCount, ...]:
    """Those that any case bears, commonest first."""
    rows = []
    for label in LABELS:
        bearing = [case for case in found if label in case.labels]
        upheld = [case.work.upheld for case in bearing if case.work.upheld is not None]
        rows.append(
            LabelCount(
                label=label,
                found=len(bearing),
                decided=len(upheld),
                upheld=sum(label in labels for labels in upheld),
            )
        )
    return tuple(sorted((row for row in rows if row.found), key=lambda row: -row.found))


def _clauses(found: Iterable[Case], paraphrases: Mapping[str, str]) -> tuple[ClauseCount, ...]:
    counts = Counter(clause for case in found for clause in dict.fromkeys(case.clauses))
    return tuple(
        ClauseCount(
            clause=one_line(clause, 40),
            paraphrase=one_line(paraphrases.get(clause, "no longer in the policy pack"), 300),
            cases=number,
        )
        for clause, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _outcomes(closed: Iterable[Case]) -> tuple[Count, ...]:
    counts = Counter(
        one_line(case.work.outcome.replace("_", " "), 60) or "no outcome recorded" for case in closed
    )
    return tuple(Count(name=name, cases=n) for name, n in sorted(counts.items(), key=lambda i: (-i[1], i[0])))


def _criticism(found: Iterable[Case], removal_asked: Set[int], *, unflagged: int) -> Criticism:
    numbers = [case.id for case in found if "criticism" in case.guards]
    left_alone = sum(number not in removal_asked for number in numbers)
    return Criticism(cases=len(numbers), left_alone=left_alone, unflagged=unflagged)


def _speak_up(found: Iterable[Case]) -> SpeakUp:
    gated = [case for case in found if "speak_up" in case.guards]
    return SpeakUp(cases=len(gated), released=sum(case.work.released_at is not None for case in gated))


def _sources(facts: MonthFacts) -> tuple[Uptime, ...]:
    """The least watched first."""
    made = (uptime(source, facts.starts_at, facts.until) for source in facts.sources)
    return tuple(sorted(made, key=lambda source: (source.watched, source.name)))


def _confirmation(found: Iterable[Case]) -> Gap | None:
    gaps = [case.work.aware_at - case.detected_at for case in found if case.work.aware_at]
    if not gaps:
        return None
    median, nine_in_ten, worst = spread([hours(gap) for gap in gaps])
    long = sum(gap > LONG_GAP for gap in gaps)
    return Gap(number=len(gaps), median=median, nine_in_ten=nine_in_ten, worst=worst, long=long)
