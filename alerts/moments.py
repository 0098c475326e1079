"""Days, hours and the digest's hour: when something of a local calendar falls due. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.worktime import Calendar

DAY = timedelta(days=1)


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
    opening = calendar.next_open(due_at(day, time(), calendar.zone))
    return opening.astimezone(calendar.zone).date() == day


def next_morning(moment: datetime, at: time, calendar: Calendar) -> datetime:
    """The first time of day ``at`` on a working day that is not before a moment."""
    day = moment.astimezone(calendar.zone).date()
    while due_at(day, at, calendar.zone) < moment or not works_on(day, calendar):
        day += DAY
    return due_at(day, at, calendar.zone)


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
