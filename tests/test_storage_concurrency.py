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
from storage_fixtures import HOUR, MINUTE, NOW, mention, verdict

from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from core.types import Batch, Severity
from storage import acknowledgements, actions, cases, cursors, deliveries, ledger, mentions
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


def about(key: str, *numbers: int, **rest: str) -> Notice:
    """A notice of cases, each under an occasion of its own."""
    return Notice(
        key=key,
        kind="case",
        role="governance",
        to=rest.get("to", "hbg@oakfield.example"),
        channel="mail",
        why="w",
        occasions=tuple(Occasion(key=f"case/{number}/r1/{key}", case_id=number) for number in numbers),
    )


def one_case(engine: Engine) -> int:
    with session(engine) as write:
        mentions.add_new(write, [mention()], NOW)
        (stored,) = mentions.unassessed(write, NOW, 1, MINUTE)
        case = mentions.settle(write, stored, verdict(), NOW)
        mentions.add_new(write, [mention(text="edited")], NOW)
    assert case is not None
    return case.id


def settle_again(write: Session, _case: int) -> None:
    (stored,) = mentions.unassessed(write, NOW, 1, MINUTE)
    mentions.settle(write, stored, verdict(Severity.critical), NOW)


def draft(write: Session, case: int) -> None:
    actions.draft(write, case, "police", actor="sal", role="safeguarding", reason="r", at=NOW)


LOCKING: list[Callable[[Session, int], object]] = [
    settle_again,
    draft,
    cases.lock,
    lambda write, case: acknowledgements.add(write, case, role="dpo", who="x", now=NOW),
]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("work", LOCKING)
def test_whoever_plans_messages_about_a_case_never_waits_for_whoever_moves_it(
    engine: Engine, work: Callable[[Session, int], object]
) -> None:
    """Else the two wait in a circle: triage plans last, with the case locked."""
    case = one_case(engine)

    def plan() -> int:
        with session(engine) as other:
            return deliveries.enqueue(other, [about("b", case)], NOW)

    with ThreadPoolExecutor(1) as pool, session(engine) as write:
        work(write, case)
        planned = pool.submit(plan)
        assert planned.result(timeout=10) == 1
        assert deliveries.enqueue(write, [about("a", case)], NOW) == 1
    with session(engine, read_only=True) as read:
        assert {line.notice.key for line in ledger.lines(read)} == {"a", "b"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_another_sender_takes_just_now_replaces_nothing(engine: Engine) -> None:
    """It may yet be refused: then the older one must still go."""
    case = one_case(engine)
    with session(engine) as write:
        deliveries.enqueue(write, [about("older", case)], NOW)
        failed = Delivery(key="older", status=DeliveryStatus.delayed, at=NOW, next_try_at=NOW + HOUR)
        deliveries.record(write, failed)
    with session(engine) as write:
        deliveries.enqueue(write, [about("newer", case)], NOW + MINUTE)
    with session(engine) as sender, session(engine) as other:
        assert [one.key for one in deliveries.due(sender, NOW + MINUTE, 10)] == ["newer"]
        assert deliveries.replace_repeats(other, NOW + MINUTE) == 0


def tidy(write: Session) -> None:
    """As flows.tell does before it sends."""
    deliveries.replace_repeats(write, NOW + HOUR)
    readers: dict[str, list[str]] = {}
    for one in deliveries.waiting(write, NOW + HOUR):
        if not one.attempts:
            readers.setdefault(one.to, []).append(one.key)
    for first, *others in readers.values():
        deliveries.gather(write, first, others, "told together")


def send(write: Session) -> list[str]:
    sent = [one.key for one in deliveries.due(write, NOW + HOUR, 5)]
    for key in sent:
        deliveries.record(write, Delivery(key=key, status=DeliveryStatus.sent, at=NOW + HOUR))
    return sent


def test_senders_that_tidy_and_send_at_once_lose_no_occasion(engine_url: str, engine: Engine) -> None:
    case = one_case(engine)
    notices = [about(f"{n}", case, to=f"{n % 3}@oakfield.example") for n in range(24)]
    for minute, notice in enumerate(notices):
        with session(engine) as write:
            deliveries.enqueue(write, [notice], NOW + minute * MINUTE)
            if minute < 12:
                late = Delivery(key=notice.key, status=DeliveryStatus.delayed, at=NOW, next_try_at=NOW)
                deliveries.record(write, late)
    turns: list[Callable[[Session], list[str] | None]] = [tidy, send, tidy, send]

    def work(write: Session) -> list[str] | None:
        return turns.pop()(write)

    sent = at_once(engine_url, work)
    while more := at_once(engine_url, send, 1)[0]:
        sent.append(more)
    keys = [key for some in sent for key in some or ()]
    assert len(keys) == len(set(keys)), "nothing goes twice"
    with session(engine, read_only=True) as read:
        found = {one.key: line for line in ledger.lines(read) for one in line.notice.occasions}
    assert set(found) == {one.key for notice in notices for one in notice.occasions}
    assert {line.status for line in found.values()} <= {"accepted", "replaced"}
    told = {line.notice.to for line in found.values() if line.status == "accepted"}
    assert told == {notice.to for notice in notices}


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
