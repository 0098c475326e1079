"""The clocks of a case in words: what each asks for, by when, and what is left (pure)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.caseload import run_out, running
from alerts.words.phrases import due_words, one_line, role_words, span_words
from core.work import Clock, Situation

_NAMES = {
    "first_eyes": "first human eyes",
    "owner_told": "owner told",
    "first_route": "first route sent",
    "own_breach": "own breach reported",
}
_DISCREET = {"own_breach": "time limit of the law"}


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock: ``tone`` names a colour, and ``words`` say the same."""

    name: str
    words: str
    owner: str
    tone: str


def clock_name(name: str, discreet: bool) -> str:
    """What a clock asks for; ``discreet`` where its name alone would tell what the case is about."""
    names = {**_NAMES, **_DISCREET} if discreet else _NAMES
    return names.get(name) or one_line(name.replace("_", " "), 40)


def clock_words(clock: Clock, now: datetime, tz: ZoneInfo) -> str:
    """``by 14:20 today, 35 minutes left``, or by when it was met or due."""
    due = due_words(clock.due_at, now, tz)
    if clock.met_at:
        late = clock.met_at - clock.due_at
        return "done in time" if clock.met_at <= clock.due_at else f"done, {span_words(late)} late"
    if clock.paused:
        return f"paused while it is on hold; it was due by {due}"
    if run_out(clock, now):
        return f"overdue by {span_words(now - clock.due_at)}, since {due}"
    return f"by {due}, {span_words(clock.due_at - now)} left"


def tone(clock: Clock, now: datetime) -> str:
    """Red for overdue, amber once four fifths are used up."""
    if clock.met_at or clock.paused:
        return "muted"
    if run_out(clock, now):
        return "bad"
    return "warn" if now >= clock.most_at else "text"


def clock_rows(situation: Situation, now: datetime, tz: ZoneInfo, discreet: bool) -> tuple[ClockRow, ...]:
    """The clocks of a case, those that still run first, by due time."""
    order = sorted(situation.clocks, key=lambda one: (one.met_at is not None, one.due_at, one.name))
    return tuple(
        ClockRow(
            name=clock_name(one.name, discreet),
            words=clock_words(one, now, tz),
            owner=role_words(one.owner),
            tone=tone(one, now),
        )
        for one in order
    )


def next_clock(situation: Situation) -> Clock | None:
    """The clock that somebody must meet next, or that ran out first."""
    return min(running(situation), key=lambda one: one.due_at, default=None)
