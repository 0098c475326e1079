"""What waits for one reader is one message; what is critical is told by itself."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW, mention, verdict

from alerts.gather import gather
from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from core.types import Severity
from storage import deliveries, ledger, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

TO = "hbg@oakfield.example"


def notice(key: str, *cases: int, **rest: object) -> Notice:
    values: dict[str, object] = {
        "kind": "case",
        "role": "governance",
        "to": TO,
        "channel": "mail",
        "why": f"why of {key}",
        "occasions": tuple(Occasion(key=f"{key}/{number}", case_id=number) for number in cases),
    }
    return Notice(key=key, **(values | rest))  # type: ignore[arg-type]


def test_ten_that_wait_for_one_reader_are_one() -> None:
    waiting = [notice(f"n{number}", number) for number in range(1, 11)]
    (one,) = gather(waiting, {}, most=20)
    assert (one.into, one.others) == ("n1", tuple(f"n{number}" for number in range(2, 11)))
    assert one.why == "10 cases told together; sent to you as governance"


def test_what_is_critical_failed_before_or_goes_elsewhere_stays_by_itself() -> None:
    waiting = [
        notice("lesser", 1),
        notice("critical", 2),
        notice("failed", 3, attempts=1),
        notice("room", 4, channel="teams", to="teams"),
        notice("other", 5, to="dpo@oakfield.example"),
        notice("digest", kind="digest"),
    ]
    assert gather(waiting, {2: Severity.critical}, most=20) == []


def test_several_of_one_case_keep_its_reason() -> None:
    (one,) = gather([notice("first", 7), notice("clock", 7)], {}, most=20)
    assert one.why == "why of first"


@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=5), max_size=30), st.integers(1, 20))
def test_nothing_is_lost_doubled_or_made_too_long(held: list[list[int]], most: int) -> None:
    waiting = [notice(f"n{place}", *dict.fromkeys(numbers)) for place, numbers in enumerate(held)]
    by_key = {one.key: one for one in waiting}
    seen: list[str] = []
    for part in gather(waiting, {}, most):
        keys = (part.into, *part.others)
        cases = {number for key in keys for number in by_key[key].cases}
        assert len(cases) <= max(most, *(len(by_key[key].cases) for key in keys))
        seen += keys
    assert len(seen) == len(set(seen))
    assert set(seen) <= set(by_key)


def _cases(engine: Engine, count: int) -> list[int]:
    with session(engine) as write:
        mentions.add_new(write, [mention(str(n), f"Words number {n}.") for n in range(count)], NOW)
        found = mentions.unassessed(write, NOW, count, HOUR)
        return [case.id for one in found if (case := mentions.settle(write, one, verdict(), NOW))]


def test_what_is_gathered_is_told_once_under_one_key(engine: Engine) -> None:
    first, second, third = _cases(engine, 3)
    parts = [notice("a", first), notice("b", second), notice("c", third)]
    with session(engine) as write:
        deliveries.enqueue(write, parts, NOW)
        assert [one.key for one in deliveries.waiting(write, NOW)] == ["a", "b", "c"]
        deliveries.gather(write, "a", ["b", "c"], "3 cases told together")
    with session(engine) as write:
        assert deliveries.enqueue(write, parts, NOW) == 0, "planning again finds all of it told"
        (one,) = deliveries.due(write, NOW, 10)
        assert (one.cases, one.why) == ((first, second, third), "3 cases told together")
        deliveries.record(write, Delivery(key="a", status=DeliveryStatus.sent, at=NOW))
        assert ledger.first_told(write, [first, second, third]) == dict.fromkeys((first, second, third), NOW)


def test_repeats_that_piled_up_while_a_server_was_away_become_the_newest(engine: Engine) -> None:
    first, second = _cases(engine, 2)
    both = tuple(Occasion(key=f"repeat/{number}", case_id=number) for number in (first, second))
    with session(engine) as write:
        deliveries.enqueue(write, [notice("old", first)], NOW)
        deliveries.enqueue(write, [replace(notice("new"), occasions=both)], NOW + HOUR)
        deliveries.enqueue(write, [notice("last", second)], NOW + 2 * HOUR)
        for key in ("old", "new"):
            delayed = Delivery(key=key, status=DeliveryStatus.delayed, at=NOW, next_try_at=NOW + 4 * HOUR)
            deliveries.record(write, delayed)
        assert deliveries.replace_repeats(write, NOW + 3 * HOUR) == 1
        assert [line.status for line in ledger.lines(write)] == ["queued", "queued", "replaced"]
        assert deliveries.due(write, NOW + 3 * HOUR, 10, MINUTE)[0].key == "last"
        deliveries.revive(write, "mail", NOW + 3 * HOUR)
        assert [one.key for one in deliveries.due(write, NOW + 3 * HOUR, 10)] == ["new"]
