"""What may be kept from being told at once, and what never."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watch import DAY, NOW, case

from alerts.silences import check, matches, may_silence, silenced
from core.errors import RedshankError
from core.types import Copy, Severity
from core.vocabulary import LABELS, ROLES
from core.work import Silence


def silence(**changes):
    values = {"owner": "ada", "reason": "a known campaign", "starts_at": NOW, "ends_at": NOW + DAY, **changes}
    return Silence(id=1, **values)


def copy(source="local-news", platform="news"):
    return Copy(mention_id=1, source=source, platform=platform, url="", posted_at=None, found_at=NOW)


PILE = case(labels=("reputation",), copies=(copy(), copy("forum", "forum")))


@pytest.mark.parametrize(
    ("criteria", "covered"),
    [
        ({"labels": ("reputation", "harassment")}, True),
        ({"labels": ("harassment",)}, False),
        ({"severity": Severity.high}, True),
        ({"severity": Severity.medium}, False),
        ({"sources": ("local-news", "forum")}, True),
        ({"sources": ("local-news",)}, False),
        ({"platforms": ("news", "forum")}, True),
        ({"platforms": ("news",)}, False),
        ({"case_id": 12}, True),
        ({"case_id": 13}, False),
        ({"case_id": 12, "labels": ("hate",)}, False),
    ],
)
def test_a_case_is_covered_when_it_fits_every_criterion(criteria, covered):
    assert matches(silence(**criteria), PILE, NOW) is covered


def test_another_label_or_doubt_is_not_hidden_and_nor_is_a_case_without_any():
    only = silence(labels=("reputation",))
    assert matches(only, PILE, NOW)
    assert not matches(only, replace(PILE, labels=("reputation", "hate")), NOW)
    assert not matches(only, replace(PILE, ask=("threat",)), NOW)
    assert not matches(only, replace(PILE, labels=()), NOW)
    assert not matches(silence(sources=("local-news",)), replace(PILE, copies=()), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": Severity.critical},
        {"guards": ("conflict",), "conflicts": ("ada",)},
        {"guards": ("speak_up",)},
        {"guards": ("sealed",)},
        {"copies": (replace(copy(), sealed=True),)},
        {"labels": (), "ask": ()},
        {"tags": ("child",)},
        {"tags": ("child_images",)},
        {"ask": ("safeguarding",)},
        {"recipients": ("governance", "safeguarding")},
    ],
)
def test_what_must_be_told_is_covered_by_no_silence(changes):
    never = replace(PILE, **changes)
    assert matches(silence(case_id=12), PILE, NOW)
    assert not matches(silence(case_id=12), never, NOW)
    assert not matches(silence(severity=Severity.high), never, NOW)


def test_of_what_the_safeguarding_lead_is_told_only_what_is_slight_and_of_named_labels_is_silenced():
    slight = replace(PILE, severity=Severity.low, recipients=("governance", "safeguarding"))
    named = silence(labels=("reputation",))
    assert matches(named, slight, NOW)
    assert not matches(named, replace(slight, severity=Severity.medium), NOW)
    assert not matches(named, replace(slight, ask=("privacy",)), NOW)
    assert not matches(silence(severity=Severity.low), slight, NOW)


@pytest.mark.parametrize("role", ROLES)
def test_only_who_answers_for_it_may_begin_or_end_a_silence(role):
    if role in {"governance", "deputy", "safeguarding", "dpo"}:
        may_silence(role)
    else:
        with pytest.raises(RedshankError, match=f"the role {role} neither begins nor ends"):
            may_silence(role)


def test_it_is_in_force_from_its_start_until_its_end():
    only = silence(case_id=12)
    moments = (NOW - DAY, NOW, NOW + DAY * 0.99, NOW + DAY)
    assert [matches(only, PILE, moment) for moment in moments] == [False, True, True, False]


def test_each_case_is_told_apart_with_the_silence_that_covers_it():
    first, second = silence(case_id=12), replace(silence(severity=Severity.high), id=2)
    found = silenced([PILE, case(13), case(14, Severity.critical)], [first, second], NOW)
    assert {number: one.id for number, one in found.items()} == {12: 1, 13: 2}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"owner": " "}, "owner"),
        ({"reason": ""}, "reason"),
        ({"ends_at": NOW}, "end"),
        ({"starts_at": NOW - 2 * DAY, "ends_at": NOW - DAY}, "end"),
        ({"ends_at": NOW + 31 * DAY}, "30 days"),
        ({"labels": ()}, "what it covers"),
        ({"severity": Severity.critical}, "critical"),
        ({"labels": ("safeguarding",)}, "safeguarding"),
        ({"labels": ("gossip",)}, "gossip"),
        ({"platforms": ("pigeon",)}, "pigeon"),
    ],
)
def test_a_silence_that_must_not_be_is_refused_in_words(changes, problem):
    check(silence(labels=("reputation",), ends_at=NOW + 30 * DAY), NOW)
    with pytest.raises(RedshankError, match=problem):
        check(silence(**{"labels": ("reputation",), **changes}), NOW)


CASES = st.builds(
    case,
    severity=st.sampled_from(Severity),
    labels=st.lists(st.sampled_from(LABELS), unique=True).map(tuple),
    ask=st.lists(st.sampled_from(LABELS), max_size=2).map(tuple),
    guards=st.lists(st.sampled_from(("sealed", "speak_up"))).map(tuple),
)


@given(CASES, st.sampled_from(Severity), st.lists(st.sampled_from(LABELS)).map(tuple))
def test_neither_what_is_critical_nor_what_may_concern_somebody_at_risk_is_ever_covered(
    one, severity, labels
):
    if matches(silence(severity=severity, labels=labels), one, NOW):
        assert one.severity < Severity.critical
        assert "safeguarding" not in (*one.labels, *one.ask)
        assert "sealed" not in one.guards
