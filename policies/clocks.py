"""The service levels of a case as data, and the clocks that they set going.

    case, levels, calendar -> first_eyes, owner_told, first_route (from detected_at), own_breach (from aware_at)

The levels are the house's custom, which an organisation may change; the 72 hours for a breach of our own are law
(UK GDPR art. 33), and no hold or hand-over stops them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.sections import duration
from core.types import Case, CaseState, Severity
from core.work import Clock, Member
from core.worktime import Allowance, Calendar
from policies.checks import decider

HALF, MOST = 0.5, 0.8
OWN_BREACH = Allowance.parse("72h clock")
# Whoever took longer to confirm a case than the law gives for reporting it afterwards must be able to say why.
LONGEST_GAP = timedelta(hours=72)
# What may be decided that asks for no route.
NO_ROUTE = frozenset({"no_action", "monitor", "monitor_only", "nothing_to_do"})
DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a copy is looked at again, and for how long; None is for good."""

    every: timedelta
    lasting: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What one severity asks for.

    ``owner_told`` is None where the digest is enough. ``recheck`` are the paces of "still up?", one after another;
    ``gone_checks`` how long after a removal it is looked for again.
    """

    first_eyes: Allowance
    owner_told: Allowance | None
    first_route: Allowance
    recheck: tuple[Pace, ...]
    gone_checks: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The levels of all severities that are queued; a mention of severity none has none."""

    critical: Level
    high: Level
    medium: Level
    low: Level

    def of(self, severity: Severity) -> Level | None:
        """The level of one severity."""
        level: Level | None = getattr(self, str(severity), None)
        return level


# Only where life may be at stake does the night count; all else waits for those who work by day.
_DEFAULTS: dict[str, dict[str, str]] = {
    "critical": {
        "first_eyes": "1h clock",
        "owner_told": "1h clock",
        "first_route": "2h clock",
        "recheck": "1h for 24h, 6h",
        "gone_checks": "1d, 3d, 7d, 14d, 30d",
    },
    "high": {
        "first_eyes": "4 working hours",
        "owner_told": "same day",
        "first_route": "1 working day",
        "recheck": "4h for 3d, 1d",
        "gone_checks": "1d, 7d, 30d",
    },
    "medium": {
        "first_eyes": "2 working days",
        "owner_told": DIGEST,
        "first_route": "3 working days",
        "recheck": "1d for 14d",
        "gone_checks": "7d, 30d",
    },
    "low": {
        "first_eyes": "5 working days",
        "owner_told": DIGEST,
        "first_route": "10 working days",
        "recheck": "7d",
        "gone_checks": "30d",
    },
}


def parse_levels(changes: Mapping[str, Mapping[str, str]]) -> Levels:
    """The default levels with some values changed: ``{"high": {"first_eyes": "2 working hours"}}``; empty ones are not.

    Raises ValueError naming severity and key, and saying what is wrong.
    """
    for severity, values in changes.items():
        if severity not in _DEFAULTS:
            raise ValueError(f'"{severity}" has no service level: the levels are {", ".join(_DEFAULTS)}')
        for key in values:
            if key not in _READERS:
                raise ValueError(f'{severity}: "{key}" is unknown: known are {", ".join(_READERS)}')
    return Levels(
        **{
            severity: _level(severity, values | _given(changes.get(severity, {})))
            for severity, values in _DEFAULTS.items()
        }
    )


def _given(values: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value.strip()}


def _level(severity: str, values: Mapping[str, str]) -> Level:
    read: dict[str, Any] = {}
    for key, value in values.items():
        try:
            read[key] = _READERS[key](value)
        except ValueError as error:
            raise ValueError(f"{severity}.{key}: {error}") from None
    return Level(**read)


def _owner_told(text: str) -> Allowance | None:
    return None if text.strip() == DIGEST else Allowance.parse(text)


def _paces(text: str) -> tuple[Pace, ...]:
    """ "1h for 24h, 6h": only the last may be without an end."""
    paces = []
    for item in text.split(","):
        every, lasts, lasting = re.sub(r"^\s*then\b", "", item).partition(" for ")
        paces.append(Pace(_length(every), _length(lasting) if lasts else None))
    if any(pace.lasting is None for pace in paces[:-1]):
        raise ValueError('only the last pace may go on for good: write "1h for 24h, 6h"')
    return tuple(paces)


def _lengths(text: str) -> tuple[timedelta, ...]:
    lengths = tuple(_length(item) for item in text.split(","))
    if list(lengths) != sorted(set(lengths)):
        raise ValueError("the times must rise")
    return lengths


def _length(text: str) -> timedelta:
    length = duration(text)
    if not isinstance(length, timedelta) or not length:
        raise ValueError(f'"{text.strip()}" is no time at all')
    return length


_READERS: dict[str, Callable[[str], object]] = {
    "first_eyes": Allowance.parse,
    "owner_told": _owner_told,
    "first_route": Allowance.parse,
    "recheck": _paces,
    "gone_checks": _lengths,
}
DEFAULTS = parse_levels({})


def recheck_every(level: Level, watched: timedelta) -> timedelta | None:
    """How often a copy is looked at that has been watched for so long; None once it is enough."""
    for pace in level.recheck:
        if pace.lasting is None or watched < pace.lasting:
            return pace.every
        watched -= pace.lasting
    return None


def gone_checks(level: Level, gone_at: datetime) -> tuple[datetime, ...]:
    """When to look again for what is gone since ``gone_at``."""
    return tuple(gone_at + after for after in level.gone_checks)


def gap(case: Case, longest: timedelta = LONGEST_GAP) -> timedelta | None:
    """The time from detection to a person's confirmation, where it is so long (by the clock) as to be a finding."""
    aware_at = case.work.aware_at
    passed = aware_at - case.detected_at if aware_at else timedelta()
    return passed if passed > longest else None


def clocks(
    case: Case,
    levels: Levels,
    calendar: Calendar,
    *,
    since: datetime | None = None,
    told_at: datetime | None = None,
    reported_at: datetime | None = None,
    members: Sequence[Member] = (),
) -> tuple[Clock, ...]:
    """The clocks of a case, in the order of their names in ``core.work.Clock``.

    ``since`` is when the case was last opened again or grew graver: its clocks start anew, and nothing done before
    meets them. ``told_at`` is when a message first reached the owner; without it an owner who has seen or confirmed
    the case was told. ``reported_at`` is when a breach of ours was reported to the Information Commissioner.
    ``members`` are the people of the house, of whom one decides where it names another. While on hold, clocks are
    paused (that of the breach is not). Of a closed case only those are left that were met or had run out.
    """
    found = [
        *_level_clocks(case, levels, calendar, since=since, told_at=told_at, owner=owner_of(case, members)),
        *_breach_clock(case, calendar, reported_at),
    ]
    closed_at = case.work.closed_at if case.state is CaseState.closed else None
    if closed_at is None:
        return tuple(found)
    return tuple(clock for clock in found if clock.met_at or clock.late(closed_at))


def _level_clocks(
    case: Case,
    levels: Levels,
    calendar: Calendar,
    *,
    since: datetime | None,
    told_at: datetime | None,
    owner: str,
) -> Iterator[Clock]:
    level, work = levels.of(case.severity), case.work
    if level is None:
        return
    paused = case.state is CaseState.on_hold
    start = max(case.detected_at, since) if since else case.detected_at
    asked: list[tuple[str, Allowance | None, Iterable[datetime | None]]] = [
        ("first_eyes", level.first_eyes, (work.seen_at,)),
        ("owner_told", level.owner_told, (told_at, work.seen_at, work.aware_at)),
        ("first_route", level.first_route, (work.acted_at,)),
    ]
    for name, allowance, moments in asked:
        met_at = min((moment for moment in moments if moment and moment >= start), default=None)
        if allowance and (met_at or name != "first_route" or _asks_for_route(case)):
            clock = _clock(name, owner, start, allowance, calendar)
            yield replace(clock, met_at=met_at, paused=paused and met_at is None)


def _breach_clock(case: Case, calendar: Calendar, reported_at: datetime | None) -> Iterator[Clock]:
    if case.work.own_breach and case.work.aware_at:
        clock = _clock("own_breach", "dpo", case.work.aware_at, OWN_BREACH, calendar)
        yield replace(clock, met_at=reported_at)


def owner_of(case: Case, members: Sequence[Member] = ()) -> str:
    """The role that answers for a case: its first recipient, or whoever decides where it names one who would."""
    return decider(case, members) or next(iter(case.recipients), "governance")


def _asks_for_route(case: Case) -> bool:
    handed_over = case.state in (CaseState.closed, CaseState.diverted)
    return bool(case.routes) and not handed_over and case.work.outcome not in NO_ROUTE


def _clock(name: str, owner: str, start: datetime, allowance: Allowance, calendar: Calendar) -> Clock:
    return Clock(
        name=name,
        owner=owner,
        starts_at=start,
        half_at=allowance.part(start, calendar, HALF),
        most_at=allowance.part(start, calendar, MOST),
        due_at=allowance.due(start, calendar),
        allowance=str(allowance),
    )
