"""Several at once, and one killed in the middle: nothing lost, nothing twice."""

import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from storage_fixtures import MINUTE, NOW, mention, verdict

from core.telling import Notice
from core.types import Batch
from storage import cases, cursors, deliveries, mentions
from storage.engine import open_engine, session

pytest_plugins = ["storage_fixtures"]

T = TypeVar("T")
WORKERS = 4
BATCH = [mention(str(number), text=f"item {number}") for number in range(40)]


def at_once(url: str, work: Callable[[Session], T], workers: int = WORKERS) -> list[T]:
    """Do the same in as many transactions at the same moment, each over its own engine."""
    start = Barrier(workers)

    def run() -> T:
        own = open_engine(url)
        try:
            start.wait()
            with session(own) as write:
                return work(write)
        finally:
            own.dispose()

    with ThreadPoolExecutor(workers) as pool:
        return [done.result() for done in [pool.submit(run) for _ in range(workers)]]


def test_the_same_batch_added_at_once_is_there_once(engine_url: str, engine: Engine) -> None:
    for batch in (BATCH, [mention(said.key, text=said.text + "!") for said in BATCH]):
        shares = at_once(engine_url, lambda write, batch=batch: mentions.add_new(write, batch, NOW))
        ids = [id_ for share in shares for id_ in share]
        assert len(ids) == len(set(ids)) == len(BATCH)
    with session(engine) as read:
        assert mentions.counts(read, NOW).mentions == len(BATCH)
        assert {stored.version for stored in mentions.read(read, ids)} == {2}


def test_no_two_workers_get_the_same_mention(engine_url: str, engine: Engine) -> None:
    with session(engine) as write:
        mentions.add_new(write, BATCH, NOW)
    shares = at_once(engine_url, lambda write: mentions.unassessed(write, NOW, 15, MINUTE))
    with session(engine) as write:
        shares.append(mentions.unassessed(write, NOW, 100, MINUTE))
    ids = [stored.id for share in shares for stored in share]
    assert len(ids) == len(set(ids)) == len(BATCH)


def test_no_two_senders_get_the_same_notice(engine_url: str, engine: Engine) -> None:
    notices = [
        Notice(key=str(n), kind="fault", role="operator", to="op@oakfield.example", channel="mail", why="w")
        for n in range(20)
    ]
    assert sum(at_once(engine_url, lambda write: deliveries.enqueue(write, notices, NOW))) == 20
    shares = at_once(engine_url, lambda write: deliveries.due(write, NOW, 7))
    with session(engine) as write:
        shares.append(deliveries.due(write, NOW, 100))
    keys = [one.key for share in shares for one in share]
    assert len(keys) == len(set(keys)) == 20


def test_copies_settled_at_once_are_one_case(engine_url: str, engine: Engine) -> None:
    with session(engine) as write:
        ids = mentions.add_new(write, [mention(str(n), author="@jo") for n in range(WORKERS)], NOW)
        waiting = mentions.read(write, ids)
    told = at_once(engine_url, lambda write: mentions.settle(write, waiting.pop(), verdict(), NOW))
    assert len([case for case in told if case is not None]) == 1
    with session(engine) as read:
        (case,) = cases.open_(read)
    assert len(case.copies) == WORKERS


def test_one_mention_settled_at_once_by_two_is_settled_once(engine_url: str, engine: Engine) -> None:
    with session(engine) as write:
        (stored,) = mentions.read(write, mentions.add_new(write, [mention()], NOW))
    told = at_once(engine_url, lambda write: mentions.settle(write, stored, verdict(), NOW))
    (case,) = [case for case in told if case is not None]
    with session(engine) as read:
        assert len(cases.steps(read, case.id)) == 1


def test_a_source_first_visited_by_two_at_once_has_one_state(engine_url: str, engine: Engine) -> None:
    at_once(engine_url, lambda write: cursors.succeeded(write, "news", Batch(cursor="c"), 1, NOW))
    with session(engine) as read:
        assert cursors.state(read, "news").mentions == WORKERS


COLLECT = """
import sys
sys.path[:0] = sys.argv[2:]
from storage_fixtures import NOW, mention
from core.types import Batch
from storage import cursors, mentions
from storage.engine import open_engine, session

engine = open_engine(sys.argv[1])
for page in range(3):
    with session(engine) as write:
        new = mentions.add_new(write, [mention(f"{page}/{n}") for n in range(50)], NOW)
        cursors.succeeded(write, "news", Batch(cursor=str(page)), len(new), NOW)
        write.flush()
        print("written", flush=True)
        sys.stdin.readline()
"""


@pytest.mark.parametrize("page", [0, 2])
def test_a_killed_collector_loses_nothing_and_doubles_nothing(
    engine_url: str, engine: Engine, page: int
) -> None:
    tests = Path(__file__).parent
    command = [sys.executable, "-c", COLLECT, engine_url, str(tests), str(tests.parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as collector:
        assert collector.stdin is not None
        assert collector.stdout is not None
        for _ in range(page):
            assert collector.stdout.readline() == "written\n"
            collector.stdin.write("\n")
            collector.stdin.flush()
        assert collector.stdout.readline() == "written\n"
        collector.send_signal(signal.SIGKILL)
    with session(engine) as read:
        state = cursors.state(read, "news")
        assert mentions.counts(read, NOW).mentions == state.mentions == page * 50
        assert state.cursor == (str(page - 1) if page else None)
    done = subprocess.run(command, input="\n" * 3, text=True, check=True, capture_output=True)
    assert done.stderr == ""
    with session(engine) as read:
        assert mentions.counts(read, NOW).mentions == cursors.state(read, "news").mentions == 150
