"""Time as people who work count it: working hours, working days and bank holidays beside the plain clock.

The days come from ``holidays``, which is kept up by many. The arithmetic is ours: businesstimedelta, the library
for it, has had no release since 2019 and adds wall-clock time over a change of the clocks. Here an opening is turned
into two moments of UTC first, so that an hour is an hour on every day.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from core.hours import Hours

Nation = Literal["England", "Wales", "Scotland", "Northern Ireland"]
NATIONS: dict[str, str] = {"England": "ENG", "Wales": "WLS", "Scotland": "SCT", "Northern Ireland": "NIR"}
# A calendar that is shut for longer never opens again, as far as anybody cares.
LONGEST_BREAK = 400
_DAY = timedelta(days=1)


def bank_holidays(nation: Nation, closed: Iterable[date] = ()) -> Container[date]:
    """The bank holidays of one nation of the United Kingdom in any year, and the days that are ``closed`` besides.

    Each year is worked out when first asked for. Raises ValueError for another nation.
    """
    if nation not in NATIONS:
        raise ValueError(f'"{nation}" has no bank holidays here: known are {", ".join(NATIONS)}')
    days = holidays.country_holidays("GB", subdiv=NATIONS[nation])
    days.update(dict.fromkeys(closed, "closed"))
    return days


@dataclass(frozen=True, slots=True)
class _Opening:
    """An open stretch of time (UTC) and the local day that it began on."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an organisation works: its hours in its zone, without the holidays. All moments are UTC.

    What begins on a holiday does not take place; hours that are always open know no holidays. A time that occurs
    twice opens at the first and closes at the second; one that the clocks skip is counted on from before.
    """

    hours: Hours
    zone: ZoneInfo
    holidays: Container[date] = frozenset()
    _known: dict[date, list[_Opening]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def open_at(self, moment: datetime) -> bool:
        """Whether work goes on at a moment; the moment of closing is closed."""
        return next(self._openings(moment)).start <= moment

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself where open, else the next opening."""
        return max(moment, next(self._openings(moment)).start)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The moment by which so much working time has passed; the start itself where none is asked.

        What ends with the day ends at its closing. Raises ValueError for less than none.
        """
        if amount < timedelta():
            raise ValueError("working time cannot be taken away")
        if not amount:
            return start
        for opening in self._openings(start):
            begin = max(start, opening.start)
            if amount <= opening.end - begin:
                return begin + amount
            amount -= opening.end - begin
        raise AssertionError("openings do not end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; below nought where the second is the earlier."""
        if end < start:
            return -self.between(end, start)
        total = timedelta()
        for opening in self._openings(start):
            if opening.start >= end:
                break
            total += min(end, opening.end) - max(start, opening.start)
        return total

    def add_days(self, start: datetime, days: int) -> datetime:
        """The same time of day so many working days on; what starts in closed hours starts at the next opening.

        Where that day is closed at that time: at its last closing before, or else at its opening.
        """
        first = next(self._openings(start))
        local = max(start, first.start).astimezone(self.zone).replace(tzinfo=None)
        into = local - datetime.combine(first.day, time())
        day = first.day
        for _ in range(days):
            day = self._working_day_after(day)
        due = self._utc(datetime.combine(day, time()) + into)
        openings = self._of(day)
        if any(opening.start <= due <= opening.end for opening in openings):
            return due
        return max((opening.end for opening in openings if opening.end < due), default=openings[0].start)

    def close_of_day(self, start: datetime) -> datetime:
        """The last closing of the working day that a moment falls in, or of the next."""
        return self._of(next(self._openings(start)).day)[-1].end

    def _openings(self, moment: datetime) -> Iterator[_Opening]:
        """What is open after a moment, without end: apart and in order. Raises ValueError for a calendar never open."""
        # What began two days ago may reach into today, over a midnight and a change of the clocks.
        day = moment.astimezone(self.zone).date() - 2 * _DAY
        taken = datetime.min.replace(tzinfo=UTC)
        while True:
            for opening in self._of(day):
                start = max(opening.start, taken)
                taken = max(taken, opening.end)
                if start < opening.end and moment < opening.end:
                    yield _Opening(opening.day, start, opening.end)
            day = self._working_day_after(day)

    def _working_day_after(self, day: date) -> date:
        for step in range(1, LONGEST_BREAK):
            if self._of(day + step * _DAY):
                return day + step * _DAY
        raise ValueError(f"the calendar is closed for {LONGEST_BREAK} days on end")

    def _of(self, day: date) -> list[_Opening]:
        """What begins on a local day, in order; each day is worked out once."""
        if day not in self._known:
            self._known[day] = self._worked_out(day)
        return self._known[day]

    def _worked_out(self, day: date) -> list[_Opening]:
        if not self.hours.always and day in self.holidays:
            return []
        midnight = datetime.combine(day, time())
        openings = []
        for opens, closes in self.hours.of(day.weekday()):
            end = midnight + timedelta(minutes=closes)
            last = max(self._utc(end), self._utc(end.replace(fold=1)))
            openings.append(_Opening(day, self._utc(midnight + timedelta(minutes=opens)), last))
        return sorted(openings, key=lambda opening: opening.start)

    def _utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone).astimezone(UTC)


class Counting(StrEnum):
    """How an allowance is counted."""

    clock = "clock"
    working_time = "working time"
    working_days = "working days"
    same_day = "same day"


_FORM = re.compile(r"(\d{1,6})\s*(working\b)?\s*(m|min|minutes?|h|hours?|d|days?)(?:\s+(clock))?")
_MOST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long something may take: ``amount`` is a time, and a day for each day where working days are counted."""

    counting: Counting
    amount: timedelta = timedelta()

    @classmethod
    def parse(cls, text: str) -> "Allowance":
        """ "4 working hours", "2 working days", "same day"; all else is by the clock: "1h clock", "15m", "30 days".

        Raises ValueError saying what is wrong.
        """
        words = " ".join(text.split()).casefold()
        if words == Counting.same_day:
            return cls(Counting.same_day)
        found = _FORM.fullmatch(words)
        if found is None:
            raise ValueError(
                f'"{text}" is no allowance: write "1h clock", "4 working hours" or "2 working days"'
            )
        number, unit = int(found[1]), found[3][0]
        amount = timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[unit]: number})
        if not timedelta() < amount <= _MOST:
            raise ValueError(f'"{text}" is nothing, or longer than ten years')
        if found[2] and found[4]:
            raise ValueError(f'"{text}" counts two ways: by the clock, or working time')
        if found[2]:
            return cls(Counting.working_days if unit == "d" else Counting.working_time, amount)
        return cls(Counting.clock, amount)

    def __str__(self) -> str:
        """The allowance as it may be written."""
        if self.counting is Counting.same_day:
            return str(self.counting)
        clock = self.counting is Counting.clock
        minutes = self.amount // timedelta(minutes=1)
        if minutes % 1440 == 0 and self.counting is not Counting.working_time:
            return _said(minutes // 1440, "day", "" if clock else "working ")
        ending = " clock" if clock else ""
        unit, number = ("minute", minutes) if minutes % 60 else ("hour", minutes // 60)
        return _said(number, unit, "" if clock else "working ") + ending

    def due(self, start: datetime, calendar: Calendar) -> datetime:
        """When it has run out, if it began at ``start``; same day is the close of the working day."""
        match self.counting:
            case Counting.clock:
                return start + self.amount
            case Counting.working_time:
                return calendar.add(start, self.amount)
            case Counting.working_days:
                return calendar.add_days(start, self.amount.days)
            case Counting.same_day:
                return calendar.close_of_day(start)

    def part(self, start: datetime, calendar: Calendar, fraction: float) -> datetime:
        """When so much of it (above nought, below one) is used up, counted as the whole is."""
        if self.counting is Counting.clock:
            return start + self.amount * fraction
        return calendar.add(start, calendar.between(start, self.due(start, calendar)) * fraction)


def _said(number: int, unit: str, before: str = "") -> str:
    return f"{number} {before}{unit}{'' if number == 1 else 's'}"
