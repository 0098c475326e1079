"""How much is missed, from a sample: the estimate is near the truth as often as it says."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.recall import DROPPED, FAR, NEAR, Stratum, draw, estimate, stratum

ASK = {"threat": 0.02, "hate": 0.4}


@dataclass(frozen=True)
class Mention:
    scores: Mapping[str, float] = field(default_factory=dict)
    relevant: bool = True


def test_the_strata_are_near_far_and_what_nobody_looked_at() -> None:
    assert stratum(Mention({"threat": 0.01, "hate": 0.0}), ASK) == NEAR
    assert stratum(Mention({"threat": 0.0, "hate": 0.199}), ASK) == FAR
    assert stratum(Mention({"threat": 0.9}, relevant=False), ASK) == DROPPED
    assert stratum(Mention(), ASK) == DROPPED
    assert stratum(Mention({"privacy": 0.9}), ASK) == FAR, "a label that has no threshold says nothing"


def test_the_same_week_draws_the_same_sample_and_another_another() -> None:
    mentions = [Mention({"hate": number / 1000}) for number in range(400)]
    first, sizes = draw(mentions, ASK, 50, "2026-11-16/50")
    assert draw(mentions, ASK, 50, "2026-11-16/50") == (first, sizes)
    assert draw(mentions, ASK, 50, "2026-11-23/50")[0] != first
    assert sizes == {NEAR: 200, FAR: 200, DROPPED: 0}


@given(st.lists(st.sampled_from([NEAR, FAR, DROPPED]), max_size=200), st.integers(10, 100))
def test_a_sample_is_as_large_as_it_can_be_and_holds_nothing_twice(kinds: list[str], size: int) -> None:
    made = {NEAR: ({"hate": 0.3}, True), FAR: ({"hate": 0.0}, True), DROPPED: ({}, False)}
    mentions = [Mention(*made[kind]) for kind in kinds]
    chosen, sizes = draw(mentions, ASK, size, "seed")
    drawn = [id(one) for some in chosen.values() for one in some]
    assert len(drawn) == len(set(drawn)) == min(size, len(kinds))
    assert sizes == {kind: kinds.count(kind) for kind in (NEAR, FAR, DROPPED)}
    assert all(chosen[name] or not sizes[name] for name in sizes), "a stratum that holds something is read"


def test_without_a_sample_or_with_a_stratum_unread_there_is_no_estimate() -> None:
    assert estimate([], flagged=9, decided=9, upheld=9) is None
    assert estimate([Stratum(size=900, read=0, missed=0)], flagged=9, decided=9, upheld=9) is None
    some = [Stratum(size=900, read=30, missed=0), Stratum(size=5, read=0, missed=0)]
    assert estimate(some, flagged=9, decided=9, upheld=9) is None
    nothing = [Stratum(size=900, read=30, missed=0)]
    assert estimate(nothing, flagged=0, decided=0, upheld=0) is None, "nothing to find, nothing missed"


def test_a_week_read_to_the_last_is_known_exactly() -> None:
    found = estimate([Stratum(size=40, read=40, missed=2)], flagged=8, decided=8, upheld=8)
    assert found is not None
    assert (found.estimate, found.low, found.high, found.missed) == pytest.approx((0.8, 0.8, 0.8, 2))


def test_nothing_missed_in_a_small_sample_proves_little() -> None:
    small = estimate([Stratum(size=10_000, read=25, missed=0)], flagged=100, decided=100, upheld=90)
    large = estimate([Stratum(size=10_000, read=2_500, missed=0)], flagged=100, decided=100, upheld=90)
    assert small is not None
    assert large is not None
    assert small.low < 0.5 < large.low
    assert small.high - small.low > 3 * (large.high - large.low)


@given(st.integers(0, 30), st.integers(1, 50), st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_one_more_missed_never_raises_the_estimate(missed: int, decided: int, upheld: int) -> None:
    upheld = min(upheld, decided)
    fewer = estimate([Stratum(size=900, read=31, missed=missed)], flagged=60, decided=decided, upheld=upheld)
    more = estimate(
        [Stratum(size=900, read=31, missed=missed + 1)], flagged=60, decided=decided, upheld=upheld
    )
    assert fewer is not None
    assert more is not None
    assert 0 <= fewer.low <= fewer.estimate <= fewer.high <= 1
    assert more.estimate <= fewer.estimate + 0.005


def test_the_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    """400 made weeks of known recall: an interval that lies is found out."""
    lot, held = random.Random(7), 0
    for _ in range(400):
        sizes, rates = (1_500, 6_000, 2_500), (0.03, 0.001, 0.002)
        missed = [
            sum(lot.random() < rate for _ in range(size)) for size, rate in zip(sizes, rates, strict=True)
        ]
        strata = []
        for size, bad, read in zip(sizes, missed, (150, 90, 60), strict=True):
            seen = sum(number < bad for number in lot.sample(range(size), read))
            strata.append(Stratum(size=size, read=read, missed=seen))
        right = sum(lot.random() < 0.85 for _ in range(300))
        decided = lot.sample(range(300), 120)
        found = estimate(strata, flagged=300, decided=120, upheld=sum(number < right for number in decided))
        assert found is not None
        truth = right / (right + sum(missed))
        held += found.low <= truth <= found.high
    assert held / 400 >= 0.93
