"""What reaching widely keeps: budgets of keys, pauses of sources, versions of queries, arrivals by the hour."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW

from core.errors import RedshankError
from core.work import Pause
from storage import audit, budgets, pauses, queries, rates
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

DAY = timedelta(days=1)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


def spend(engine: Engine, units: int, limit: int = 100) -> bool:
    with session(engine) as write:
        return budgets.spend(write, "youtube.search", MIDNIGHT, units, limit)


def test_a_budget_is_spent_to_its_last_unit_and_no_further(engine: Engine) -> None:
    assert [spend(engine, units) for units in (60, 40, 1)] == [True, True, False]
    with session(engine, read_only=True) as read:
        assert budgets.used(read, "youtube.search", MIDNIGHT) == 100
        assert budgets.used(read, "youtube.search", MIDNIGHT + DAY) == 0


def test_what_is_refused_takes_nothing(engine: Engine) -> None:
    assert [spend(engine, units) for units in (99, 5, 1)] == [True, False, True]


def test_many_at_once_spend_no_more_than_there_is(engine: Engine) -> None:
    granted: list[bool] = []
    threads = [threading.Thread(target=lambda: granted.append(spend(engine, 10))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(granted) == [False] * 6 + [True] * 10


def test_old_windows_are_forgotten(engine: Engine) -> None:
    spend(engine, 7)
    with session(engine) as write:
        budgets.forget(write, MIDNIGHT)
        assert budgets.used(write, "youtube.search", MIDNIGHT) == 7
        budgets.forget(write, MIDNIGHT + DAY)
        write.expire_all()
        assert budgets.used(write, "youtube.search", MIDNIGHT) == 0


def paused(engine: Engine, **changes: object) -> None:
    values = {
        "name": "news",
        "reason": "The site is being rebuilt",
        "until": NOW + DAY,
        "by": "jo",
        "at": NOW,
    }
    with session(engine) as write:
        pauses.pause(write, Pause(**values | changes), role="operator")  # type: ignore[arg-type]


def test_a_pause_is_in_force_until_it_ends_and_stands_on_record(engine: Engine) -> None:
    paused(engine)
    with session(engine, read_only=True) as read:
        assert pauses.paused(read, NOW + DAY - MINUTE)["news"].reason == "The site is being rebuilt"
        assert pauses.paused(read, NOW + DAY) == {}
        assert [entry.action for entry in audit.entries(read)] == ["pause source"]


def test_a_second_pause_takes_the_place_of_the_first(engine: Engine) -> None:
    paused(engine)
    paused(engine, until=NOW + 3 * DAY, reason="It takes longer")
    with session(engine, read_only=True) as read:
        assert pauses.paused(read, NOW + 2 * DAY)["news"].reason == "It takes longer"


def test_what_is_resumed_is_visited_at_once_and_only_once(engine: Engine) -> None:
    paused(engine)
    with session(engine) as write:
        pauses.resume(write, "news", by="jo", role="operator", reason="Back", now=NOW + HOUR)
        assert pauses.paused(write, NOW + HOUR) == {}
    with session(engine) as write, pytest.raises(RedshankError, match="not paused"):
        pauses.resume(write, "news", by="jo", role="operator", reason="Again", now=NOW + 2 * HOUR)


def test_a_version_of_a_query_keeps_the_day_of_its_first_use(engine: Engine) -> None:
    first = queries.QueryVersion(version="abc", text="oakfield", expanded="oakfield", first_used=NOW)
    second = queries.QueryVersion(
        version="def", text="{home}", expanded='"Oakfield House"', first_used=NOW + DAY
    )
    with session(engine) as write:
        for one in (first, second):
            queries.note(write, one)
    with session(engine) as write:
        queries.note(
            write, queries.QueryVersion(version="abc", text="x", expanded="x", first_used=NOW + 2 * DAY)
        )
        assert queries.all_(write) == [first, second]


def test_arrivals_are_counted_by_the_hour(engine: Engine) -> None:
    for new, at in ((2, NOW), (3, NOW + MINUTE), (0, NOW + HOUR), (1, NOW + 2 * HOUR)):
        with session(engine) as write:
            rates.note(write, "news", new, at)
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    with session(engine) as write:
        assert rates.since(write, hour) == {"news": {hour: 5, hour + 2 * HOUR: 1}}
        rates.forget(write, hour + HOUR)
        write.expire_all()
        assert rates.since(write, hour) == {"news": {hour + 2 * HOUR: 1}}
