"""How far each source was read, how it fares, and which is due."""

import itertools
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW

from core.errors import BudgetError, FetchError
from core.types import Batch, Rhythm, SourceState
from storage import cursors
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

TEMPORARY = FetchError("the server answered 503", temporary=True)
PERMANENT = FetchError("the server answered 404", temporary=False)
GONE = FetchError("410", temporary=False, gone=True)
_numbers = itertools.count(1)


def steady(pause: timedelta) -> Rhythm:
    return Rhythm(pause, pause)


def fail(engine: Engine, error: FetchError = TEMPORARY, now=NOW) -> SourceState:
    with session(engine) as write:
        cursors.failed(write, "news", error, now)
    return state(engine)


def succeed(engine: Engine, batch: Batch, new: int = 0, now=NOW) -> SourceState:
    with session(engine) as write:
        cursors.succeeded(write, "news", batch, new, now)
    return state(engine)


def state(engine: Engine) -> SourceState:
    with session(engine, read_only=True) as read:
        return cursors.state(read, "news")


def test_a_source_never_visited_has_a_fresh_state(engine: Engine) -> None:
    assert state(engine) == SourceState(name="news")
    with session(engine) as read:
        assert cursors.states(read) == []


def test_a_visit_saves_the_cursor_and_counts(engine: Engine) -> None:
    succeed(engine, Batch(cursor="one"), new=3, now=NOW - HOUR)
    later = NOW + MINUTE
    assert succeed(engine, Batch(cursor="two", not_before=later), new=2) == SourceState(
        name="news",
        cursor="two",
        last_try_at=NOW,
        last_ok_at=NOW,
        not_before=later,
        mentions=5,
        answered_at=NOW,
        backfilled_at=NOW - HOUR,
    )


def test_an_unchanged_source_keeps_its_cursor(engine: Engine) -> None:
    succeed(engine, Batch(cursor="etag"))
    assert succeed(engine, Batch(unchanged=True)).cursor == "etag"


def test_what_was_missed_stays_on_show_until_something_else_is(engine: Engine) -> None:
    succeed(engine, Batch(missed="more than the feed holds"), now=NOW - HOUR)
    still = succeed(engine, Batch())
    assert (still.missed, still.missed_at) == ("more than the feed holds", NOW - HOUR)


def test_a_failure_keeps_the_cursor_and_says_since_when(engine: Engine) -> None:
    succeed(engine, Batch(cursor="one"), now=NOW - HOUR)
    fail(engine, now=NOW)
    assert fail(engine, PERMANENT, now=NOW + HOUR) == SourceState(
        name="news",
        cursor="one",
        last_ok_at=NOW - HOUR,
        last_try_at=NOW + HOUR,
        failing_since=NOW,
        error="the server answered 404",
        error_temporary=False,
        not_before=NOW + 7 * HOUR,
        backfilled_at=NOW - HOUR,
    )


def test_success_clears_the_failure_and_the_pauses_start_small_again(engine: Engine) -> None:
    for _ in range(4):
        fail(engine)
    assert succeed(engine, Batch()) == SourceState(
        name="news", last_try_at=NOW, last_ok_at=NOW, backfilled_at=NOW
    )
    assert fail(engine).not_before == NOW + MINUTE


def test_passing_failures_pause_from_a_minute_to_six_hours(engine: Engine) -> None:
    pauses = [(fail(engine).not_before or NOW) - NOW for _ in range(12)]
    minutes = [pause // MINUTE for pause in pauses]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        (timedelta(seconds=3), timedelta(seconds=3)),
        (timedelta(days=2), timedelta(days=2)),
        (timedelta.max, timedelta(days=31)),
        (timedelta(days=-1), timedelta()),
    ],
)
def test_the_sources_own_wish_is_kept_within_reason(
    engine: Engine, asked: timedelta, given_: timedelta
) -> None:
    failed = fail(engine, FetchError("429", temporary=True, retry_after=asked))
    assert failed.not_before == NOW + given_


def test_a_source_that_is_gone_is_retired_and_not_due_until_it_answers(engine: Engine) -> None:
    gone = fail(engine, GONE)
    assert gone.retired_at == NOW
    assert cursors.due([gone], {"news": steady(MINUTE)}, NOW + 1000 * HOUR) == []
    assert succeed(engine, Batch()).retired_at is None


def outages(engine: Engine, since=NOW - HOUR) -> list[tuple[object, ...]]:
    with session(engine, read_only=True) as read:
        return [(one.source, one.began, one.ended, one.kind) for one in cursors.outages(read, since)]


def test_the_first_failure_begins_an_outage_and_success_ends_it(engine: Engine) -> None:
    succeed(engine, Batch(), now=NOW - HOUR)
    fail(engine, TEMPORARY, now=NOW)
    fail(engine, PERMANENT, now=NOW + MINUTE)
    assert outages(engine) == [("news", NOW, None, "failed")]
    succeed(engine, Batch(), now=NOW + HOUR)
    succeed(engine, Batch(), now=NOW + 2 * HOUR)
    fail(engine, PERMANENT, now=NOW + 3 * HOUR)
    assert outages(engine) == [
        ("news", NOW, NOW + HOUR, "failed"),
        ("news", NOW + 3 * HOUR, None, "refused"),
    ]


def test_being_retired_ends_the_outage_that_ran_and_begins_one_that_lasts(engine: Engine) -> None:
    fail(engine, now=NOW)
    fail(engine, GONE, now=NOW + HOUR)
    fail(engine, GONE, now=NOW + 2 * HOUR)
    fail(engine, TEMPORARY, now=NOW + 3 * HOUR)
    assert outages(engine) == [
        ("news", NOW, NOW + HOUR, "failed"),
        ("news", NOW + HOUR, None, "retired"),
    ]


def test_outages_are_told_that_lasted_at_a_moment_or_later(engine: Engine) -> None:
    fail(engine, now=NOW)
    succeed(engine, Batch(), now=NOW + HOUR)
    with session(engine) as write:
        cursors.failed(write, "another", TEMPORARY, NOW - 9 * HOUR)
    lasting = ("another", NOW - 9 * HOUR, None, "failed")
    assert outages(engine, NOW + HOUR) == [lasting, ("news", NOW, NOW + HOUR, "failed")]
    assert outages(engine, NOW + HOUR + MINUTE) == [lasting]


def test_an_outage_is_written_with_the_state_or_not_at_all(engine: Engine) -> None:
    with suppress(KeyboardInterrupt), session(engine) as write:
        cursors.failed(write, "news", TEMPORARY, NOW)
        raise KeyboardInterrupt
    assert outages(engine) == []
    assert state(engine).failing_since is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(visits=st.lists(st.sampled_from([None, TEMPORARY, PERMANENT, GONE]), min_size=1))
def test_outages_tell_exactly_when_a_source_could_not_be_read(
    engine: Engine, visits: list[FetchError | None]
) -> None:
    name = f"source {next(_numbers)}"
    for hour, error in enumerate(visits):
        with session(engine) as write:
            if error:
                cursors.failed(write, name, error, NOW + hour * HOUR)
            else:
                cursors.succeeded(write, name, Batch(), 0, NOW + hour * HOUR)
    with session(engine, read_only=True) as read:
        found = [one for one in cursors.outages(read, NOW) if one.source == name]
    held = [
        sum(
            one.began <= NOW + hour * HOUR and (one.ended is None or one.ended > NOW + hour * HOUR)
            for one in found
        )
        for hour in range(len(visits))
    ]
    assert held == [int(error is not None) for error in visits]
    assert all(one.ended is None or one.began < one.ended for one in found)


def test_each_source_has_a_first_visit_of_its_own(engine: Engine) -> None:
    with session(engine) as write:
        cursors.lock(write, ["never"])
        cursors.failed(write, "b", TEMPORARY, NOW - HOUR)
        cursors.succeeded(write, "a", Batch(), 0, NOW)
        cursors.succeeded(write, "b", Batch(), 0, NOW)
        assert cursors.first_visits(write) == {"a": NOW, "b": NOW - HOUR}
        assert cursors.first_visit(write) == NOW - HOUR


def test_states_are_listed_by_name(engine: Engine) -> None:
    with session(engine) as write:
        for name in ("b", "a"):
            cursors.succeeded(write, name, Batch(), 0, NOW)
        assert [found.name for found in cursors.states(write)] == ["a", "b"]


def test_what_was_never_visited_is_due_first_then_the_longest_waiting() -> None:
    known = [SourceState(name="a", last_try_at=NOW - HOUR), SourceState(name="b", last_try_at=NOW - 2 * HOUR)]
    assert cursors.due(known, dict.fromkeys("abc", steady(HOUR)), NOW) == ["c", "b", "a"]


def test_a_source_rests_between_visits_and_as_long_as_it_asked() -> None:
    fresh = SourceState(name="a", last_try_at=NOW, not_before=NOW + 2 * HOUR)
    assert cursors.due([fresh], {"a": steady(HOUR)}, NOW + HOUR) == []
    assert cursors.due([fresh], {"a": steady(HOUR)}, NOW + 2 * HOUR) == ["a"]


def test_a_failing_source_is_tried_as_soon_as_its_pause_is_over() -> None:
    failing = SourceState(name="a", last_try_at=NOW, failing_since=NOW, not_before=NOW + MINUTE)
    assert cursors.due([failing], {"a": steady(HOUR)}, NOW) == []
    assert cursors.due([failing], {"a": steady(HOUR)}, NOW + MINUTE) == ["a"]


def test_a_source_no_longer_configured_is_not_due() -> None:
    assert cursors.due([SourceState(name="old")], {}, NOW) == []


@given(st.lists(st.integers(0, 100)), st.integers(0, 200), st.integers(1, 50))
def test_exactly_those_are_due_whose_pause_is_over(visits: list[int], minutes: int, pause: int) -> None:
    known = [SourceState(name=str(n), last_try_at=NOW + visit * MINUTE) for n, visit in enumerate(visits)]
    due = cursors.due(known, {one.name: steady(pause * MINUTE) for one in known}, NOW + minutes * MINUTE)
    assert set(due) == {str(n) for n, visit in enumerate(visits) if visit + pause <= minutes}


@pytest.mark.parametrize(
    ("brought", "pauses"),
    [
        ([0, 0, 0, 0, 0], [15, 22, 33, 40, 40]),
        ([0, 0, 0, 9, 0], [15, 22, 33, 16, 25]),
        ([5, 5, 5, 5, 5], [10, 10, 10, 10, 10]),
    ],
)
def test_a_source_is_visited_more_seldom_while_it_brings_nothing(
    engine: Engine, brought: list[int], pauses: list[int]
) -> None:
    rhythm, seen = Rhythm(10 * MINUTE, 40 * MINUTE), []
    for new in brought:
        with session(engine) as write:
            cursors.succeeded(write, "news", Batch(), new, NOW, rhythm=rhythm)
        interval = state(engine).interval
        assert interval is not None
        seen.append(interval // MINUTE)
    assert seen == pauses


def test_what_was_missed_hurries_the_next_visit(engine: Engine) -> None:
    rhythm = Rhythm(10 * MINUTE, 40 * MINUTE)
    for batch in (Batch(), Batch(), Batch(missed="a page was not read")):
        with session(engine) as write:
            cursors.succeeded(write, "news", batch, 0, NOW, rhythm=rhythm)
    assert state(engine).interval == timedelta(seconds=675)


@given(st.integers(1, 10_000), st.integers(1, 500), st.integers(0, 1000))
def test_the_pause_stays_within_the_bounds_whatever_they_were_before(
    earned: int, every: int, more: int
) -> None:
    rhythm = Rhythm(every * MINUTE, (every + more) * MINUTE)
    last = SourceState(name="a", last_try_at=NOW, interval=earned * MINUTE)
    assert cursors.due([last], {"a": rhythm}, NOW + rhythm.every - timedelta(seconds=1)) == []
    assert cursors.due([last], {"a": rhythm}, NOW + rhythm.slowest) == ["a"]


def test_the_canary_is_noted_beside_the_rest(engine: Engine) -> None:
    succeed(engine, Batch(cursor="one"), new=1)
    with session(engine) as write:
        cursors.came_out(write, "news", NOW + HOUR)
    assert (state(engine).canary_at, state(engine).cursor) == (NOW + HOUR, "one")


def test_a_budget_that_is_spent_is_no_failure_of_the_source_but_something_missed(engine: Engine) -> None:
    succeed(engine, Batch(cursor="one"), now=NOW - HOUR)
    spent = fail(engine, BudgetError("the budget of the key youtube is spent", retry_after=5 * HOUR))
    assert (spent.failing_since, spent.error, spent.cursor) == (None, "", "one")
    assert (spent.missed, spent.missed_at) == ("the budget of the key youtube is spent", NOW)
    assert (spent.not_before, spent.last_ok_at) == (NOW + 5 * HOUR, NOW - HOUR)
    with session(engine, read_only=True) as read:
        assert cursors.outages(read, NOW - HOUR) == []
