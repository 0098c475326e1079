"""When far more comes than usual: told once a day, and seldom for nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from watch import GOV, HOUR, NOW, SAFE, roster

from alerts.spikes import HISTORY, PileOn, plan_spikes, spike

QUIET = [0] * HISTORY
# By the hour from midnight, as people write: hardly at night, most in the evening.
DAYTIME = (
    0.2,
    0.1,
    0.1,
    0.1,
    0.1,
    0.2,
    0.4,
    0.8,
    1.2,
    1.5,
    1.5,
    1.4,
    1.5,
    1.4,
    1.3,
    1.3,
    1.3,
    1.4,
    1.5,
    1.6,
    1.7,
    1.5,
    1,
    0.5,
)
WEEK = (1.1, 1.1, 1.1, 1.1, 1.1, 0.75, 0.75)


def steady(a_day: float, years: float = 0, seed: int = 0) -> np.ndarray:
    """Counts by the hour that chance alone makes, with the shape of days and weeks."""
    shape = np.outer(WEEK, DAYTIME).ravel()
    hours = int(years * 365 * 24) + HISTORY
    rate = np.resize(shape / shape.mean() * a_day / 24, hours)
    return np.random.default_rng(seed).poisson(rate)


def test_five_within_an_hour_where_there_was_nothing_are_a_spike_and_four_are_not():
    assert spike([*QUIET[:-1], 4]) is None
    found = spike([*QUIET[:-1], 5])
    assert found is not None
    assert (found.hours, found.number) == (1, 5)


def test_a_day_of_many_is_one_even_if_no_hour_is():
    usual = [1 if hour % 24 == 12 else 0 for hour in range(HISTORY)]
    assert spike(usual) is None
    usual[-24::2] = [1] * 12
    found = spike(usual)
    assert found is not None
    assert found.hours == 24
    assert found.number in {12, 13}


def test_what_every_friday_brings_is_no_spike():
    fridays = [0] * HISTORY
    for week in range(5):
        end = HISTORY - 168 * week
        fridays[end - 24 : end] = [1] * 24
    assert spike(fridays) is None


def test_without_a_week_of_history_nothing_is_said():
    assert spike([0] * (6 * 24) + [50]) is None
    assert spike([0] * (7 * 24) + [50]) is not None
    assert spike([]) is None


@pytest.mark.parametrize("a_day", [0.5, 10, 50])
def test_chance_alone_rings_less_than_twice_a_year(a_day):
    # Over 4 years of each rate: 0 to 0.75 a year below 50 items a day, 4.25 at 200.
    years, counts = 2, steady(a_day, 2)
    days = {end // 24 for end in range(HISTORY, len(counts)) if spike(counts[end - HISTORY : end])}
    assert len(days) / years < 2


def test_a_pile_on_of_twenty_in_an_hour_is_always_seen():
    for seed in range(20):
        counts = steady(10, seed=seed)
        counts[-1] += 20
        assert spike(counts) is not None


def test_an_alarm_goes_once_a_day_to_those_who_must_know_with_numbers_only():
    there, rising = roster(), {"flagged items": [*QUIET[:-1], 9]}
    notices = plan_spikes(rising, roster=there, sent=set(), now=NOW)
    assert [notice.to for notice in notices] == [GOV, SAFE]
    assert notices[0].why.startswith(
        "Far more than usual: 9 flagged items in the last hour\n0.0 were to be expected"
    )
    sent = {one.key for notice in notices for one in notice.occasions}
    assert plan_spikes(rising, roster=there, sent=sent, now=NOW + 10 * HOUR) == []
    joined = roster({"governance": (GOV, "new@oakfield.example")})
    assert plan_spikes(rising, roster=joined, sent=sent, now=NOW + 10 * HOUR) == []
    assert len(plan_spikes(rising, roster=there, sent=sent, now=NOW + 24 * HOUR)) == 2


def test_a_pile_on_is_told_without_saying_against_whom():
    pile = PileOn(slug="target-of-a-name", number=30, hours=6)
    [first, _] = plan_spikes({}, [pile], roster=roster(), sent=set(), now=NOW)
    assert first.why.startswith("A pile-on may be under way: 30 mentions about one target in 6 hours")
    assert "target-of-a-name" not in first.why + first.key


@given(st.lists(st.integers(0, 30), max_size=HISTORY + 10))
def test_any_history_is_read_and_an_alarm_always_has_more_than_was_expected(hourly):
    found = spike(hourly)
    if found:
        assert found.number >= 5
        assert found.number > found.expected
        assert found.chance < 1e-4
