"""What was said: for each source that is due, connector.fetch -> mentions.add_new.

    due -> visit (one task a source) -> Collected

The cursor is saved in the transaction that saves the mentions. A source that fails is recorded as failing and
holds up no other.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import structlog
from prefect import State, Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from core.errors import FetchError, RedshankError
from flows import wiring
from flows.wiring import House
from storage import cursors, mentions
from storage.engine import session

_LOG = structlog.get_logger(__name__)
_SIDE_BY_SIDE: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=8)
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one visit brought: counts, and why it failed or may have missed something."""

    source: str
    new: int = 0
    known: int = 0
    error: str = ""
    missed: str = ""


def due(house: House) -> list[str]:
    """The names of the sources whose turn it is, longest waiting first."""
    house.require_assessment()
    every = {name: reading.source.every for name, reading in house.readings.items()}
    with session(house.engine) as db:
        return cursors.due(cursors.states(db), every, house.now())


def visit(house: House, name: str) -> Collected:
    """Read one source and keep what it brought; a failure is recorded on the source.

    Raises:
        FetchError: the source could not be read; ``temporary`` tells whether to try again.
    """
    reading = house.readings[name]
    with session(house.engine) as db:
        cursor = cursors.state(db, name).cursor
    try:
        batch = house.fetch(reading, cursor)
    except FetchError as error:
        _record_failure(house, name, error)
        raise
    except RedshankError:
        raise
    except Exception as error:  # noqa: BLE001 - one broken connector must not stop the others
        _LOG.exception("connector_broke", source=name, kind=reading.source.kind)
        failure = FetchError(f"the connector broke: {type(error).__name__}", temporary=True)
        _record_failure(house, name, failure)
        # The cause is in the log without its message, which may repeat what people wrote.
        raise failure from None
    now = house.now()
    with session(house.engine) as db:
        new = len(mentions.add_new(db, batch.mentions, now))
        cursors.succeeded(db, name, batch, new, now)
    _LOG.info("collected", source=name, new=new, entries=len(batch.mentions), missed=bool(batch.missed))
    return Collected(source=name, new=new, known=len(batch.mentions) - new, missed=batch.missed)


def _record_failure(house: House, name: str, error: FetchError) -> None:
    _LOG.warning("source_failed", source=name, temporary=error.temporary, status=error.status)
    with session(house.engine) as db:
        cursors.failed(db, name, error, house.now())


def attempt(house: House, name: str) -> Collected:
    """As `visit`, with an expected failure as a value."""
    try:
        return visit(house, name)
    except FetchError as error:
        return Collected(source=name, error=str(error))


def collect_all(house: House, names: Sequence[str], report: Callable[[], None]) -> list[Collected]:
    """Visit the named sources side by side, by hand; results in their order, ``report`` called after each.

    The same visits as the flow's, without an orchestrator to start: a command should not wait for one.
    """
    with ThreadPoolExecutor(house.settings.fetch.workers, thread_name_prefix="collect") as pool:
        visits = [pool.submit(attempt, house, name) for name in names]
        try:
            for _ in as_completed(visits):
                report()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [done.result() for done in visits]


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Only a temporary failure is tried again, and only where the source asked for no long wait."""
    error = state.result(raise_on_failure=False)
    if not isinstance(error, FetchError) or not error.temporary:
        return False
    return error.retry_after is None or error.retry_after.total_seconds() <= _PATIENCE


@task(
    task_run_name="collect-{name}",
    retries=2,
    retry_delay_seconds=[10, 60],
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
)
def collect_source(config: str, name: str) -> Collected:
    """Visit one source in a task of its own."""
    return visit(wiring.house(config), name)


@flow(name="collect", task_runner=_SIDE_BY_SIDE, log_prints=False)
def collect(config: str = "") -> dict[str, int]:
    """Visit every source that is due, side by side; returns counts."""
    names = due(wiring.house(config))
    futures = [collect_source.submit(config, name) for name in names]
    results: Sequence[object] = [future.result(raise_on_failure=False) for future in futures]
    brought = [result for result in results if isinstance(result, Collected)]
    return {
        "sources": len(names),
        "failed": len(names) - len(brought),
        "new": sum(result.new for result in brought),
    }
