"""How the sources fare: what is watched, how often, what it brings, what was spent, and what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from alerts.arrivals import HISTORY, Quiet, unusually_quiet
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
        covered = {
            one.name: one
            for one in coverage(
                house.intervals,
                list(states.values()),
                now,
                paused=paused(house, db),
                doubts=doubts(house, db),
            )
        }
        hours = rates.since(db, now - HISTORY)
        resting = pauses.paused(db, now)
        silent = quiet_sources(house, db)
        found = []
        for name, reading in house.readings.items():
            state = states.get(name) or SourceState(name=name)
            found.append(
                Health(
                    reading=reading,
                    state=state,
                    coverage=covered[name],
                    week=sum(new for hour, new in hours.get(name, {}).items() if hour >= now - WEEK),
                    spent=_spent(house, db, reading),
                    pause=resting.get(name),
                    quiet=silent.get(name),
                    canary_late=canary_late(reading, state, now),
                )
            )
    order = list(covered)
    return sorted(found, key=lambda one: order.index(one.reading.source.name))


def quiet_sources(house: House, db: Session) -> dict[str, Quiet]:
    """The sources that bring much less than they should, though nothing fails and nobody paused them."""
    now, hours = house.now(), rates.since(db, house.now() - HISTORY)
    resting = pauses.paused(db, now)
    found: dict[str, Quiet] = {}
    for state in cursors.states(db):
        reading = house.readings.get(state.name)
        ill = state.failing_since or state.retired_at or state.name in resting
        if reading is None or ill or not reading.source.quiet_alarm or state.backfilled_at is None:
            continue
        quiet = unusually_quiet(
            hours.get(state.name, {}), watched_since=state.backfilled_at, now=now, zone=house.settings.zone
        )
        if quiet:
            found[state.name] = quiet
    return found


def canary_late(reading: Reading, state: SourceState, now: datetime) -> bool:
    """Whether a canary is planted at a source and has not come out at the end for over a day."""
    since = state.canary_at or state.backfilled_at
    return bool(reading.source.canary) and since is not None and now - since > CANARY_PATIENCE


def paused(house: House, db: Session) -> dict[str, str]:
    """Why and until when sources are left alone, by name: for the statement of coverage."""
    return {
        name: f"paused until {pause.until.astimezone(house.settings.zone):%d %b %H:%M}: {pause.reason}"
        for name, pause in pauses.paused(db, house.now()).items()
    }


def doubts(house: House, db: Session) -> dict[str, str]:
    """Why less may be seen of sources than they hold, though none of them fails: silence, a canary that is out."""
    found = {name: quiet_words(quiet) for name, quiet in quiet_sources(house, db).items()}
    for state in cursors.states(db):
        reading = house.readings.get(state.name)
        if reading and canary_late(reading, state, house.now()):
            found[state.name] = "its canary has not come out at the end for over a day"
    return found


def source_faults(house: House, db: Session) -> list[Fault]:
    """The sources that are silent, or whose canary is out, as faults to be told; not those that somebody paused."""
    zone, now = house.settings.zone, house.now()
    found = [quiet_fault(name, quiet, zone) for name, quiet in quiet_sources(house, db).items()]
    resting = pauses.paused(db, now)
    for state in cursors.states(db):
        reading, since = house.readings.get(state.name), state.canary_at or state.backfilled_at
        if reading and since and state.name not in resting and canary_late(reading, state, now):
            found.append(canary_fault(state.name, since, zone))
    return found


def _spent(house: House, db: Session, reading: Reading) -> tuple[Spent, ...]:
    now = house.now()
    found = []
    for name, budget in house.reach.budgets(reading).items():
        start, end = window(budget, now)
        used = budgets.used(db, f"{reading.key}.{name}", start)
        found.append(Spent(budget=name, used=used, units=budget.units, until=end))
    return tuple(found)
