"""Days, hours and the digest's hour: when something of a local calendar falls due. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.worktime import Allowance, Calendar, Counting

DAY = timedelta(days=1)


class _Same:
    """A calendar as the key of a cache: by identity, as its days off cannot be hashed."""

    __slots__ = ("calendar",)

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def __hash__(self) -> int:
        return id(self.calendar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.calendar is self.calendar


def due_at(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant (UTC) of a local time of day.

    A time that the clock skips in spring comes as much later as the clock skips; of a time that comes twice
    in autumn the first counts (PEP 495, fold=0).
    """
    return datetime.combine(day, at, tz).astimezone(UTC)


def latest_due(now: datetime, at: time, tz: ZoneInfo) -> date:
    """The latest local day on which ``at`` has come by ``now``."""
    day = now.astimezone(tz).date()
    while due_at(day, at, tz) > now:
        day -= DAY
    return day


def works_on(day: date, calendar: Calendar) -> bool:
    """Whether anybody works on a local day."""
    return _works_on(day, _Same(calendar))


# The days of a few years: hundreds of open cases wait for the same mornings.
@lru_cache(maxsize=4096)
def _works_on(day: date, same: _Same) -> bool:
    calendar = same.calendar
    opening = calendar.next_open(due_at(day, time(), calendar.zone))
    return opening.astimezone(calendar.zone).date() == day


def next_morning(moment: datetime, at: time, calendar: Calendar) -> datetime:
    """The first time of day ``at`` on a working day that is not before a moment."""
    day = moment.astimezone(calendar.zone).date()
    while due_at(day, at, calendar.zone) < moment or not works_on(day, calendar):
        day += DAY
    return due_at(day, at, calendar.zone)


def last_morning(moment: datetime, at: time, calendar: Calendar) -> datetime:
    """The last time of day ``at`` on a working day that is not after a moment."""
    day = moment.astimezone(calendar.zone).date()
    while due_at(day, at, calendar.zone) > moment or not works_on(day, calendar):
        day -= DAY
    return due_at(day, at, calendar.zone)


def due(allowance: Allowance, start: datetime, calendar: Calendar) -> datetime:
    """When an allowance has run out, if it began at ``start``."""
    if allowance.counting is Counting.clock:
        return allowance.due(start, calendar)
    return _due(allowance, start, _Same(calendar))


# Each pass of the planner and of the auditor counts from the same starts.
@lru_cache(maxsize=16_384)
def _due(allowance: Allowance, start: datetime, same: _Same) -> datetime:
    return allowance.due(start, same.calendar)


def whole(allowance: Allowance, start: datetime, end: datetime, calendar: Calendar) -> int:
    """How many times an allowance surely fits between two moments, one after another; of working days none."""
    if end <= start or allowance.counting not in {Counting.clock, Counting.working_time}:
        return 0
    passed = end - start if allowance.counting is Counting.clock else calendar.between(start, end)
    return passed // allowance.amount


def first_working_day(day: date, calendar: Calendar) -> date:
    """The first working day of the month that a day lies in."""
    first = day.replace(day=1)
    return (
        next_morning(due_at(first, time(), calendar.zone), time(12), calendar)
        .astimezone(calendar.zone)
        .date()
    )


def stamp(moment: datetime) -> str:
    """A moment as it stands in a key: ``20261124T031500Z``. Later ones sort after earlier ones."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
