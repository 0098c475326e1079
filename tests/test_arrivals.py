"""When a source brings less than it should, and when it only rests."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.arrivals import ALARM, HOUR, WEEK, unusually_quiet

DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)  # winter time: the clocks go forward four weeks on
NOW = MONDAY + 6 * WEEK + 2 * DAY + 10 * HOUR


def by_day(hour: datetime) -> int:
    """Two an hour in the day on weekdays, nothing at night and at weekends."""
    local = hour.astimezone(LONDON)
    return 2 if local.weekday() < 5 and 8 <= local.hour < 18 else 0


def hours(rate=by_day, until: datetime = NOW) -> dict[datetime, int]:
    count = int((until - MONDAY) / HOUR)
    found = {MONDAY + index * HOUR: rate(MONDAY + index * HOUR) for index in range(count)}
    return {hour: new for hour, new in found.items() if new}


def ask(known: dict[datetime, int], now: datetime = NOW, since: datetime = MONDAY):
    return unusually_quiet(known, watched_since=since, now=now, zone=LONDON)


def test_a_source_that_brings_what_it_always_brings_is_not_quiet() -> None:
    assert ask(hours()) is None


def test_a_night_and_a_weekend_without_a_word_are_usual() -> None:
    sunday = MONDAY + 5 * WEEK + 6 * DAY + 20 * HOUR
    assert ask(hours(until=sunday), now=sunday) is None


def test_a_working_day_without_a_word_is_told() -> None:
    stopped = hours(until=NOW - 26 * HOUR)
    quiet = ask(stopped)
    assert quiet is not None
    assert quiet.chance < ALARM
    assert quiet.seen <= 4
    assert quiet.expected == pytest.approx(20, abs=16)


def test_a_trickle_where_there_was_a_stream_is_told_too() -> None:
    known = hours()
    thin = {hour: 1 for hour in known if hour >= NOW - DAY and hour.hour == 12}
    quiet = ask({hour: new for hour, new in known.items() if hour < NOW - DAY} | thin)
    assert quiet is not None
    assert quiet.seen <= 2


def test_of_a_source_that_brings_little_silence_says_nothing() -> None:
    known = {MONDAY + week * WEEK + 30 * HOUR: 1 for week in range(5)}
    assert ask(known) is None


def test_two_weeks_must_be_known_first() -> None:
    stopped = hours(until=NOW - 26 * HOUR)
    assert ask(stopped, since=NOW - 2 * WEEK) is None
    assert ask(stopped, since=NOW - 3 * WEEK - DAY) is not None


def test_the_week_is_the_organisations_own_over_the_change_of_clocks() -> None:
    spring = datetime(
        2026, 3, 30, 8, 30, tzinfo=UTC
    )  # half past nine in London, where it would be half past eight
    assert ask(hours(until=spring), now=spring) is None


@pytest.mark.parametrize("burst", [1, 4])
def test_false_alarms_are_rare_where_posts_come_in_bursts(burst: int) -> None:
    """40 sources, each looked at every six hours for three weeks: 3,360 looks."""
    alarms = 0
    for number in range(40):
        draw = random.Random(number)
        rate = draw.choice([0.1, 0.3, 1.0, 3.0])
        known: dict[datetime, int] = {}
        for index in range(8 * 7 * 24):
            begun = sum(draw.random() < rate / burst / 20 for _ in range(20))
            if begun:
                known[MONDAY + index * HOUR] = begun * burst
        looks = [MONDAY + 5 * WEEK + look * 6 * HOUR for look in range(84)]
        told = [ask({h: n for h, n in known.items() if h < at}, now=at) for at in looks]
        alarms += any(told)
    assert alarms <= 2


@given(st.dictionaries(st.integers(0, 1100), st.integers(0, 50)), st.integers(0, 1500))
def test_whatever_came_the_answer_is_sound(counts: dict[int, int], passed: int) -> None:
    now = MONDAY + passed * HOUR
    known = {MONDAY + index * HOUR: count for index, count in counts.items() if index < passed}
    quiet = ask(known, now=now)
    if quiet is not None:
        assert quiet.seen < quiet.expected
        assert quiet.since < now


def blind(known: dict[datetime, int], *spans: tuple[datetime, datetime], now: datetime = NOW):
    return unusually_quiet(known, watched_since=MONDAY, now=now, zone=LONDON, blind=spans)


def test_what_was_not_read_is_not_silent() -> None:
    stopped = hours(until=NOW - 3 * DAY)
    assert blind(stopped) is not None
    assert blind(stopped, (NOW - 3 * DAY, NOW)) is None


def test_what_had_waited_while_nobody_read_is_no_rate() -> None:
    known = hours()
    known = {hour: new for hour, new in known.items() if not NOW - 9 * DAY <= hour < NOW - 2 * DAY}
    known[NOW - 2 * DAY] = 400
    assert blind(known, (NOW - 9 * DAY, NOW - 2 * DAY)) is None


def test_a_silence_after_an_outage_is_told_all_the_same() -> None:
    known = hours(until=NOW - 30 * HOUR)
    quiet = blind(known, (NOW - 20 * DAY, NOW - 18 * DAY))
    assert quiet is not None
    assert quiet.seen <= 4


@given(
    st.dictionaries(st.integers(0, 1100), st.integers(0, 50)),
    st.integers(0, 1500),
    st.lists(st.tuples(st.integers(-50, 1500), st.integers(0, 900))),
)
def test_whatever_was_not_read_the_answer_is_sound(counts, passed: int, outages) -> None:
    now = MONDAY + passed * HOUR
    known = {MONDAY + index * HOUR: count for index, count in counts.items() if index < passed}
    spans = [(MONDAY + start * HOUR, MONDAY + (start + length) * HOUR) for start, length in outages]
    quiet = blind(known, *spans, now=now)
    assert quiet is None or quiet.seen < quiet.expected
