"""How long things took: service levels of cases and the time for which sources were watched. Pure; hours."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import numpy as np

from alerts.board.month import SourceMonth
from alerts.words.phrases import one_line
from core.types import Severity
from core.work import Clock, Situation

# The order of a case's course.
CLOCKS: tuple[str, ...] = ("first_eyes", "owner_told", "first_route", "own_breach")
_HOUR = timedelta(hours=1)
_DIGITS = 4  # of an hour: under a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How cases of one severity fared by one clock: of ``number``, met in time, late, and still running.

    ``late`` ones were met after their time or have run out by now; ``paused`` ones count as running. The
    median, the span within which nine in ten lie (nearest rank) and the worst are hours by the wall clock of
    those settled, those run out and not met yet taken at their time so far; None where none is settled.
    """

    severity: str
    clock: str
    allowance: str
    number: int
    met_in_time: int
    late: int
    running: int
    median: float | None
    nine_in_ten: float | None
    worst: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """The share (0 to 1) of the month for which a source was watched, its longest outage in hours, and why.

    ``kinds`` counts the outages by their cause, commonest first; a source never visited was not watched.
    """

    name: str
    watched: float
    outages: int
    longest: float
    kinds: tuple[tuple[str, int], ...]


def hours(span: timedelta) -> float:
    """A span in hours."""
    return round(span / _HOUR, _DIGITS)


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """The median, the least value that nine in ten do not exceed, and the greatest; of at least one value."""
    nine_in_ten = np.percentile(values, 90, method="inverted_cdf")
    return round(median(values), _DIGITS), round(float(nine_in_ten), _DIGITS), max(values)


def responses(
    situations: Iterable[Situation], start: datetime, end: datetime, now: datetime
) -> tuple[Response, ...]:
    """The clocks that started from ``start`` to before ``end``, by severity (gravest first) and clock."""
    groups: dict[tuple[Severity, str], list[Clock]] = defaultdict(list)
    for situation in situations:
        for clock in situation.clocks:
            if start <= clock.starts_at < end:
                groups[situation.case.severity, clock.name].append(clock)
    order = sorted(groups, key=lambda key: (-key[0], *_place(key[1])))
    return tuple(_response(severity, name, groups[severity, name], now) for severity, name in order)


def _place(name: str) -> tuple[int, str]:
    return (CLOCKS.index(name) if name in CLOCKS else len(CLOCKS), name)


def _response(severity: Severity, name: str, clocks: Sequence[Clock], now: datetime) -> Response:
    late = [clock for clock in clocks if clock.late(now)]
    in_time = [clock for clock in clocks if clock.met_at and not clock.late(now)]
    taken = [hours((clock.met_at or now) - clock.starts_at) for clock in (*late, *in_time)]
    middle, nine_in_ten, worst = spread(taken) if taken else (None, None, None)
    return Response(
        severity=str(severity),
        clock=name,
        allowance=one_line(Counter(clock.allowance for clock in clocks).most_common(1)[0][0], 40),
        number=len(clocks),
        met_in_time=len(in_time),
        late=len(late),
        running=len(clocks) - len(in_time) - len(late),
        median=middle,
        nine_in_ten=nine_in_ten,
        worst=worst,
    )


def uptime(source: SourceMonth, start: datetime, end: datetime) -> Uptime:
    """How far a source was watched from ``start``, or from its first visit if that came later, to ``end``."""
    name = one_line(source.name, 60)
    if source.since is None or source.since >= end:
        whole = hours(end - start)
        return Uptime(name=name, watched=0.0, outages=1, longest=whole, kinds=(("never visited", 1),))
    first = max(start, source.since)
    within = [one for one in source.outages if one.since < end and (one.until is None or one.until > first)]
    spans = _joined(sorted((max(one.since, first), min(one.until or end, end)) for one in within))
    lost = sum((until - since for since, until in spans), timedelta())
    return Uptime(
        name=name,
        watched=round(1 - lost / (end - first), 6),
        outages=len(spans),
        longest=hours(max((until - since for since, until in spans), default=timedelta())),
        kinds=tuple(Counter(one_line(one.kind, 60) for one in within).most_common()),
    )


def _joined(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans in the order of their starts, those that touch or overlap made one."""
    joined: list[tuple[datetime, datetime]] = []
    for since, until in spans:
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return joined
