"""How far each source is watched: the statement of coverage that every digest carries (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from alerts.words.phrases import age_words, one_line
from core.types import SourceState

DAY = timedelta(days=1)
# How often a source may be passed over before it counts as not watched; never less than a day.
TURNS = 2
# A source that was taken out of the configuration is still spoken of for a month, then no longer.
MONTH = timedelta(days=30)
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Watch(StrEnum):
    """How far a source is covered; the values are the words of the digest."""

    broken = "broken"
    not_watched = "not watched"
    partly = "partly"
    watched = "watched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What can be said of one source: ``since`` is when its present state began, if known (UTC)."""

    name: str
    watch: Watch
    since: datetime | None = None
    last_ok_at: datetime | None = None
    detail: str = ""


def patience(every: timedelta) -> timedelta:
    """How long a source that is visited at this interval may go unvisited before that is worth a word."""
    return max(DAY, TURNS * every)


def coverage(
    configured: Mapping[str, timedelta],
    states: Sequence[SourceState],
    now: datetime,
    since: datetime | None = None,
    *,
    paused: Mapping[str, str] = _NOTHING,
    doubts: Mapping[str, str] = _NOTHING,
) -> tuple[Coverage, ...]:
    """What each source was watched for, worst first, then by name.

    ``configured`` holds each source's interval between visits. A source is *broken* while it fails; *partly*
    watched if it says that it missed something since ``since`` (None: in the last 24 hours), or if the source
    allows no visit for longer than ``patience``; *not watched* if it was never visited, not for the time of
    ``patience``, was retired by the other side, or is no longer configured.

    Somebody has ``paused`` some, which are not watched, and of others ``doubts`` say why less may be seen of them than
    they hold; both hold the reason by name.
    """
    by_name = {state.name: state for state in states}
    missed_from = since or now - DAY
    found = [
        _resting(name, by_name.get(name), paused[name])
        if name in paused
        else _doubted(_source(name, by_name.get(name), patience(every), now, missed_from), doubts)
        for name, every in configured.items()
    ]
    found += [
        Coverage(
            name=state.name,
            watch=Watch.not_watched,
            last_ok_at=state.last_ok_at,
            detail="no longer configured, or switched off",
        )
        for state in states
        if state.name not in configured and state.last_try_at and now - state.last_try_at < MONTH
    ]
    order = list(Watch)
    return tuple(sorted(found, key=lambda source: (order.index(source.watch), source.name)))


def _resting(name: str, state: SourceState | None, why: str) -> Coverage:
    last = state.last_ok_at if state else None
    return Coverage(name=name, watch=Watch.not_watched, last_ok_at=last, detail=one_line(why, 160))


def _doubted(one: Coverage, doubts: Mapping[str, str]) -> Coverage:
    if one.name not in doubts or one.watch is not Watch.watched:
        return one
    return replace(one, watch=Watch.partly, detail=one_line(doubts[one.name], 160))


def _source(
    name: str, state: SourceState | None, limit: timedelta, now: datetime, missed_from: datetime
) -> Coverage:
    if state is None or state.last_try_at is None:
        return Coverage(name=name, watch=Watch.not_watched, detail="never visited")
    watch, since, detail = _health(state, limit, now, missed_from)
    return Coverage(name=name, watch=watch, since=since, last_ok_at=state.last_ok_at, detail=detail)


def _health(
    state: SourceState, limit: timedelta, now: datetime, missed_from: datetime
) -> tuple[Watch, datetime | None, str]:
    """The first that holds: retired, failing, waiting, forgotten, incomplete; else watched."""
    if state.retired_at is not None:
        return Watch.not_watched, state.retired_at, "retired by the other side"
    waits_until = state.not_before if state.not_before and state.not_before > now else None
    if state.failing_since is not None:
        return Watch.broken, state.failing_since, one_line(state.error, 160)
    return _reading(state, limit, now, missed_from, waits_until)


def _reading(
    state: SourceState,
    limit: timedelta,
    now: datetime,
    missed_from: datetime,
    waits_until: datetime | None,
) -> tuple[Watch, datetime | None, str]:
    if waits_until and waits_until - (state.last_ok_at or now) > limit:
        return Watch.partly, state.last_ok_at, f"the source allows no visit for more than {age_words(limit)}"
    if not waits_until and state.last_try_at and now - state.last_try_at >= limit:
        return Watch.not_watched, state.last_try_at, f"not visited for {age_words(now - state.last_try_at)}"
    if state.last_ok_at is None:
        return Watch.not_watched, None, "never read"
    if state.missed and (state.missed_at is None or state.missed_at >= missed_from):
        return Watch.partly, state.missed_at, one_line(state.missed, 160)
    return Watch.watched, None, ""
