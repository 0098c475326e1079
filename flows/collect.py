"""What was said: for each source that is due, connector.fetch -> mentions.add_new.

    due -> ask (side by side, one task a source) -> keep (mentions and cursor together) -> Collected

The cursor is saved in the transaction that saves the mentions. A source that fails is recorded as failing and
holds up no other.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from prefect import State, Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from sqlmodel import Session

from core.errors import FetchError, RedshankError
from core.types import Batch, Mention
from flows import wiring
from flows.quiet import alone, quiet
from flows.reach import Reading
from flows.wiring import House
from storage import canaries, cursors, mentions, pauses, queries
from storage.engine import session

_LOG = structlog.get_logger(__name__)
BACKFILLING = timedelta(days=7)
_SIDE_BY_SIDE: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one visit brought: counts, and why it failed or may have missed something."""

    source: str
    new: int = 0
    known: int = 0
    error: str = ""
    missed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How asking one source went: it brought a batch, or it failed."""

    source: str
    outcome: Batch | FetchError


def due(house: House) -> list[str]:
    """The names of the sources whose turn it is, longest waiting first; those that somebody paused are left out."""
    house.require_assessment()
    with session(house.engine, read_only=True) as db:
        now = house.now()
        resting = pauses.paused(db, now)
        names = cursors.due(cursors.states(db), house.rhythms, now)
        return [name for name in names if name not in resting]


def by_hand(house: House) -> list[str]:
    """The names of all sources but those that the other side retired (410) and those that somebody paused."""
    with session(house.engine, read_only=True) as db:
        left_alone = {state.name for state in cursors.states(db) if state.retired_at}
        left_alone |= set(pauses.paused(db, house.now()))
    return [name for name in house.readings if name not in left_alone]


def ask(house: House, name: str, cursor: str | None) -> Visit:
    """Ask one source; writes nothing. An expected failure is a value, an unexpected one is loud as well."""
    reading = house.readings[name]
    try:
        return Visit(source=name, outcome=house.fetch(reading, cursor))
    except FetchError as error:
        _LOG.warning("source_failed", source=name, temporary=error.temporary, status=error.status)
        return Visit(source=name, outcome=error)
    except Exception as error:  # noqa: BLE001 - one broken connector must not stop the others
        _LOG.exception("connector_broke", source=name, kind=reading.source.kind)
        # The cause is in the log without its message, which may repeat what people wrote.
        broke = FetchError(f"the connector broke: {type(error).__name__}", temporary=True)
        return Visit(source=name, outcome=broke)


def keep(house: House, visits: Sequence[Visit]) -> list[Collected]:
    """Keep what visits brought, mentions and cursors in one transaction; failures go on their sources.

    Visits that cannot be kept together are kept one by one, so that none is lost for another's sake.

    Raises:
        StorageError: not even a failure can be written down.
    """
    try:
        return _keep_together(house, visits)
    except Exception as error:  # noqa: BLE001 - what one source sent must not cost another its mentions
        if len(visits) == 1:
            return _refuse(house, visits[0], error)
    return [kept for visit in visits for kept in keep(house, [visit])]


def _refuse(house: House, visit: Visit, error: Exception) -> list[Collected]:
    """What a visit brought cannot be kept, which is its source's failure; its cursor stays where it was."""
    _LOG.error("not_kept", source=visit.source, exc_info=error)
    words = str(error) if isinstance(error, RedshankError) else type(error).__name__
    failure = FetchError(f"what it brought could not be kept: {words}", temporary=True)
    return _keep_together(house, [Visit(source=visit.source, outcome=failure)])


def _keep_together(house: House, visits: Sequence[Visit]) -> list[Collected]:
    now = house.now()
    in_order = sorted(visits, key=lambda one: one.source)
    new: dict[str, int] = {}
    with session(house.engine) as db:
        cursors.lock(db, [visit.source for visit in visits])
        began = cursors.first_visits(db)
        brought = [(visit.source, visit.outcome) for visit in in_order if isinstance(visit.outcome, Batch)]
        for name, batch in brought:
            new[name] = _add(house, db, name, batch, began.get(name, now))
        # After all of what is new, as everybody else locks.
        for name, batch in brought:
            _take_back(db, name, batch, now)
        for visit in in_order:
            _note_visit(house, db, visit, new.get(visit.source, 0), now)
    return [_collected(visit, new.get(visit.source, 0)) for visit in visits]


def _add(house: House, db: Session, name: str, batch: Batch, began: datetime) -> int:
    """Keep what a source brought, by which query, and of what it held before it was watched; how many are new.

    A first visit may be too short for the past: what was posted before it and comes in the days after is past as well.
    """
    reading, now = house.readings.get(name), house.now()
    version = _version(db, reading, now)
    silent = reading is not None and reading.source.first_run == "silent"
    first = cursors.state(db, name).backfilled_at is None
    past: list[Mention] = []
    live: list[Mention] = []
    for mention in batch.mentions:
        old = mention.posted_at is not None and mention.posted_at < began and now - began < BACKFILLING
        (past if silent and (first or old) else live).append(mention)
    return sum(
        len(mentions.add_new(db, some, now, mentions.Found(query_version=version, backfill=some is past)))
        for some in (past, live)
        if some
    )


def _version(db: Session, reading: Reading | None, now: datetime) -> str:
    """The version of the query that a source is asked with, on record from its first use on; "" for none."""
    query = reading.query if reading else None
    if query is None:
        return ""
    version = queries.QueryVersion.of(query, now)
    queries.note(db, version)
    return version.version


def _take_back(db: Session, name: str, batch: Batch, now: datetime) -> None:
    gone = mentions.deleted(db, name, batch.deleted, now) if batch.deleted else []
    if gone:
        _LOG.info("deleted_at_source", source=name, mentions=[mention_id for mention_id, _ in gone])


def _note_visit(house: House, db: Session, visit: Visit, new: int, now: datetime) -> None:
    reading = house.readings.get(visit.source)
    if isinstance(visit.outcome, FetchError):
        cursors.failed(db, visit.source, visit.outcome, now)
        return
    cursors.succeeded(db, visit.source, visit.outcome, new, now, rhythm=reading.rhythm if reading else None)
    if reading and reading.source.canary:
        _seek_canary(db, reading.source.canary, visit.outcome, now)


def _seek_canary(db: Session, word: str, batch: Batch, now: datetime) -> None:
    """A canary that is still to be read, and was kept and assessed before, has come out at the end again."""
    planted = [mention for mention in batch.mentions if word in mention.full_text]
    if planted and canaries.any_settled(db, planted):
        cursors.came_out(db, planted[0].source, now)


def _collected(visit: Visit, new: int) -> Collected:
    if isinstance(visit.outcome, FetchError):
        return Collected(source=visit.source, error=str(visit.outcome))
    batch = visit.outcome
    _LOG.info("collected", source=visit.source, new=new, missed=bool(batch.missed))
    return Collected(source=visit.source, new=new, known=len(batch.mentions) - new, missed=batch.missed)


def collect_all(
    house: House, names: Sequence[str], report: Callable[[int], None] = lambda _done: None
) -> list[Collected]:
    """Ask the named sources side by side, by hand; results in their order, ``report`` told how many are done.

    The same asking and keeping as the flow's, without an orchestrator to start: a command should not wait for
    one. Whatever has come in meanwhile is kept in one transaction.
    """
    with session(house.engine, read_only=True) as db:
        cursor = {state.name: state.cursor for state in cursors.states(db)}
    found: dict[str, Collected] = {}
    with ThreadPoolExecutor(house.settings.fetch.workers, thread_name_prefix="collect") as pool:
        waiting = {pool.submit(ask, house, name, cursor.get(name)) for name in names}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for kept in keep(house, [visit.result() for visit in done]):
                    found[kept.source] = kept
                report(len(done))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [found[name] for name in names]


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Only a temporary failure is tried again here; a source that asked for a wait gets it from a later pass."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, FetchError) and error.temporary and error.retry_after is None


@task(
    task_run_name="collect-{name}",
    retries=2,
    retry_delay_seconds=[10, 60],
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
)
@quiet
def collect_source(config: str, name: str) -> Collected:
    """Visit one source in a task of its own; raises FetchError once its failure is recorded."""
    house = wiring.house(config)
    with session(house.engine, read_only=True) as db:
        cursor = cursors.state(db, name).cursor
    visit = ask(house, name, cursor)
    (kept,) = keep(house, [visit])
    if isinstance(visit.outcome, FetchError):
        raise visit.outcome
    return kept


@flow(name="collect", task_runner=_SIDE_BY_SIDE, log_prints=False)
@quiet
def collect(config: str = "") -> dict[str, int]:
    """Visit every source that is due, side by side; returns counts."""
    house = wiring.house(config)
    with alone(house.var, "collect") as first:
        names = due(house) if first else []
        futures = [collect_source.submit(config, name) for name in names]
        results: Sequence[object] = [future.result(raise_on_failure=False) for future in futures]
    brought = [result for result in results if isinstance(result, Collected)]
    return {
        "sources": len(names),
        "failed": len(names) - len(brought),
        "new": sum(result.new for result in brought),
    }
