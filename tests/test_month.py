"""Eleven days of the whole program in miniature: nobody is left untold, and if somebody were, it would be seen."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
MENTIONS, CASES, DAYS = 150, 25, 11


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """What benchmarks/month.py makes of it, imported as its folder would find it."""
    before = list(sys.path)
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import month

        return month.live(
            tmp_path_factory.mktemp("month"),
            month=date(2026, 12, 1),
            mentions=MENTIONS,
            stories=CASES,
            days=DAYS,
            audit_every=timedelta(hours=6),
        )
    finally:
        sys.path[:] = before


def test_nothing_is_late_lost_or_told_twice(result):
    found = result.score
    assert [str(one) for one in found.late] == []
    assert found.lost == []
    assert found.left_out == []
    assert found.duplicates == []
    assert result.log_whole


def test_digests_go_and_nobody_is_told_what_is_not_for_them(result):
    found = result.score
    assert (found.digests_missing, found.digests_wrong) == ([], [])
    assert (found.accused_told, found.sealed_links, found.unsettled) == ([], [], [])


def test_the_hard_hours_were_lived_through(result):
    """A measure of what never happened would be good for nothing."""
    found = result.score
    assert [one.split()[0] for one in result.crashed] == ["triage", "send", "record"]
    assert len(found.mail_down) >= 2
    assert found.covered
    assert found.repeated == 1  # the sender that was killed after the server had taken its message
    assert any(story.sealed for story in result.world.stories)
    assert any(story.accused for story in result.world.stories)
    assert any(len(story.posts) > 9 for story in result.world.stories)


def _told_by_mail(result):
    """The mail that tells the decision owner of a high case in working hours."""
    return next(
        one
        for one in result.messages
        if one.subject.startswith("[Redshank] High: ")
        and one.to.startswith("margaret")
        and 9 <= one.at.hour < 16
    )


def test_one_dropped_message_is_noticed(result):
    dropped = _told_by_mail(result)
    found = result.measure([one for one in result.messages if one is not dropped])
    (number,) = dropped.steps
    assert [words for words in found.left_out if words.startswith(f"case {number} ")]


def test_a_case_of_which_no_message_arrives_is_lost(result):
    (number,) = _told_by_mail(result).steps
    found = result.measure([one for one in result.messages if number not in one.steps])
    assert [words for words in found.lost if words.startswith(f"case {number} ")]


def test_messages_that_come_late_are_late(result):
    (number,) = _told_by_mail(result).steps
    later = [
        replace(one, at=one.at + timedelta(hours=2)) if number in one.steps else one
        for one in result.messages
    ]
    assert [one.case for one in result.measure(later).late] == [number]


def test_the_same_telling_under_another_identifier_is_seen(result):
    message = _told_by_mail(result)
    found = result.measure([*result.messages, replace(message, ident="<another@oakfield.example>")])
    assert len(found.duplicates) == 1


def test_a_message_to_whom_it_accuses_is_seen(result):
    number, who = next(iter(result.score.accused.items()))
    told = next(one for one in result.messages if number in one.steps)
    leak = replace(told, to=f"{who[0].partition('-')[0]}@oakfield.example", ident="<leak@oakfield.example>")
    assert len(result.measure([*result.messages, leak]).accused_told) == 1
