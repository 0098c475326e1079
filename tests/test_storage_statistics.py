"""Counts of what came in, by the days of the organisation."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from storage_fixtures import HARMLESS, HOUR, mention

from core.types import Severity, Verdict
from storage import mentions, statistics
from storage.engine import session
from storage.statistics import DayCount

pytest_plugins = ["storage_fixtures"]

LONDON = ZoneInfo("Europe/London")
NOT_US = Verdict(flagged=False, severity=Severity.none, reasons=("not about us",))
# The clocks go forward on the 29th: that day has 23 hours.
MIDNIGHTS = [datetime(2026, 3, day, tzinfo=LONDON) for day in range(28, 32)]


def add(
    engine: Engine, key: str, at: datetime, *verdicts: Verdict, text: str = "The garden is open."
) -> None:
    with session(engine) as write:
        mentions.add_new(write, [mention(key, text)], at)
        for verdict in verdicts:
            (stored,) = mentions.unassessed(write, at, 1, timedelta(hours=1))
            mentions.settle(write, stored, verdict, at)


def by_day(engine: Engine) -> list[DayCount]:
    with session(engine, read_only=True) as read:
        return statistics.by_day(read, MIDNIGHTS, "not about us")


def test_a_day_is_a_local_one_and_begins_with_its_first_moment(engine: Engine) -> None:
    add(engine, "a", MIDNIGHTS[0] - timedelta(microseconds=1))
    add(engine, "b", MIDNIGHTS[1] - timedelta(microseconds=1))
    add(engine, "c", MIDNIGHTS[1])
    add(engine, "d", datetime(2026, 3, 29, 22, 59, tzinfo=UTC))
    add(engine, "e", datetime(2026, 3, 29, 23, tzinfo=UTC))
    add(engine, "f", MIDNIGHTS[3])
    assert by_day(engine) == [DayCount(1, 0), DayCount(2, 0), DayCount(1, 0)]


def test_what_was_dropped_counts_on_the_day_on_which_it_came_in(engine: Engine) -> None:
    at = MIDNIGHTS[1] - HOUR
    add(engine, "a", at, NOT_US)
    add(engine, "b", at, HARMLESS)
    add(engine, "a", at + 2 * HOUR, NOT_US, text="The garden is shut.")
    add(engine, "a", at + 3 * HOUR, text="Not judged yet.")
    assert by_day(engine) == [DayCount(2, 1), DayCount(2, 1), DayCount(0, 0)]


def test_no_day_has_no_count(engine: Engine) -> None:
    with session(engine, read_only=True) as read:
        assert statistics.by_day(read, MIDNIGHTS[:1], "x") == statistics.by_day(read, [], "x") == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(hours=st.lists(st.integers(-50, 120), max_size=8))
def test_days_add_up_to_all_that_came_in(engine: Engine, hours: list[int]) -> None:
    before = sum(count.read for count in by_day(engine))
    for hour in hours:
        add(engine, f"{id(hours)}/{hour}", MIDNIGHTS[0] + hour * HOUR)
    with session(engine, read_only=True) as read:
        whole = mentions.read_since(read, MIDNIGHTS[0]) - mentions.read_since(read, MIDNIGHTS[-1])
    after = sum(count.read for count in by_day(engine))
    assert before <= after == whole
