"""How far each source has been read, and how it fares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, func, or_, select, update

from core.errors import BudgetError, FetchError
from core.types import Batch, Rhythm, SourceState
from storage import rates
from storage.bulk import backoff, chunks, insert_unknown
from storage.tables import SourceRow
from storage.tables_work import OutageRow

_LONGEST_PAUSE = timedelta(hours=6)
# What a visit that brings something, or nothing, makes of the pause to the next one.
_FASTER, _SLOWER = 0.5, 1.5
_LONGEST_WISH = timedelta(days=31)  # a source may ask for a pause until next month's quota, not for ever
_HELD = "redshank_held_sources"
_NEVER = datetime.min.replace(tzinfo=UTC)
RETIRED, REFUSED, FAILED = "retired", "refused", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A stretch in which a source could not be read; ``ended`` is None while it lasts.

    ``kind`` tells by its first failure whether it was retired (the source is gone), refused (asking again does
    not help) or failed (in passing).
    """

    source: str
    began: datetime
    ended: datetime | None
    kind: str


def state(session: Session, name: str) -> SourceState:
    """What is known of a source; a fresh state for one never visited."""
    row = session.get(SourceRow, name)
    return _value(row) if row else SourceState(name=name)


def states(session: Session) -> list[SourceState]:
    """All sources ever visited, by name; among them those no longer configured."""
    return [_value(row) for row in session.exec(select(SourceRow).order_by(col(SourceRow.name)))]


def first_visit(session: Session) -> datetime | None:
    """When the first source was first visited, which is when watching began; None before it."""
    return session.exec(select(func.min(SourceRow.first_try_at))).one()


def first_visits(session: Session) -> dict[str, datetime]:
    """When each source was first visited, by name; those never visited are left out."""
    found = select(SourceRow.name, SourceRow.first_try_at).where(col(SourceRow.first_try_at).is_not(None))
    return {name: at for name, at in session.exec(found) if at is not None}


def outages(session: Session, since: datetime) -> list[Outage]:
    """The outages of all sources that lasted at or after ``since``, by source and then oldest first."""
    these = select(OutageRow).where(or_(col(OutageRow.ended).is_(None), col(OutageRow.ended) >= since))
    rows = session.exec(these.order_by(OutageRow.source, col(OutageRow.began), col(OutageRow.id)))
    return [Outage(**row.model_dump(exclude={"id"})) for row in rows]


def lock(session: Session, names: Sequence[str]) -> None:
    """Hold these sources until the transaction ends, made where there are none; all processes in one order."""
    held = session.info.setdefault(_HELD, {})
    for some in chunks(sorted(set(names))):
        session.exec(insert_unknown(session, SourceRow), params=[{"name": name} for name in some])
        these = select(SourceRow).where(col(SourceRow.name).in_(some)).order_by(col(SourceRow.name))
        rows = session.exec(these.with_for_update().execution_options(populate_existing=True))
        # Kept here, because the session itself holds its rows only weakly.
        held |= {row.name: row for row in rows}


def succeeded(
    session: Session, name: str, batch: Batch, new: int, now: datetime, *, rhythm: Rhythm | None = None
) -> None:
    """Save the cursor, in the transaction that adds the batch's mentions; ``new`` of them were new.

    A batch without a cursor leaves the old one in place. What was missed stays on show until something
    else is, so that a digest hours later can still tell of it. Within its ``rhythm`` a source that brings something new
    is visited sooner again, and one that does not later.
    """
    row = _row(session, name)
    if row.failing_since:
        _end_outage(session, name, now)
    row.first_try_at = row.first_try_at or now
    row.last_try_at = row.last_ok_at = now
    row.cursor = row.cursor if batch.cursor is None else batch.cursor
    row.failing_since = row.retired_at = None
    row.error, row.error_temporary, row.failures = "", True, 0
    row.not_before = batch.not_before
    row.mentions += new
    row.backfilled_at = row.backfilled_at or now
    row.answered_at = now if new else row.answered_at
    row.interval_s = _interval(row.interval_s, rhythm, hurry=bool(new or batch.missed))
    rates.note(session, name, new, now)
    if batch.missed:
        row.missed, row.missed_at = batch.missed, now


def came_out(session: Session, name: str, now: datetime) -> None:
    """Note that a source's canary was read, kept and assessed."""
    _row(session, name).canary_at = now


def failed(session: Session, name: str, error: FetchError, now: datetime) -> None:
    """Note a failure and when to ask again: when the source said, else after a growing pause.

    A failure that asking again does not mend waits six hours at once; a source that is gone is retired. The
    first failure begins an outage; so does being retired, which ends the one that ran. A budget that is spent is no
    failure of the source: what was not read is missed until then.
    """
    row = _row(session, name)
    if isinstance(error, BudgetError):
        row.first_try_at, row.last_try_at = row.first_try_at or now, now
        row.not_before = now + _pause(error, row.failures)
        row.missed, row.missed_at = str(error), now
        return
    if row.failing_since is None or (error.gone and row.retired_at is None):
        _end_outage(session, name, now)
        _begin_outage(session, name, error, now)
    row.first_try_at = row.first_try_at or now
    row.last_try_at = now
    row.failing_since = row.failing_since or now
    row.failures += 1
    row.error, row.error_temporary = str(error), error.temporary
    row.not_before = now + _pause(error, row.failures)
    if error.gone:
        row.retired_at = row.retired_at or now


def due(states: Iterable[SourceState], rhythms: Mapping[str, Rhythm], now: datetime) -> list[str]:
    """Name the configured sources to visit now, longest waiting first.

    A failing source is tried again as soon as its pause is over; a retired one is left alone.
    """
    known = {state.name: state for state in states}
    opening = {
        name: _opens(known.get(name) or SourceState(name=name), rhythm) for name, rhythm in rhythms.items()
    }
    waiting = [(at, name) for name, at in opening.items() if at is not None and at <= now]
    return [name for _, name in sorted(waiting)]


def _interval(seconds: int | None, rhythm: Rhythm | None, *, hurry: bool) -> int | None:
    """The pause to the next visit, in seconds: shorter by half, or longer by half, within the rhythm."""
    if rhythm is None:
        return seconds
    every, slowest = int(rhythm.every.total_seconds()), int(rhythm.slowest.total_seconds())
    return min(max(int((seconds or every) * (_FASTER if hurry else _SLOWER)), every), slowest)


def _opens(state: SourceState, rhythm: Rhythm) -> datetime | None:
    """When the source may be visited next; None for never."""
    if state.retired_at:
        return None
    earliest = state.not_before or _NEVER
    if state.failing_since or not state.last_try_at:
        return earliest
    interval = min(max(state.interval or rhythm.every, rhythm.every), rhythm.slowest)
    return max(earliest, state.last_try_at + interval)


def _begin_outage(session: Session, name: str, error: FetchError, now: datetime) -> None:
    kind = RETIRED if error.gone else FAILED if error.temporary else REFUSED
    session.add(OutageRow.model_validate({"source": name, "began": now, "kind": kind}))


def _end_outage(session: Session, name: str, now: datetime) -> None:
    running = update(OutageRow).where(col(OutageRow.source) == name, col(OutageRow.ended).is_(None))
    session.exec(running.values(ended=now))


def _pause(error: FetchError, failures: int) -> timedelta:
    if error.retry_after is not None:
        return min(max(error.retry_after, timedelta()), _LONGEST_WISH)
    return backoff(failures, _LONGEST_PAUSE) if error.temporary else _LONGEST_PAUSE


def _row(session: Session, name: str) -> SourceRow:
    """The source's row, locked until the transaction ends; made where there is none."""
    if name not in session.info.get(_HELD, {}):
        lock(session, [name])
    row: SourceRow = session.info[_HELD][name]
    return row


def _value(row: SourceRow) -> SourceState:
    interval = None if row.interval_s is None else timedelta(seconds=row.interval_s)
    return SourceState(
        **row.model_dump(exclude={"failures", "first_try_at", "interval_s"}), interval=interval
    )
