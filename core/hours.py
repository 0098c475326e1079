"""Hours of the week as people write them: "Mon-Fri 08:00-18:00; Sat 09:00-13:00". Working hours, and rotas."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALWAYS = "always"
DAY = 24 * 60
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"(\d\d?):(\d\d)")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody is there in an ordinary week.

    ``week`` holds for each day, Monday first, when it opens and closes, in minutes since its midnight: apart and in
    order. A span over midnight belongs to the day on which it begins and closes after minute 1440.
    """

    week: tuple[tuple[Span, ...], ...]

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """The hours of a text: parts between semicolons, each days, then times; or "always".

        Days are ranges or lists ("Mon-Fri", "Mon,Wed"), times too ("09:00-12:00,13:00-17:00"); "22:00-06:00" ends
        on the morning after. Raises ValueError saying what is wrong.
        """
        if text.strip().casefold() == ALWAYS:
            return cls((((0, DAY),),) * 7)
        parts = [part.strip() for part in text.split(";") if part.strip()]
        if not parts:
            raise ValueError('no hours: write them as "Mon-Fri 08:00-18:00", or "always"')
        week: list[list[Span]] = [[] for _ in DAYS]
        for part in parts:
            days, spans = _part(part)
            for day in days:
                week[day] += spans
        return cls(tuple(_joined(spans) for spans in week))

    @property
    def always(self) -> bool:
        """Whether they are round the clock, all week."""
        return all(spans == ((0, DAY),) for spans in self.week)

    def of(self, weekday: int) -> tuple[Span, ...]:
        """What begins on a day of the week (Monday is 0)."""
        return self.week[weekday]

    def open_at(self, local: datetime) -> bool:
        """Whether a moment falls in them, by the clock on the wall: opening counts, closing does not."""
        minute = local.hour * 60 + local.minute
        today, before = self.of(local.weekday()), self.of((local.weekday() - 1) % 7)
        return any(opens <= minute < closes for opens, closes in today) or any(
            minute + DAY < closes for _, closes in before
        )


def _part(part: str) -> tuple[list[int], list[Span]]:
    """The days and the spans of one part."""
    start = re.search(r"\d", part)
    if start is None:
        raise ValueError(f'"{part}" gives no time: write it as "Mon-Fri 08:00-18:00"')
    days, times = part[: start.start()].strip(), part[start.start() :].strip()
    if not days:
        raise ValueError(f'"{part}" gives no day: write it as "Mon-Fri {times}"')
    return [day for item in days.split(",") for day in _days(item)], [
        _span(item) for item in times.split(",")
    ]


def _days(item: str) -> Iterator[int]:
    first, dash, last = (word.strip() for word in re.sub("[–—]", "-", item).partition("-"))
    begin = _day(first)
    count = (_day(last) - begin) % 7 if dash else 0
    return ((begin + step) % 7 for step in range(count + 1))


def _day(word: str) -> int:
    name = word.casefold()
    for number, full in enumerate(_NAMES):
        if name in (full, full[:3]):
            return number
    raise ValueError(f'"{word}" is no day: the days are {", ".join(DAYS)}')


def _span(item: str) -> Span:
    opens, dash, closes = (word.strip() for word in re.sub("[–—]", "-", item).partition("-"))
    if not dash:
        raise ValueError(f'"{item.strip()}" is no span of time: write it as "08:00-18:00"')
    begin, end = _minute(opens), _minute(closes)
    if begin == DAY:
        raise ValueError(f'"{item.strip()}" opens at 24:00: write 00:00 of the next day')
    if begin == end:
        raise ValueError(f'"{item.strip()}" opens and closes at once: a whole day is 00:00-24:00')
    return begin, end if end > begin else end + DAY


def _minute(word: str) -> int:
    found = _TIME.fullmatch(word)
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else DAY + 1
    if minute > DAY:
        raise ValueError(f'"{word}" is no time of day: write it as "08:00"')
    return minute


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Spans apart and in order: those that meet or overlap become one."""
    joined: list[Span] = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(closes, joined[-1][1])
        else:
            joined.append((opens, closes))
    return tuple(joined)
