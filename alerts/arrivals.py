"""Unusual silence: a source that brings much less than it does at this hour of the week. Pure.

New mentions are taken to arrive as a Poisson process whose rate goes by the hour of the week (the organisation's own
week: day and night, weekdays and weekends). Posts come in bursts, so that the counts of days vary more than Poisson's
law allows; both the count and the expectation are divided by that dispersion (quasi-Poisson, McCullagh and Nelder,
Generalized Linear Models, 2nd ed. 1989, section 6.2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
HISTORY = 8 * WEEK  # of which rates are made
LEAST_HISTORY = 2 * 7 * 24  # hours
LOOK_BACK = (24, 48, 168)  # hours
# How rarely a source that is well may be called silent: each is looked at every few minutes.
ALARM = 1e-4

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Span = tuple[datetime, datetime]
"""From one moment to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A source that brought ``seen`` new mentions since a moment where about ``expected`` were to come.

    ``chance`` is the probability of so few where nothing is wrong.
    """

    since: datetime
    seen: int
    expected: float
    chance: float


def unusually_quiet(
    hours: Mapping[datetime, int],
    *,
    watched_since: datetime,
    now: datetime,
    zone: ZoneInfo,
    blind: Sequence[Span] = (),
) -> Quiet | None:
    """Whether a source is silent beyond chance, over a day, two days or a week, whichever is the least likely.

    ``hours`` are its new mentions by the hour that began then (hours with none may be left out), ``watched_since``
    when its past had been read: what a first visit brings says nothing of a rate. Nor do the ``blind`` spans, in which
    it was not read, and the hour after each, which brings what had waited. None where all is usual, or where less than
    two weeks are known.
    """
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    start = max(watched_since.replace(minute=0, second=0, microsecond=0) + HOUR, this_hour - HISTORY)
    length = int((this_hour - start) / HOUR)
    if length <= 0:
        return None
    at = [start + index * HOUR for index in range(length)]
    counts = np.array([hours.get(hour, 0) for hour in at])
    of_week = np.array([_of_week(hour, zone) for hour in at])
    seeing = _seeing(start, length, blind)
    found = [
        _looked_back(counts, of_week, seeing, back, this_hour=this_hour)
        for back in LOOK_BACK
        if length > back and seeing[:-back].sum() >= LEAST_HISTORY
    ]
    quiet = [one for one in found if one.chance < ALARM]
    return min(quiet, key=lambda one: one.chance, default=None)


def _seeing(start: datetime, length: int, blind: Sequence[Span]) -> Mask:
    """In which of the hours from ``start`` on the source was read."""
    seeing = np.ones(length, dtype=np.bool_)
    for began, ended in blind:
        first, last = (began - start) // HOUR, -((start - ended) // HOUR) + 1
        seeing[max(first, 0) : max(last, 0)] = False
    return seeing


def _looked_back(counts: Counts, of_week: Counts, seeing: Mask, back: int, *, this_hour: datetime) -> Quiet:
    """The last ``back`` hours, beside what the hours before them let expect."""
    past, before, now = counts[:-back], seeing[:-back], seeing[-back:]
    seen = int(counts[-back:][now].sum())
    sums = np.bincount(of_week[:-back][before], weights=past[before], minlength=168)
    known = np.bincount(of_week[:-back][before], minlength=168)
    rates = sums / np.maximum(known, 1)
    expected, spread = float(rates[of_week[-back:][now]].sum()), _dispersion(past, before)
    chance = float(pdtr(seen / spread, expected / spread)) if expected > 0 else 1.0
    return Quiet(since=this_hour - back * HOUR, seen=seen, expected=expected, chance=chance)


def _of_week(hour: datetime, zone: ZoneInfo) -> int:
    local = hour.astimezone(zone)
    return local.weekday() * 24 + local.hour


def _dispersion(past: Counts, seeing: Mask) -> float:
    """How much more the counts of days vary than Poisson's law allows, from their weekday's mean; at least 1."""
    hours = len(past) // 24 * 24
    days = past[:hours].reshape(-1, 24).sum(axis=1)
    whole: Mask = np.all(seeing[:hours].reshape(-1, 24), axis=1)
    mean = float(days[whole].mean()) if whole.any() else 0.0
    groups = [days[weekday::7][whole[weekday::7]] for weekday in range(7)]
    spreads = [group.var(ddof=1) for group in groups if len(group) > 1]
    return max(1.0, float(np.mean(spreads)) / mean) if mean and spreads else 1.0
