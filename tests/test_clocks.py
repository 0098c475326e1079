"""The clocks of a case: when each begins, half and most of it are used up, it is due, met, paused or gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from case_fixtures import TEAM
from hypothesis import given
from hypothesis import strategies as st

from core.hours import Hours
from core.types import Case, CaseState, Severity, Work
from core.worktime import Allowance, Calendar, bank_holidays
from policies.clocks import DEFAULTS, Pace, clocks, gap, gone_checks, owner_of, parse_levels, recheck_every

LONDON = ZoneInfo("Europe/London")
CALENDAR = Calendar(Hours.parse("Mon-Fri 08:00-18:00"), LONDON, bank_holidays("England"))
LATE_FRIDAY = datetime(2026, 11, 6, 23, 30, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def case(severity=Severity.high, state=CaseState.raised, detected_at=LATE_FRIDAY, **more):
    work = Work(**{name: more.pop(name) for name in list(more) if name in Work.__dataclass_fields__})
    return Case(
        **{
            "id": 1,
            "state": state,
            "severity": severity,
            "labels": ("privacy",),
            "ask": (),
            "clauses": (),
            "recipients": ("governance", "dpo"),
            "reasons": (),
            "detected_at": detected_at,
            "routes": ("notice",),
            "work": work,
            **more,
        }
    )


def of(found, **more):
    """The clocks by name."""
    return {clock.name: clock for clock in clocks(found, DEFAULTS, CALENDAR, **more)}


def test_critical_clocks_run_through_the_night_and_the_weekend():
    found = of(case(Severity.critical))
    assert [(name, clock.due_at) for name, clock in found.items()] == [
        ("first_eyes", at("2026-11-07 00:30")),
        ("owner_told", at("2026-11-07 00:30")),
        ("first_route", at("2026-11-07 01:30")),
    ]
    assert found["first_eyes"].half_at == at("2026-11-07 00:00")
    assert found["first_eyes"].most_at == at("2026-11-07 00:18")


def test_high_clocks_begin_with_the_next_opening():
    found = of(case())
    assert {name: clock.due_at for name, clock in found.items()} == {
        "first_eyes": at("2026-11-09 12:00"),
        "owner_told": at("2026-11-09 18:00"),
        "first_route": at("2026-11-10 08:00"),
    }
    assert found["first_eyes"].starts_at == LATE_FRIDAY
    assert (found["first_eyes"].half_at, found["first_eyes"].most_at) == (
        at("2026-11-09 10:00"),
        at("2026-11-09 11:12"),
    )
    assert found["first_eyes"].allowance == "4 working hours"


@pytest.mark.parametrize(
    ("severity", "eyes", "route"),
    [
        (Severity.medium, "2026-12-30 10:00", "2026-12-31 10:00"),
        (Severity.low, "2027-01-05 10:00", "2027-01-12 10:00"),
    ],
)
def test_medium_and_low_clocks_count_working_days_and_leave_the_telling_to_the_digest(severity, eyes, route):
    found = of(case(severity, detected_at=at("2026-12-24 10:00")))
    assert {name: clock.due_at for name, clock in found.items()} == {
        "first_eyes": at(eyes),
        "first_route": at(route),
    }


def test_a_case_of_no_severity_has_no_clocks():
    assert of(case(Severity.none)) == {}


def test_a_clock_is_met_by_what_it_waits_for():
    seen, told, acted = (LATE_FRIDAY + timedelta(minutes=minutes) for minutes in (40, 5, 90))
    found = of(case(seen_at=seen, acted_at=acted), told_at=told)
    assert [clock.met_at for clock in found.values()] == [seen, told, acted]


def test_an_owner_who_saw_the_case_needs_no_telling():
    seen, aware = LATE_FRIDAY + timedelta(hours=1), LATE_FRIDAY + timedelta(hours=2)
    assert of(case(seen_at=seen, aware_at=aware))["owner_told"].met_at == seen
    assert of(case(aware_at=aware))["owner_told"].met_at == aware
    assert of(case())["owner_told"].met_at is None


@pytest.mark.parametrize(
    "more",
    [
        {"routes": ()},
        {"state": CaseState.diverted},
        {"state": CaseState.decided, "outcome": "no_action"},
        {"state": CaseState.verifying, "outcome": "monitor"},
    ],
)
def test_no_route_is_asked_for_where_none_is_to_be_taken(more):
    assert "first_route" not in of(case(**more))
    acted = LATE_FRIDAY + timedelta(hours=1)
    assert of(case(**more, acted_at=acted))["first_route"].met_at == acted


def test_clocks_pause_on_hold_but_for_what_is_met_and_for_the_law():
    seen, aware = LATE_FRIDAY + timedelta(hours=1), LATE_FRIDAY + timedelta(hours=2)
    found = of(case(state=CaseState.on_hold, seen_at=seen, aware_at=aware, own_breach=True))
    assert {name: clock.paused for name, clock in found.items()} == {
        "first_eyes": False,
        "owner_told": False,
        "first_route": True,
        "own_breach": False,
    }
    assert not found["first_route"].late(LATE_FRIDAY + timedelta(days=99))
    assert found["own_breach"].late(LATE_FRIDAY + timedelta(days=99))


def test_a_breach_of_our_own_is_due_in_72_hours_of_the_clock_from_awareness():
    aware = at("2026-03-27 17:00")
    found = of(case(detected_at=at("2026-03-27 09:00"), aware_at=aware, own_breach=True))
    breach = found["own_breach"]
    assert (breach.owner, breach.starts_at, breach.met_at) == ("dpo", aware, None)
    assert breach.due_at == at("2026-03-30 18:00")
    reported = aware + timedelta(hours=20)
    assert of(case(aware_at=aware, own_breach=True), reported_at=reported)["own_breach"].met_at == reported


@pytest.mark.parametrize(
    "more",
    [
        {"own_breach": True},
        {"own_breach": False, "aware_at": LATE_FRIDAY},
        {"own_breach": None, "aware_at": LATE_FRIDAY},
    ],
)
def test_without_a_confirmed_breach_of_our_own_there_is_no_such_clock(more):
    assert "own_breach" not in of(case(**more))


def test_a_closed_case_keeps_what_was_met_and_what_had_run_out():
    seen, closed = at("2026-11-09 09:00"), at("2026-11-09 19:00")
    found = of(case(state=CaseState.closed, seen_at=seen, closed_at=closed, aware_at=closed, own_breach=True))
    assert set(found) == {"first_eyes", "owner_told"}
    unseen = of(case(state=CaseState.closed, closed_at=at("2026-11-09 13:00")))
    assert set(unseen) == {"first_eyes"}
    assert unseen["first_eyes"].late(closed)


def test_a_reopened_case_starts_anew():
    seen, again = LATE_FRIDAY + timedelta(hours=1), at("2026-11-20 09:00")
    before = case(state=CaseState.reopened, seen_at=seen, acted_at=seen)
    found = of(before, since=again)
    assert {(clock.starts_at, clock.met_at) for clock in found.values()} == {(again, None)}
    met = replace(before, work=replace(before.work, seen_at=again))
    assert of(met, since=again)["first_eyes"].met_at == again


def test_the_owner_is_the_first_recipient_or_the_deputy_where_there_is_a_conflict():
    assert owner_of(case(recipients=("safeguarding", "dpo"))) == "safeguarding"
    assert owner_of(case(recipients=())) == "governance"
    assert {clock.owner for clock in of(case(guards=("conflict",))).values()} == {"deputy"}


def test_an_accused_deputy_answers_for_no_case():
    accusing = case(guards=("conflict",), conflicts=("dee",))
    assert owner_of(accusing, TEAM) == "safeguarding"
    assert {clock.owner for clock in of(accusing, members=TEAM).values()} == {"safeguarding"}
    assert owner_of(case(guards=("conflict",), conflicts=("sal",)), TEAM) == "deputy"


def test_a_long_gap_between_detection_and_confirmation_is_a_finding():
    assert gap(case()) is None
    assert gap(case(aware_at=LATE_FRIDAY + timedelta(hours=72))) is None
    long = timedelta(hours=72, minutes=1)
    assert gap(case(aware_at=LATE_FRIDAY + long)) == long
    assert gap(case(aware_at=LATE_FRIDAY + timedelta(hours=2)), longest=timedelta(hours=1)) == timedelta(
        hours=2
    )


def test_levels_may_be_changed_one_value_at_a_time():
    levels = parse_levels({"high": {"first_eyes": "2 working hours", "owner_told": "", "recheck": "2h"}})
    assert levels.high.first_eyes == Allowance.parse("2 working hours")
    assert levels.high.recheck == (Pace(timedelta(hours=2)),)
    assert levels.high.owner_told == DEFAULTS.high.owner_told
    assert (levels.critical, levels.low) == (DEFAULTS.critical, DEFAULTS.low)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"grave": {}}, '"grave" has no service level'),
        ({"high": {"eyes": "1h clock"}}, 'high: "eyes" is unknown'),
        ({"high": {"first_eyes": "soon"}}, 'high.first_eyes: "soon" is no allowance'),
        ({"low": {"first_eyes": "digest"}}, "low.first_eyes"),
        ({"low": {"recheck": "1h, 2h"}}, "low.recheck: only the last"),
        ({"low": {"recheck": "hourly"}}, "low.recheck: write a duration"),
        ({"low": {"recheck": "0h"}}, "is no time at all"),
        ({"low": {"gone_checks": "7d, 1d"}}, "low.gone_checks: the times must rise"),
    ],
)
def test_a_wrong_level_is_refused_with_its_place(changes, problem):
    with pytest.raises(ValueError, match=problem):
        parse_levels(changes)


def test_copies_are_looked_at_less_and_less_often():
    watched = [timedelta(hours=hours) for hours in (0, 23, 24, 24 * 14, 24 * 400)]
    every = [[recheck_every(level, far) for far in watched] for level in (DEFAULTS.critical, DEFAULTS.medium)]
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert every == [[hour, hour, 6 * hour, 6 * hour, 6 * hour], [day, day, day, None, None]]


def test_what_is_gone_is_looked_for_again():
    days = [(moment - LATE_FRIDAY).days for moment in gone_checks(DEFAULTS.critical, LATE_FRIDAY)]
    assert days == [1, 3, 7, 14, 30]


@given(
    st.sampled_from(Severity),
    st.sampled_from(CaseState),
    st.timedeltas(timedelta(), timedelta(days=20_000)).map(lambda far: LATE_FRIDAY - far),
    st.booleans(),
)
def test_clocks_come_in_order_whatever_the_case(severity, state, detected_at, breach):
    aware = detected_at + timedelta(hours=3) if breach else None
    for clock in of(case(severity, state, detected_at, aware_at=aware, own_breach=breach)).values():
        assert clock.starts_at <= clock.half_at <= clock.most_at <= clock.due_at
