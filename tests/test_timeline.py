"""The course of a case: what is told, when, to whom, until somebody takes note and the clocks are met."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watch import (
    CALENDAR,
    DAY,
    DEP,
    DPO,
    HOUR,
    MINUTE,
    NOW,
    PEOPLE,
    RULES,
    TEAMS,
    at,
    case,
    clock,
    member,
    noted,
    roster,
    situations,
)

from alerts.course import steps
from alerts.rules import Pace, Rules, wait
from alerts.telling import Telling
from alerts.timeline import next_due, timeline
from core.errors import ConfigError
from core.types import CaseState, Severity, Work
from core.work import Situation

TEAM = roster(
    {},
    member("ada", "governance", channels=("pager",)),
    member("ben", "deputy"),
    member("cleo", "safeguarding"),
    member("dan", "legal"),
    member("eve", "hr"),
    member("finn", "speak_up"),
)
CRITICAL = case(severity=Severity.critical, detected_at=NOW)


def course(one, until, *, clocks=(), acks=(), there=TEAM, rules=RULES):
    situation = Situation(case=one, clocks=clocks, acknowledged=acks)
    return timeline(situation, there, rules, CALENDAR, until=until)


def told(planned, step=None):
    """``(minutes from NOW, step, member)`` of the mails."""
    return [
        (int((one.at - NOW) / MINUTE), one.step, one.member)
        for one in planned
        if one.channel == "mail" and (step is None or one.step == step)
    ]


def test_a_critical_case_goes_up_the_chain_every_half_hour_and_is_told_again_every_quarter():
    assert told(course(CRITICAL, NOW + 65 * MINUTE)) == [
        (0, "first", "ada"),
        (15, "repeat", "ada"),
        (30, "escalate", "ben"),
        (30, "repeat", "ada"),
        (45, "repeat", "ada"),
        (45, "repeat", "ben"),
        (60, "escalate", "cleo"),
        (60, "repeat", "ada"),
        (60, "repeat", "ben"),
    ]


def test_once_everybody_was_told_it_goes_on_every_hour_for_ever():
    late = [one for one in told(course(CRITICAL, NOW + 2 * DAY), "repeat") if one[0] > 90]
    assert {minutes for minutes, *_ in late} == {90 + 60 * hour for hour in range(1, 47)}
    assert {who for *_, who in late} == {"ada", "ben", "cleo", "dan"}


def test_critical_is_told_by_every_channel_and_a_person_with_one_alone_is_remarked():
    first = [one for one in course(CRITICAL, NOW) if one.step == "first"]
    assert [(one.channel, one.to) for one in first] == [("mail", "ada@oakfield.example"), ("pager", "pager")]
    assert first[0].note == ""
    [deputy] = [one for one in course(CRITICAL, NOW + 30 * MINUTE) if one.step == "escalate"]
    assert deputy.note == "no second channel for this person"


def test_a_high_case_is_told_by_mail_and_again_in_working_time():
    friday_afternoon = at("2026-11-20T17:00")
    planned = course(case(detected_at=friday_afternoon), friday_afternoon + 3.9 * DAY)
    assert {one.channel for one in planned} == {"mail"}
    assert [(one.at, one.step, one.member) for one in planned] == [
        (friday_afternoon, "first", "ada"),
        (at("2026-11-23T11:00"), "repeat", "ada"),
        (at("2026-11-23T15:00"), "escalate", "ben"),
        (at("2026-11-23T15:00"), "repeat", "ada"),
        (at("2026-11-24T09:00"), "repeat", "ada"),
        (at("2026-11-24T09:00"), "repeat", "ben"),
        (at("2026-11-24T13:00"), "escalate", "cleo"),
        (at("2026-11-24T13:00"), "repeat", "ada"),
        (at("2026-11-24T13:00"), "repeat", "ben"),
    ]


def test_taking_note_ends_it_and_only_idleness_is_remarked_first_to_whoever_took_note():
    acks = (noted(CRITICAL, NOW + 5 * MINUTE, "ben", "deputy"),)
    assert told(course(CRITICAL, NOW + 70 * MINUTE, acks=acks)) == [
        (0, "first", "ada"),
        (35, "reminder", "ben"),
        (65, "reminder", "ben"),
        (65, "reminder", "ada"),
    ]
    moved = replace(CRITICAL, work=Work(moved_at=NOW + 10 * MINUTE))
    assert told(course(moved, NOW + 70 * MINUTE, acks=acks)) == [(0, "first", "ada")]


def test_whoever_takes_note_of_a_reminder_puts_off_no_further_one():
    first = noted(CRITICAL, NOW + 5 * MINUTE, "ben", "deputy")
    for again in ("ben", "ada"):
        acks = (first, noted(CRITICAL, NOW + 36 * MINUTE, again))
        planned = course(CRITICAL, NOW + 16 * HOUR, acks=acks)
        assert sorted({minutes for minutes, *_ in told(planned, "reminder")})[:2] == [35, 65]
        assert (65, "reminder", again) in told(planned)


def test_an_acknowledgement_of_an_earlier_revision_or_by_the_accused_counts_for_nothing():
    earlier = (noted(CRITICAL, NOW, "ada"),)
    grown = replace(CRITICAL, revision=2)
    assert told(course(grown, NOW + 15 * MINUTE, acks=earlier), "repeat")
    accused = replace(CRITICAL, conflicts=("ben",))
    assert told(course(accused, NOW + 15 * MINUTE, acks=(noted(CRITICAL, NOW, "ben"),)), "repeat")
    assert not told(course(accused, NOW + 15 * MINUTE, acks=(noted(CRITICAL, NOW, "cleo"),)), "repeat")


def test_a_case_that_grew_graver_starts_again_from_then():
    grown, since = replace(CRITICAL, revision=2), NOW + 3 * DAY
    planned = course(grown, since + 15 * MINUTE, clocks=(clock(start=since),))
    assert [(one.at - since, one.step) for one in planned if one.channel == "mail"] == [
        (0 * MINUTE, "first"),
        (15 * MINUTE, "repeat"),
    ]
    assert planned[0].occasion.key.startswith("case/12/r2/first/1/mail/")
    assert "the case has changed or grown graver (revision 2)" in planned[0].why


def test_each_clock_is_told_at_half_at_most_and_when_it_has_run_out_and_then_every_working_morning():
    moved = replace(CRITICAL, work=Work(moved_at=NOW + MINUTE))
    by_moment = {}
    for one in course(moved, NOW + 5 * DAY, clocks=(clock("first_route", "legal", hours=10),)):
        if one.step == "clock":
            by_moment.setdefault(one.at, set()).add(one.member)
    mornings = [at(f"2026-11-{day}T07:30") for day in (23, 24, 25)]
    assert by_moment == {
        NOW + 5 * HOUR: {"dan"},
        NOW + 8 * HOUR: {"dan", "ben"},
        **{moment: {"dan", "ben", "ada"} for moment in (NOW + 10 * HOUR, *mornings)},
    }
    met = course(moved, NOW + 5 * DAY, clocks=(clock(met_at=NOW),))
    assert not [one for one in met if one.step == "clock"]


def test_what_is_not_told_at_once_waits_for_the_morning_of_a_working_day():
    low = case(severity=Severity.medium, detected_at=NOW)
    planned = course(low, NOW + 4 * DAY, clocks=(clock(hours=10),))
    assert [(one.at, one.step, one.member) for one in planned][:1] == [
        (at("2026-11-23T07:30"), "clock", "ada")
    ]
    assert {one.at.astimezone(CALENDAR.zone).strftime("%a %H:%M") for one in planned} == {
        "Mon 07:30",
        "Tue 07:30",
    }


def test_whom_the_policy_names_and_no_digest_reaches_hears_of_it_the_next_morning_or_week():
    there = roster({**PEOPLE, "dpo": (DPO,), "speak_up": (DEP,)})

    def first(severity: Severity, **changes) -> list[tuple[datetime, str]]:
        one = case(severity=severity, detected_at=at("2026-11-18 11:00"), **changes)
        planned = timeline(Situation(case=one), there, RULES, CALENDAR, until=at("2026-11-30 12:00"))
        return [(step.at, step.to) for step in planned if step.step == "first"]

    named = ("governance", "dpo")
    assert first(Severity.medium, recipients=named) == [(at("2026-11-19 07:30"), DPO)]
    assert first(Severity.low, recipients=named) == [(at("2026-11-23 07:30"), DPO)]
    assert first(Severity.low, recipients=("governance", "safeguarding")) == [], "the digest tells them"
    assert first(Severity.low, recipients=("governance", "hr")) == [], (
        "nobody holds it apart from a digest's reader"
    )
    warned = first(Severity.low, recipients=("governance", "speak_up"), guards=("speak_up",))
    assert warned == [(at("2026-11-19 07:30"), DEP)], "a worker's disclosure waits for no week"


def test_a_breach_of_our_own_waits_for_no_morning_and_runs_on_through_hold_and_hand_over():
    for state in (CaseState.on_hold, CaseState.diverted):
        aside = case(severity=Severity.low, state=state, detected_at=NOW)
        clocks = (clock("own_breach", "governance", hours=72), clock(hours=2))
        planned = [one for one in course(aside, NOW + 3 * DAY, clocks=clocks) if one.step == "clock"]
        assert {one.at for one in planned} == {NOW + 36 * HOUR, NOW + 57.6 * HOUR, NOW + 72 * HOUR}


def test_a_hold_is_spoken_of_when_it_ends_or_every_week():
    held = replace(CRITICAL, state=CaseState.on_hold, work=Work(moved_at=NOW, hold_until=NOW + 2 * DAY))
    assert told(course(held, NOW + 2 * DAY)) == [(2 * 24 * 60, "reminder", "ada")]
    assert len({one.at for one in course(held, NOW + 5 * DAY)}) == 4
    endless = replace(held, work=Work(moved_at=NOW))
    assert {one.at for one in course(endless, NOW + 15 * DAY)} == {NOW + 7 * DAY, NOW + 14 * DAY}


@pytest.mark.parametrize("state", [CaseState.on_hold, CaseState.diverted])
def test_what_grows_graver_while_it_is_held_or_handed_over_is_told_like_any_other(state):
    grown = NOW + 2 * DAY
    work = Work(moved_at=NOW + HOUR, renewed_at=grown)
    one = replace(CRITICAL, state=state, revision=2, work=work)
    clocks = (clock(start=grown, hours=1),)
    planned = course(one, grown + 30 * MINUTE, clocks=clocks)
    assert [(one.at - grown, one.step, one.member) for one in planned if one.channel == "mail"] == [
        (0 * MINUTE, "first", "ada"),
        (15 * MINUTE, "repeat", "ada"),
        (30 * MINUTE, "clock", "ada"),
        (30 * MINUTE, "escalate", "ben"),
        (30 * MINUTE, "repeat", "ada"),
    ]
    seen = replace(one, work=replace(work, moved_at=grown + MINUTE))
    assert {one.step for one in course(seen, grown + DAY, clocks=clocks)} <= {"first"}


def test_a_new_revision_of_what_is_held_is_told_once_even_if_no_clock_began_anew():
    held = replace(CRITICAL, state=CaseState.on_hold, work=Work(moved_at=NOW + HOUR))
    assert told(course(held, NOW + DAY)) == []
    assert told(course(replace(held, revision=2), NOW + DAY)) == [(0, "first", "ada")]


def test_what_was_acknowledged_while_the_clock_was_set_back_counts():
    early = (noted(CRITICAL, NOW - HOUR, "ben", "deputy"),)
    planned = course(CRITICAL, NOW + DAY, acks=early, clocks=(clock(hours=4),))
    assert {one.step for one in planned} == {"first", "reminder"}
    # Nobody has seen what a person opened again since, at the same revision.
    again = replace(CRITICAL, work=Work(renewed_at=NOW))
    assert told(course(again, NOW + 15 * MINUTE, acks=early), "repeat")


def test_nothing_is_told_of_what_is_closed():
    closed = replace(CRITICAL, state=CaseState.closed)
    assert course(closed, NOW + 60 * DAY, clocks=(clock("own_breach"),)) == []


def test_a_case_on_which_nothing_runs_is_not_forgotten():
    work = Work(seen_at=NOW, moved_at=NOW + HOUR)
    seen = case(severity=Severity.low, state=CaseState.in_review, detected_at=NOW, work=work)
    planned = course(seen, NOW + 11 * DAY, clocks=(clock(met_at=NOW),))
    assert [(one.at, one.step) for one in planned] == [(at("2026-11-30T07:30"), "reminder")]


def test_the_accused_are_told_nothing_at_any_step():
    accused = replace(CRITICAL, conflicts=("ada", "cleo"), guards=("conflict",))
    planned = course(accused, NOW + DAY, clocks=(clock(owner="governance"),))
    assert {one.member for one in planned} == {"ben", "dan"}
    assert "whoever is governance must not be told of it" in planned[0].note


def test_hr_is_told_nothing_of_a_disclosure_until_it_is_released():
    locked = replace(CRITICAL, recipients=("hr", "governance"), guards=("speak_up",))
    rules = Rules(chain=("hr", "deputy"))
    clocks = (clock(owner="hr"),)
    assert "eve" not in {one.member for one in course(locked, NOW + DAY, clocks=clocks, rules=rules)}
    only = replace(locked, recipients=("hr",))
    assert told(course(only, NOW)) == [(0, "first", "finn")]
    released = replace(locked, work=Work(released_at=NOW))
    assert "eve" in {one.member for one in course(released, NOW + DAY, clocks=clocks, rules=rules)}


def test_the_rota_and_the_leave_of_each_moment_count():
    there = roster(
        {},
        member("ada", "governance", hours="Mon-Fri 08:00-18:00"),
        member("ben", "deputy", leave=((date(2026, 12, 24), date(2026, 12, 26)),)),
        member("cleo", "safeguarding"),
    )
    night = at("2026-12-24T03:00")
    planned = course(replace(CRITICAL, detected_at=night), night + 30 * MINUTE, there=there)
    assert [(one.step, one.member) for one in planned] == [
        ("first", "ada"),
        ("first", "cleo"),
        ("repeat", "ada"),
        ("repeat", "cleo"),
        ("escalate", "cleo"),
        ("repeat", "ada"),
        ("repeat", "cleo"),
    ]
    assert planned[0].note.startswith("nobody on duty as governance: told safeguarding as well")
    assert planned[4].note.startswith("everybody who is deputy is on leave: told safeguarding instead")


def test_the_chain_skips_roles_that_bring_nobody_new():
    small = roster({}, member("ada", "governance", "deputy", "safeguarding"), member("dan", "legal"))
    assert told(course(CRITICAL, NOW + DAY, there=small), "escalate") == [(30, "escalate", "dan")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest_roles": ()},
        {"digest_roles": ("boss",)},
        {"weekly_roles": ("boss",)},
        {"chain": ("boss",)},
        {"digest_at": NOW.timetz()},
        {"cases_a_message": 0},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ConfigError):
        Rules(**wrong)


def test_a_wait_without_a_way_of_counting_is_by_the_clock():
    assert str(wait("15m")) == "15 minutes clock"
    assert str(Pace.of("4 working hours", "1d", "1h", "1h").repeat) == "4 working hours"
    with pytest.raises(ValueError, match="soon"):
        wait("soon")


@settings(max_examples=60)
@given(situations(1), TEAMS, st.integers(0, 20 * 24))
def test_a_longer_look_ahead_only_adds_later_steps_and_no_key_comes_twice(situation, there, hours):
    start = situation.case.detected_at
    short = timeline(situation, there, RULES, CALENDAR, until=start + hours * HOUR)
    long = timeline(situation, there, RULES, CALENDAR, until=start + 21 * DAY)
    assert long[: len(short)] == short
    keys = [one.occasion.key for one in long]
    assert len(set(keys)) == len(keys)
    assert [one.at for one in long] == sorted(one.at for one in long)


@settings(max_examples=60)
@given(situations(1), TEAMS, st.integers(0, 90 * 24 * 60))
def test_what_is_due_and_what_comes_next_is_the_same_however_long_ago_a_case_began(situation, there, minutes):
    telling = Telling(situation, there, RULES, CALENDAR)
    now = situation.case.detected_at + minutes * MINUTE
    every = steps(telling, now + 4 * DAY)
    latest = {one.course: one for one in every if one.at <= now}
    window = steps(telling, now + 4 * DAY, after=now)
    assert {one.course: one for one in window if one.at <= now} == latest
    assert [one for one in window if one.at > now] == [one for one in every if one.at > now]


@settings(max_examples=60)
@given(situations(1), TEAMS)
def test_every_open_case_has_a_next_step(situation, there):
    now = situation.case.detected_at + 10 * DAY
    aside = (CaseState.closed, CaseState.diverted)
    if situation.case.state not in aside:
        assert next_due([situation], there, RULES, CALENDAR, sent=frozenset(), now=now) is not None


@settings(max_examples=60)
@given(situations(1), TEAMS)
def test_nobody_whom_a_case_names_is_ever_told_of_it_while_there_is_anybody_else(situation, there):
    exclude = set(situation.case.conflicts)
    planned = timeline(situation, there, RULES, CALENDAR, until=situation.case.detected_at + 9 * DAY)
    if {one.id for one in there.members} - exclude:
        assert not {one.member for one in planned} & exclude
