"""How the sources fare: what is watched, how often, what it brings, what was spent, and what is wrong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlmodel import Session

from alerts.arrivals import HISTORY, HOUR, Quiet, Span, unusually_quiet
from alerts.coverage import Coverage, coverage
from alerts.faults import Fault
from alerts.source_faults import canary_fault, quiet_fault, quiet_words
from connectors._terms import Terms
from core.types import SourceState
from core.work import Pause
from flows.reach import Reading, window
from flows.wiring import House
from storage import budgets, cursors, pauses, rates
from storage.engine import session

WEEK = timedelta(days=7)
# How long a canary may be out: it is planted each day, and a weekday's may be late.
CANARY_PATIENCE = timedelta(hours=30)
Hours = Mapping[str, Mapping[datetime, int]]
_READ: WeakKeyDictionary[House, tuple[datetime, Hours]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a key has spent of a budget in the window that ends at ``until``."""

    budget: str
    used: int
    units: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of one configured source; ``week`` is how many new mentions it brought in the last seven days."""

    reading: Reading
    state: SourceState
    coverage: Coverage
    week: int
    spent: tuple[Spent, ...]
    pause: Pause | None
    quiet: Quiet | None
    canary_late: bool

    @property
    def terms(self) -> Terms:
        """What must be kept to with its platform."""
        return self.reading.connector.TERMS


def health(house: House) -> list[Health]:
    """Every configured source, worst first."""
    now = house.now()
    with session(house.engine, read_only=True) as db:
        states = {state.name: state for state in cursors.states(db)}
        resting, silent = pauses.paused(db, now), quiet_sources(house, db)
        found = coverage(
            house.intervals,
            list(states.values()),
            now,
            paused=paused(house, db),
            doubts=doubts(house, db),
        )
        week, blind = rates.since(db, now - WEEK), _blind(db, now)
        return [
            Health(
                reading=house.readings[one.name],
                state=state,
                coverage=one,
                week=sum(week.get(one.name, {}).values()),
                spent=_spent(house, db, house.readings[one.name]),
                pause=resting.get(one.name),
                quiet=silent.get(one.name),
                canary_late=_out_since(house.readings[one.name], state, blind[one.name], now) is not None,
            )
            for one in found
            if one.name in house.readings
            for state in (states.get(one.name) or SourceState(name=one.name),)
        ]


def quiet_sources(house: House, db: Session) -> dict[str, Quiet]:
    """The sources that bring much less than they should, though nothing fails and nobody paused them."""
    now, hours, found = house.now(), _arrived(house, db), dict[str, Quiet]()
    for reading, state, blind in _well(house, db):
        if not reading.source.quiet_alarm or state.backfilled_at is None:
            continue
        quiet = unusually_quiet(
            hours.get(state.name, {}),
            watched_since=state.backfilled_at,
            now=now,
            zone=house.settings.zone,
            # What nobody has asked since it was last read cannot have answered.
            blind=[*blind, (state.last_ok_at or now, now)],
        )
        if quiet:
            found[state.name] = quiet
    return found


def paused(house: House, db: Session) -> dict[str, str]:
    """Why and until when sources are left alone, by name: for the statement of coverage."""
    return {
        name: f"paused until {pause.until.astimezone(house.settings.zone):%d %b %H:%M}: {pause.reason}"
        for name, pause in pauses.paused(db, house.now()).items()
    }


def doubts(house: House, db: Session) -> dict[str, str]:
    """Why less may be seen of sources than they hold, though none of them fails: silence, a canary that is out."""
    found = {name: quiet_words(quiet) for name, quiet in quiet_sources(house, db).items()}
    late = "its canary has not come out at the end for over a day"
    return found | {state.name: late for state, _ in _late_canaries(house, db)}


def source_faults(house: House, db: Session) -> list[Fault]:
    """The sources that are silent, or whose canary is out, as faults to be told; not those that somebody paused."""
    zone, answered = house.settings.zone, {one.name: one.answered_at for one in cursors.states(db)}
    found = [
        quiet_fault(name, quiet, answered[name], zone) for name, quiet in quiet_sources(house, db).items()
    ]
    late = [
        canary_fault(state.name, since, state.canary_at, zone) for state, since in _late_canaries(house, db)
    ]
    return [*found, *late]


def to_be_told(house: House, db: Session) -> tuple[list[SourceState], dict[str, timedelta]]:
    """The states of the sources, and the intervals of those of which somebody is told that they fail or are forgotten.

    Not of those that are paused. Whoever ended a pause, or its end, is as good as a visit: what was not visited in it
    was not forgotten.
    """
    now = house.now()
    resting, rested = pauses.paused(db, now), pauses.since(db, now - HISTORY)
    states = [
        replace(one, last_try_at=max(one.last_try_at, min(rested[one.name].until, now)))
        if one.last_try_at and one.name in rested
        else one
        for one in cursors.states(db)
    ]
    return states, {name: every for name, every in house.intervals.items() if name not in resting}


def _well(house: House, db: Session) -> Iterator[tuple[Reading, SourceState, list[Span]]]:
    """The configured sources that neither fail nor are gone nor paused, and when they were not read before."""
    now = house.now()
    resting, blind = pauses.paused(db, now), _blind(db, now)
    for state in cursors.states(db):
        reading = house.readings.get(state.name)
        if reading and not (state.failing_since or state.retired_at or state.name in resting):
            yield reading, state, blind[state.name]


def _blind(db: Session, now: datetime) -> dict[str, list[Span]]:
    """The spans in which each source failed or was paused, as far back as rates are made of."""
    found: dict[str, list[Span]] = defaultdict(list)
    for outage in cursors.outages(db, now - HISTORY):
        found[outage.source].append((outage.began, outage.ended or now))
    for name, pause in pauses.since(db, now - HISTORY).items():
        found[name].append((pause.at, min(pause.until, now)))
    return found


def _late_canaries(house: House, db: Session) -> list[tuple[SourceState, datetime]]:
    """The sources whose canary is out, and since when."""
    return [
        (state, since)
        for reading, state, blind in _well(house, db)
        if (since := _out_since(reading, state, blind, house.now()))
    ]


def _out_since(reading: Reading, state: SourceState, blind: Sequence[Span], now: datetime) -> datetime | None:
    """Since when the canary that is planted at a source is out, if for too long; while it was not read says nothing."""
    last = state.canary_at or state.backfilled_at
    if not reading.source.canary or last is None:
        return None
    since = max([last, *(ended for _, ended in blind)])
    return since if now - since > CANARY_PATIENCE else None


def _arrived(house: House, db: Session) -> Hours:
    """The new mentions of each hour by source, read once for all that one pass tells: hours that are over stay so."""
    step = house.now().replace(second=0, microsecond=0)
    if _READ.get(house, (None,))[0] != step:
        _READ[house] = step, rates.since(db, step - HISTORY - HOUR)
    return _READ[house][1]


def _spent(house: House, db: Session, reading: Reading) -> tuple[Spent, ...]:
    now = house.now()
    found = []
    for name, budget in house.reach.budgets(reading).items():
        start, end = window(budget, now)
        used = budgets.used(db, f"{reading.key}.{name}", start)
        found.append(Spent(budget=name, used=used, units=budget.units, until=end))
    return tuple(found)
