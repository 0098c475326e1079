"""What a digest says to one role: what waits, what is new, open, gone and closed, and what was watched (pure).

Governance is told of every case, safeguarding and the other roles of those that concern them (the rest is
counted), an operator of sources, messages and the machine, and of cases nothing but how many there are.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.board.month import Totals
from alerts.board.times import Response, responses
from alerts.caseload import Caseload, concerns, run_out, running, unread
from alerts.coverage import Coverage, Watch
from alerts.trend import DayCounts
from core.types import Case, CaseState, Severity
from core.work import Clock, Silence, Situation

AGES: tuple[tuple[str, int | None], ...] = (
    ("Found more than 7 days ago", None),
    ("Found 3 to 7 days ago", 7),
    ("Found yesterday or the day before", 2),
    ("Found today", 0),
)
_LONGEST = 3


class Span(StrEnum):
    """What a digest covers."""

    day = "day"
    week = "week"
    month = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What came in since the last digest.

    Of the mentions ``read``, ``dropped`` were not kept by the organisation's query, ``flagged`` opened or joined
    a case, and ``left_alone`` spoke of the organisation and broke no rule. ``unassessed`` are all that nobody has
    judged by now.
    """

    read: int = 0
    dropped: int = 0
    flagged: int = 0
    left_alone: int = 0
    unassessed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of the messages since the last digest.

    Servers ``accepted`` some, a part of them ``late``; some were ``refused`` for good, some ``bounced`` after they
    had been accepted; recipients ``acknowledged`` some; and so many are ``queued`` by now.
    """

    accepted: int = 0
    late: int = 0
    refused: int = 0
    bounced: int = 0
    acknowledged: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """The machine: what each source was watched for, what came in, what was sent.

    ``trend`` holds the last days, oldest first and ending yesterday, ``before`` the totals of the span before.
    """

    coverage: Sequence[Coverage] = ()
    counts: Counts = field(default_factory=Counts)
    sent: Sent = field(default_factory=Sent)
    trend: Sequence[DayCounts] = ()
    before: Totals | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseGroup:
    """Cases under one heading, in the order in which they are shown."""

    name: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A case and the clock of it that runs out next, or ran out first."""

    case: Case
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One digest for one role: ``since`` is from when it covers, None for the first one.

    ``new`` and ``open`` hold what concerns the role, ``elsewhere`` what is open and does not. ``waiting`` are cases
    on whose clocks this role answers, or that the reader has taken, by due time; ``overdue`` those of others.
    ``unread`` are open cases of which the machine made nothing, ``gone`` those whose post is verified to be removed,
    ``deleted`` those of which a source has said since that a copy is gone.
    """

    day: date
    role: str
    span: Span
    since: datetime | None
    now: datetime
    tz: ZoneInfo
    new: tuple[CaseGroup, ...]
    open: tuple[CaseGroup, ...]
    elsewhere: tuple[Case, ...]
    waiting: tuple[Due, ...]
    overdue: tuple[Due, ...]
    unread: tuple[Case, ...]
    gone: tuple[Case, ...]
    deleted: tuple[Case, ...]
    closed: tuple[Case, ...]
    silences: tuple[tuple[Silence, int], ...]
    samples_waiting: int
    watching: Watching
    responses: tuple[Response, ...] = ()

    @property
    def coverage(self) -> Sequence[Coverage]:
        """What was watched, worst first."""
        return self.watching.coverage

    @property
    def new_cases(self) -> tuple[Case, ...]:
        """The new cases that concern the role, gravest first."""
        return tuple(case for group in self.new for case in group.cases)

    @property
    def open_cases(self) -> tuple[Case, ...]:
        """The open cases that concern the role, oldest first."""
        return tuple(case for group in self.open for case in group.cases)

    @property
    def new_count(self) -> int:
        """How many cases are new since the last digest."""
        return len(self.new_cases)

    @property
    def open_count(self) -> int:
        """How many cases are open."""
        return len(self.open_cases)

    @property
    def overdue_count(self) -> int:
        """How many cases have a clock that has run out, the reader's own among them."""
        return len(self.overdue) + sum(run_out(due.clock, self.now) for due in self.waiting)

    @property
    def longest(self) -> tuple[Case, ...]:
        """The cases that have been open for longest."""
        return tuple(sorted(self.open_cases, key=lambda case: (case.detected_at, case.id))[:_LONGEST])

    @property
    def labels(self) -> tuple[tuple[str, int], ...]:
        """The labels of the new cases, commonest first."""
        return tuple(Counter(label for case in self.new_cases for label in case.labels).most_common())

    @property
    def totals(self) -> Totals:
        """The span in numbers, to compare with the one before."""
        counts = self.watching.counts
        met = sum(row.met_in_time for row in self.responses)
        settled = met + sum(row.late for row in self.responses)
        return Totals(
            read=counts.read,
            about_us=counts.read - counts.dropped,
            flagged=counts.flagged,
            cases=self.new_count,
            on_time=met / settled if settled else None,
        )

    def sources(self, watch: Watch) -> int:
        """How many sources are covered this way."""
        return sum(source.watch is watch for source in self.coverage)


def compose(
    day: date,
    role: str,
    cases: Caseload,
    watching: Watching,
    *,
    since: datetime | None,
    now: datetime,
    tz: ZoneInfo,
    span: Span = Span.day,
    members: Set[str] = frozenset(),
) -> Digest:
    """The digest of a day, or of the span that ends on it: new cases by severity, open ones by age in local days.

    ``cases`` are those that the reader may know of (see ``known_to``), ``members`` the ids of those who read this
    mailbox: what they have taken waits for them.
    """
    new, opened, closed = (_unique(some) for some in (cases.new, cases.open, cases.closed))
    opened = [one for one in opened if one.case.state is not CaseState.closed]
    mine = [one for one in opened if concerns(one.case, role)]
    waiting = [due for one in opened for due in _due(one, role, members)]
    waits = {due.case.id for due in waiting}
    late = [due for one in mine if one.case.id not in waits for due in _late(one, now)]
    every = _unique((*opened, *closed, *new))
    known = [one.case for one in every if concerns(one.case, role)]
    first = since or min((one.case.detected_at for one in every), default=now)
    return Digest(
        day=day,
        role=role,
        span=span,
        since=since,
        now=now,
        tz=tz,
        new=_by_severity([one.case for one in new if concerns(one.case, role)]),
        open=_by_age([one.case for one in mine], now, tz),
        elsewhere=tuple(one.case for one in opened if not concerns(one.case, role)),
        waiting=_in_time(waiting),
        overdue=_in_time(late),
        unread=tuple(one.case for one in mine if unread(one.case)),
        gone=tuple(case for case in known if case.work.gone_at and first <= case.work.gone_at <= now),
        deleted=tuple(case for case in known if _deleted_between(case, first, now)),
        closed=tuple(one.case for one in closed if concerns(one.case, role)),
        silences=tuple(cases.silences),
        samples_waiting=cases.samples_waiting,
        watching=watching,
        responses=responses(every, first, now, now) if span is not Span.day else (),
    )


def _deleted_between(case: Case, first: datetime, last: datetime) -> bool:
    return any(copy.deleted_at and first <= copy.deleted_at <= last for copy in case.copies)


def _due(one: Situation, role: str, members: Set[str]) -> list[Due]:
    """The clock that this reader must meet next, if any: by the role, or because one of them has taken the case."""
    taken = one.case.work.assignee in members
    clocks = [clock for clock in running(one) if taken or clock.owner == role]
    return [Due(case=one.case, clock=min(clocks, key=lambda clock: clock.due_at))] if clocks else []


def _late(one: Situation, now: datetime) -> list[Due]:
    late = [clock for clock in running(one) if run_out(clock, now)]
    return [Due(case=one.case, clock=min(late, key=lambda clock: clock.due_at))] if late else []


def _in_time(dues: Iterable[Due]) -> tuple[Due, ...]:
    return tuple(sorted(dues, key=lambda due: (due.clock.due_at, -due.case.severity, due.case.id)))


def _unique(situations: Iterable[Situation]) -> list[Situation]:
    by_id = {one.case.id: one for one in situations}
    return sorted(by_id.values(), key=lambda one: (one.case.detected_at, one.case.id))


def _by_severity(cases: Sequence[Case]) -> tuple[CaseGroup, ...]:
    groups = (
        CaseGroup(name=str(severity).capitalize(), cases=tuple(c for c in cases if c.severity is severity))
        for severity in sorted(Severity, reverse=True)
    )
    return tuple(group for group in groups if group.cases)


def _by_age(cases: Sequence[Case], now: datetime, tz: ZoneInfo) -> tuple[CaseGroup, ...]:
    today = now.astimezone(tz).date()
    ages = [(today - case.detected_at.astimezone(tz).date()).days for case in cases]
    groups, above = [], None
    for name, most in reversed(AGES):
        fits = [
            case
            for case, age in zip(cases, ages, strict=True)
            if (above is None or age > above) and (most is None or age <= most)
        ]
        groups.append(CaseGroup(name=name, cases=tuple(fits)))
        above = most
    return tuple(group for group in reversed(groups) if group.cases)
