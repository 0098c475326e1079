"""The course of a case: everything that is to be told of it, step by step, whoever is there to be told. Pure.

A step belongs to a course (the repeats, one clock, the telling of one further role) and has a mark, which rises
along it. Told once, it is over with all that came before it in its course: what has changed meanwhile (the
roster, a rule, the severity) tells nothing anew, and what was slept through is told once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.caseload import BREACH, deleted_at, set_aside
from alerts.moments import due, last_morning, stamp, whole
from alerts.telling import Telling
from core.types import CaseState, Severity
from core.work import Clock
from core.worktime import Allowance

WEEKLY = Allowance.parse("7 days")
_NIGHT = timedelta(hours=12)


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

    @property
    def breaks_silence(self) -> bool:
        """Whether no silence keeps it back: a clock that has run out, and all that the law's clock says."""
        return self.name == "clock" and (self.mark.startswith("100") or f"/{BREACH}/" in self.course)


def steps(telling: Telling, until: datetime, after: datetime | None = None) -> list[Step]:
    """Every step of a case up to a moment, in order of time.

    With ``after``, of the steps of a course up to then the last at least, and all later ones: a case may have lain
    open for months.
    """
    case, window = telling.case, _Window(telling, until, after)
    found: list[Step] = []
    if set_aside(case):
        found += _grown(telling)
        if case.state is CaseState.on_hold:
            found += _held(window)
    elif case.state is not CaseState.closed:
        found += _open(window)
    for clock in telling.running:
        found += _clock(window, clock)
    found = [step for step in found if step.at <= until]
    return sorted(found, key=lambda step: (step.at, step.course, step.mark))


@dataclass(frozen=True, slots=True)
class _Window:
    """From when to when the steps of a telling are wanted."""

    telling: Telling
    until: datetime
    after: datetime | None

    def daily(self, at: datetime) -> Iterator[datetime]:
        """A moment, and every working morning that follows its night."""
        yield at
        telling, at = self.telling, self.telling.morning(at + _NIGHT)
        if self.after and self.after > at:
            at = last_morning(self.after, telling.rules.digest_at, telling.calendar)
        while at <= self.until:
            yield at
            at = telling.morning(at + _NIGHT)

    def repeats(self, onward: datetime) -> Iterator[tuple[int, datetime]]:
        """When, and for which time, a case is told again that nobody takes note of: more slowly from ``onward`` on."""
        telling, calendar = self.telling, self.telling.calendar
        pace = telling.rules.pace(telling.case.severity)
        number, at = 1, due(pace.repeat, telling.began, calendar)
        while at <= self.until:
            early = at < onward
            allowance = pace.repeat if early else pace.onward
            before = min(self.after, onward) if self.after and early else self.after
            if before and (passed := whole(allowance, at, before, calendar)):
                number += passed
                at = replace(allowance, amount=allowance.amount * passed).due(at, calendar)
            else:
                yield number, at
                number, at = number + 1, due(allowance, at, calendar)


def _open(window: _Window) -> Iterator[Step]:
    telling = window.telling
    taken = telling.noted or telling.moved_at
    if telling.at_once:
        yield _first(telling)
        if not taken:
            yield from _unanswered(window)
    elif telling.apart:
        yield _later(telling)
    yield from _deleted(telling)
    if telling.noted and not telling.moved_at:
        yield from _idle(window)
    elif not telling.running and (taken or not telling.at_once):
        yield from _stalled(window)
    if telling.case.state is CaseState.on_hold:
        yield from _held(window)


def _first(telling: Telling) -> Step:
    grown = telling.case.revision > 1
    why = f"{telling.case.severity} is told at once ({telling.rules.immediate_from} or graver)"
    more = f"; the case has changed or grown graver (revision {telling.case.revision})" if grown else ""
    return _step(telling, telling.began, "first", telling.recipients, why + more, mark="1")


def _later(telling: Telling) -> Step:
    """What is not told at once stands in the digest; whom the policy names and no digest reaches hears of it apart.

    The next morning of work, of what is low the week after (domain guide: default service levels), but for what may
    be a worker's disclosure, which waits for nobody.
    """
    weekly = telling.case.severity <= Severity.low and not telling.locked
    at = telling.next_week(telling.began) if weekly else telling.morning(telling.began)
    why = f"{telling.case.severity} is told by digest, which does not go to everybody whom the policy names"
    return _step(telling, at, "first", telling.apart, why, mark="1")


def _grown(telling: Telling) -> Iterator[Step]:
    """Of what is held or handed over, a later revision is told all the same: it may have new people to tell."""
    if telling.at_once and telling.case.revision > 1:
        yield _first(telling)


def _unanswered(window: _Window) -> Iterator[Step]:
    """Told again and again, and to one role more after another, until somebody takes note."""
    telling, further = window.telling, list[tuple[datetime, str]]()
    pace, at = telling.rules.pace(telling.case.severity), telling.began
    for role in telling.chain:
        at = due(pace.escalate, at, telling.calendar)
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
    onward = at if further else due(pace.escalate, at, telling.calendar)
    for number, moment in window.repeats(onward):
        told = tuple(role for when, role in further if when < moment)
        roles = tuple(dict.fromkeys((*telling.recipients, *told)))
        yield _step(telling, moment, "repeat", roles, f"nobody has taken note yet: told again, time {number}")


def _idle(window: _Window) -> Iterator[Step]:
    """Somebody took note and nobody has moved the case since.

    The waits run from the first who did: taking note of a reminder asks for no further one soon.
    """
    telling = window.telling
    first, noted = telling.noted[0], telling.noted[-1]
    idle = telling.rules.pace(telling.case.severity).idle
    why = "you took note of it, and nothing has been done since"
    at = telling.time_for(due(idle, max(first.at, telling.began), telling.calendar))
    yield _step(telling, at, "reminder", (), why, who=noted.who)
    why = f"{noted.role} took note of it, and nothing has been done since"
    for moment in window.daily(telling.time_for(due(idle, at, telling.calendar))):
        yield _step(telling, moment, "reminder", (noted.role, *telling.recipients), why, who=noted.who)


def _deleted(telling: Telling) -> Iterator[Step]:
    """The sources say that it is gone everywhere: whoever works the case need not ask for it, but must look."""
    at = deleted_at(telling.case)
    if at is not None:
        why = "every source says that it is deleted there: see whether it is, and whether copies are left"
        yield _step(telling, telling.time_for(at), "deleted", telling.recipients, why)


def _stalled(window: _Window) -> Iterator[Step]:
    """No clock runs and nobody is asked for anything: even so the case must not be forgotten."""
    telling, work = window.telling, window.telling.case.work
    since = [telling.began, *(one.at for one in telling.noted)]
    since += [moment for moment in (work.moved_at, work.seen_at) if moment]
    why = f"the case is open and nothing has moved for {telling.rules.stalled}"
    yield from _every(window, max(since), telling.rules.stalled, why)


def _held(window: _Window) -> Iterator[Step]:
    """On hold nothing is asked for but to look whether the hold is still right."""
    telling, work = window.telling, window.telling.case.work
    if work.hold_until is None:
        since = work.moved_at or telling.began
        yield from _every(window, since, WEEKLY, "on hold without an end")
        return
    why = "the hold ends: take it up again, or hold it on"
    for moment in window.daily(telling.time_for(work.hold_until)):
        yield _step(telling, moment, "reminder", telling.recipients, why)
        why = "the hold is over, and the case is still held"


def _every(window: _Window, since: datetime, pace: Allowance, why: str) -> Iterator[Step]:
    telling = window.telling
    at = telling.time_for(due(pace, since, telling.calendar))
    while at <= window.until:
        yield _step(telling, at, "reminder", telling.recipients, why)
        at = telling.time_for(due(pace, at, telling.calendar))


def _clock(window: _Window, clock: Clock) -> Iterator[Step]:
    """Half, most and all of the time used up; then every working morning until it is met."""
    telling, name = window.telling, clock.name.replace("_", " ")
    course = f"clock/{clock.name}/{stamp(clock.starts_at)}"
    used_up = f"of the time for {name} ({clock.allowance}) is used up"
    marks = (
        (clock.half_at, "050", (clock.owner,), f"half {used_up}"),
        (clock.most_at, "080", (clock.owner, "deputy"), f"80 % {used_up}"),
        (
            clock.due_at,
            "100",
            (clock.owner, "deputy", "governance"),
            f"{name} is overdue ({clock.allowance})",
        ),
    )
    made = [
        _step(
            telling,
            at if clock.name == BREACH else telling.time_for(at),
            course,
            _unlocked(telling, roles),
            why,
            mark=mark,
        )
        for at, mark, roles, why in marks
    ]
    # Two that fall on one morning are one.
    yield from (one for one, after in pairwise(made) if one.at < after.at)
    yield made[-1]
    why, roles = f"{name} is still overdue ({clock.allowance})", made[-1].roles
    for at in window.daily(telling.morning(max(made[-1].at, clock.due_at) + timedelta(hours=1))):
        day = at.astimezone(telling.calendar.zone).date()
        yield _step(telling, at, course, roles, why, mark=f"100.{day.isoformat()}")


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
