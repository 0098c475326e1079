"""The course of a case: everything that is to be told of it, step by step, whoever is there to be told. Pure.

A step belongs to a course (the repeats, one clock, the telling of one further role) and has a mark, which rises
along it. Told once, it is over with all that came before it in its course: what has changed meanwhile (the
roster, a rule, the severity) tells nothing anew, and what was slept through is told once.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count, pairwise

from alerts.moments import next_morning, stamp
from alerts.roster import Roster
from alerts.rules import Rules
from core.types import Case, CaseState
from core.work import Acknowledgement, Clock, Situation
from core.worktime import Allowance, Calendar

_ASIDE = frozenset({CaseState.closed, CaseState.on_hold, CaseState.diverted})
WEEKLY = Allowance.parse("7 days")
# The law's clock: nothing stops it, and it waits for no morning.
BREACH = "own_breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to be told of a case at a moment: to ``roles``, first of all to ``who`` (an id or a fingerprint)."""

    at: datetime
    name: str
    course: str
    mark: str
    roles: tuple[str, ...]
    why: str
    who: str = ""


@dataclass(frozen=True)
class Telling:
    """A situation read by the rules: all that its steps are worked out from."""

    situation: Situation
    roster: Roster
    rules: Rules
    calendar: Calendar

    @property
    def case(self) -> Case:
        """The case."""
        return self.situation.case

    @property
    def at_once(self) -> bool:
        """Whether it is told the moment something is due; else at the digest's hour of a working day."""
        return self.rules.at_once(self.case.severity)

    @cached_property
    def began(self) -> datetime:
        """When the case was found, grew graver or was opened again, whichever came last: as its clocks know it."""
        starts = (clock.starts_at for clock in self.situation.clocks if clock.name != BREACH)
        return max(starts, default=self.case.detected_at)

    @cached_property
    def exclude(self) -> Set[str]:
        """The ids of the members who must not be told: whom it names, and hr while a disclosure is locked."""
        accused = set(self.case.conflicts)
        if not self.locked:
            return accused
        named = set(self.case.recipients) - {"hr"}
        hr = {one.id for one in self.roster.holders("hr") if not named & set(one.roles)}
        # Where hr is all that is left it is told rather than the accused, or nobody.
        alone = len(self.roster.barred(accused | hr)) == len(self.roster.members)
        return accused if alone else accused | hr

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """The roles told first: those of the policy, with the deputy where one of those who decide is named."""
        named = self.case.recipients or ("governance",)
        if "conflict" in self.case.guards:
            named = (*named, "deputy")
        if self.locked:
            named = tuple(role for role in named if role != "hr") or ("speak_up",)
        return tuple(dict.fromkeys(named))

    @cached_property
    def chain(self) -> tuple[str, ...]:
        """The roles told next, one after another: each brings somebody who was not told before."""
        barred = self.roster.barred(self.exclude)
        told = {one.id for role in self.recipients for one in self.roster.holders(role)} | barred
        found: list[str] = []
        for role in self.rules.chain:
            held = {one.id for one in self.roster.holders(role)}
            if not held <= told and not (self.locked and role == "hr"):
                found.append(role)
                told |= held
        return tuple(found)

    @cached_property
    def noted(self) -> tuple[Acknowledgement, ...]:
        """Who took note of the case as it stands, oldest first; what somebody did who may not know of it is void."""
        barred = self.roster.barred(self.exclude)
        found = []
        for one in self.situation.acknowledged:
            member = self.roster.member(one.who)
            known = one.revision >= self.case.revision and one.at >= self.began
            if known and not (member and member.id in barred):
                found.append(one)
        return tuple(sorted(found, key=lambda one: (one.at, one.who)))

    @property
    def moved_at(self) -> datetime | None:
        """When a person last moved the case as it stands."""
        moved = self.case.work.moved_at
        return moved if moved and moved > self.began else None

    @cached_property
    def running(self) -> tuple[Clock, ...]:
        """The clocks that run: what is handed over or held keeps the law's alone, what is closed none."""
        clocks = (one for one in self.situation.clocks if one.met_at is None and not one.paused)
        if self.case.state is CaseState.closed:
            return ()
        return tuple(one for one in clocks if self.case.state not in _ASIDE or one.name == BREACH)

    @cached_property
    def name(self) -> str:
        """The case and its revision, as all its keys begin."""
        return f"case/{self.case.id}/r{self.case.revision}"

    def time_for(self, moment: datetime) -> datetime:
        """The moment itself, or for what is not told at once the next morning of work."""
        return moment if self.at_once else self.morning(moment)

    def morning(self, moment: datetime) -> datetime:
        """The digest's hour of the next working day."""
        return next_morning(moment, self.rules.digest_at, self.calendar)

    @property
    def locked(self) -> bool:
        """Whether it may be a worker's disclosure, which nobody has released yet: hr is not told."""
        return "speak_up" in self.case.guards and self.case.work.released_at is None


def steps(telling: Telling, until: datetime) -> list[Step]:
    """Every step of a case up to a moment, in order of time."""
    found: list[Step] = []
    state = telling.case.state
    if state is CaseState.on_hold:
        found += _held(telling, until)
    elif state not in _ASIDE:
        found += _open(telling, until)
    for clock in telling.running:
        found += _clock(telling, clock, until)
    found = [step for step in found if step.at <= until]
    return sorted(found, key=lambda step: (step.at, step.course, step.mark))


def _open(telling: Telling, until: datetime) -> Iterator[Step]:
    taken = telling.noted or telling.moved_at
    if telling.at_once:
        grown = telling.case.revision > 1
        why = f"{telling.case.severity} is told at once ({telling.rules.immediate_from} or graver)"
        more = f"; the case has grown graver (revision {telling.case.revision})" if grown else ""
        yield _step(telling, telling.began, "first", telling.recipients, why + more, mark="1")
        if not taken:
            yield from _unanswered(telling, until)
    if telling.noted and not telling.moved_at:
        yield from _idle(telling, telling.noted[-1], until)
    elif not telling.running and (taken or not telling.at_once):
        yield from _stalled(telling, until)


def _unanswered(telling: Telling, until: datetime) -> Iterator[Step]:
    """Told again and again, and to one role more after another, until somebody takes note."""
    pace, further, at = telling.rules.pace(telling.case.severity), list[tuple[datetime, str]](), telling.began
    for role in telling.chain:
        at = pace.escalate.due(at, telling.calendar)
        further.append((at, role))
        yield _step(
            telling,
            at,
            f"escalate/{role}",
            (role,),
            f"nobody has taken note yet: now told to {role} too",
            mark="1",
        )
    # Everybody was told by now: from here on it is slower, and never ends by itself.
    onward = at if further else pace.escalate.due(at, telling.calendar)
    at = pace.repeat.due(telling.began, telling.calendar)
    for number in count(1):
        if at > until:
            return
        told = tuple(role for when, role in further if when < at)
        roles = tuple(dict.fromkeys((*telling.recipients, *told)))
        yield _step(telling, at, "repeat", roles, f"nobody has taken note yet: told again, time {number}")
        at = (pace.repeat if at < onward else pace.onward).due(at, telling.calendar)


def _idle(telling: Telling, noted: Acknowledgement, until: datetime) -> Iterator[Step]:
    """Somebody took note and nobody has moved the case since."""
    why, idle = (
        "you took note of it, and nothing has been done since",
        telling.rules.pace(telling.case.severity).idle,
    )
    at = telling.time_for(idle.due(noted.at, telling.calendar))
    yield _step(telling, at, "reminder", (), why, who=noted.who)
    why = f"{noted.role} took note of it, and nothing has been done since"
    at = telling.time_for(idle.due(at, telling.calendar))
    while at <= until:
        yield _step(telling, at, "reminder", (noted.role, *telling.recipients), why, who=noted.who)
        at = telling.morning(at + timedelta(hours=12))


def _stalled(telling: Telling, until: datetime) -> Iterator[Step]:
    """No clock runs and nobody is asked for anything: even so the case must not be forgotten."""
    work = telling.case.work
    since = [telling.began, *(one.at for one in telling.noted)]
    since += [moment for moment in (work.moved_at, work.seen_at) if moment]
    why = f"the case is open and nothing has moved for {telling.rules.stalled}"
    yield from _every(telling, max(since), telling.rules.stalled, why, until)


def _held(telling: Telling, until: datetime) -> Iterator[Step]:
    """On hold nothing is asked for but to look whether the hold is still right."""
    work = telling.case.work
    if work.hold_until is None:
        since = work.moved_at or telling.began
        yield from _every(telling, since, WEEKLY, "on hold without an end", until)
        return
    at, why = telling.time_for(work.hold_until), "the hold ends: take it up again, or hold it on"
    while at <= until:
        yield _step(telling, at, "reminder", telling.recipients, why)
        at, why = telling.morning(at + timedelta(hours=12)), "the hold is over, and the case is still held"


def _every(telling: Telling, since: datetime, pace: Allowance, why: str, until: datetime) -> Iterator[Step]:
    at = telling.time_for(pace.due(since, telling.calendar))
    while at <= until:
        yield _step(telling, at, "reminder", telling.recipients, why)
        at = telling.time_for(pace.due(at, telling.calendar))


def _clock(telling: Telling, clock: Clock, until: datetime) -> Iterator[Step]:
    """Half, most and all of the time used up; then every working morning until it is met."""
    course = f"clock/{clock.name}/{stamp(clock.starts_at)}"
    name = clock.name.replace("_", " ")
    time_for = telling.time_for if clock.name != BREACH else lambda moment: moment
    marks = [
        (clock.half_at, "050", (clock.owner,), f"half of the time for {name} ({clock.allowance}) is used up"),
        (
            clock.most_at,
            "080",
            (clock.owner, "deputy"),
            f"80 % of the time for {name} ({clock.allowance}) is used up",
        ),
        (
            clock.due_at,
            "100",
            (clock.owner, "deputy", "governance"),
            f"{name} is overdue ({clock.allowance})",
        ),
    ]
    made = [
        _step(telling, time_for(at), course, _unlocked(telling, roles), why, mark=mark)
        for at, mark, roles, why in marks
    ]
    # Two that fall on one morning are one.
    yield from (one for one, after in pairwise(made) if one.at < after.at)
    yield made[-1]
    at = telling.morning(max(made[-1].at, clock.due_at) + timedelta(hours=1))
    while at <= until:
        day = at.astimezone(telling.calendar.zone).date()
        why = f"{name} is still overdue ({clock.allowance})"
        yield _step(telling, at, course, made[-1].roles, why, mark=f"100.{day.isoformat()}")
        at = telling.morning(at + timedelta(hours=12))


def _unlocked(telling: Telling, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The roles of a clock, without hr where hr must not know."""
    kept = [role for role in roles if not (telling.locked and role == "hr")]
    return tuple(dict.fromkeys(kept or telling.recipients[:1]))


def _step(
    telling: Telling,
    at: datetime,
    course: str,
    roles: tuple[str, ...],
    why: str,
    *,
    mark: str = "",
    who: str = "",
) -> Step:
    return Step(
        at=at,
        name=course.partition("/")[0],
        course=f"{telling.name}/{course}",
        mark=mark or stamp(at),
        roles=roles,
        why=why,
        who=who,
    )
