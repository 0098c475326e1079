"""What is broken is told at its start, and again while it lasts."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watch import (
    DEP,
    GOV,
    NOW,
    OPS,
    TEAMS,
    keys,
    member,
    roster,
)

from alerts.faults import Fault, plan_faults
from core.telling import Notice
from core.types import SourceState


def state(name: str = "local-news", **changes: object) -> SourceState:
    values: dict[str, object] = {"last_try_at": NOW, "last_ok_at": NOW, **changes}
    return SourceState(name=name, **values)  # type: ignore[arg-type]


def faults(
    *states: SourceState,
    sent: set[str] | None = None,
    now: datetime = NOW,
    every: timedelta = timedelta(minutes=15),
    **changes: object,
) -> list[Notice]:
    values: dict[str, object] = {"stuck": 0, "undelivered": 0, "roster": roster(), **changes}
    configured = {one.name: every for one in states}
    return plan_faults(states, configured, sent=sent or set(), now=now, **values)  # type: ignore[arg-type]


def test_a_source_in_health_is_not_spoken_of():
    assert faults(state()) == []


def test_a_passing_failure_is_told_after_a_day_and_a_lasting_one_at_once():
    hour_ago = NOW - timedelta(hours=1)
    assert faults(state(failing_since=hour_ago)) == []
    [lasting] = faults(state(failing_since=hour_ago, error="HTTP 404", error_temporary=False))
    assert (lasting.to, lasting.kind) == (OPS, "fault")
    assert "HTTP 404" in lasting.why
    assert len(faults(state(failing_since=NOW - timedelta(hours=24)))) == 1


def test_a_retired_source_is_told_at_once():
    [gone] = faults(state(retired_at=NOW))
    assert gone.why.startswith("Source local-news is gone")


def test_a_source_that_nothing_visits_is_told_after_a_day_unless_it_asked_for_the_wait():
    old = NOW - timedelta(hours=25)
    assert len(faults(state(last_try_at=old))) == 1
    assert faults(state(last_try_at=old, not_before=NOW + timedelta(hours=1))) == []


@pytest.mark.parametrize(
    ("every", "quiet", "told"),
    [
        (timedelta(hours=12), 23, 24),
        (timedelta(days=1), 47, 48),
        (timedelta(days=7), 14 * 24 - 1, 14 * 24),
    ],
)
def test_a_source_visited_seldom_may_be_passed_over_once(every: timedelta, quiet: int, told: int):
    assert faults(state(last_try_at=NOW - timedelta(hours=quiet)), every=every) == []
    [late] = faults(state(last_try_at=NOW - timedelta(hours=told)), every=every)
    assert "has not been visited since" in late.why
    assert "reminder" not in late.why


def test_a_configured_source_that_was_never_visited_is_told_once_operation_is_a_day_old():
    never = SourceState(name="care-opinion")
    assert faults(never, since=date(2026, 11, 19)) == []
    assert len(faults(never, since=date(2026, 11, 18))) == 1
    [unknown] = plan_faults(
        [], {"care-opinion": timedelta(days=9)}, stuck=0, undelivered=0, roster=roster(), sent=set(), now=NOW
    )
    assert "never been read" in unknown.why


def test_a_source_added_long_after_the_first_day_is_not_told_as_a_reminder():
    [added] = faults(SourceState(name="care-opinion"), since=date(2026, 1, 1))
    assert "reminder" not in added.why


def test_a_fault_is_told_once_and_again_every_seven_days():
    broken = state(failing_since=NOW - timedelta(hours=30), error_temporary=True)
    sent: set[str] = set()
    days = []
    for day in range(22):
        new = faults(broken, sent=sent, now=NOW + timedelta(days=day))
        days += [day] * len(new)
        sent |= keys(new)
    assert days == [0, 6, 13, 20]


def test_a_second_failure_of_the_same_source_is_told_anew():
    first = faults(state(failing_since=NOW - timedelta(days=3)))
    assert len(faults(state(failing_since=NOW - timedelta(days=1)), sent=keys(first))) == 1


def test_stuck_mentions_without_a_known_start_are_told_weekly_and_anew_after_a_pause():
    sent: set[str] = set()
    told = []
    for day in (0, 1, 6, 7, 8, 13, 14, 60, 61):
        new = faults(stuck=3, sent=sent, now=NOW + timedelta(days=day))
        told += [(day, "reminder" in notice.why) for notice in new]
        sent |= keys(new)
    assert told == [(0, False), (7, True), (14, True), (60, False)]


def test_refused_mails_are_told_to_governance_as_well_in_case_the_operators_address_is_the_one():
    assert [notice.to for notice in faults(undelivered=1)] == [OPS, GOV]


def refusals(days: dict[int, int], until: int) -> list[tuple[int, str]]:
    """On which days of ``until`` the operator is told, if on each day of ``days`` so many were refused."""
    sent: set[str] = set()
    told = []
    for day in range(until):
        before = [when for when in days if when <= day]
        new = faults(
            sent=sent,
            now=NOW + timedelta(days=day),
            undelivered=sum(days[when] for when in before),
            undelivered_at=NOW + timedelta(days=max(before, default=0)),
        )
        told += [(day, notice.why) for notice in new if notice.to == OPS]
        sent |= keys(new)
    return told


def test_one_refused_message_is_told_once_and_never_again():
    [(day, why)] = refusals({3: 1}, until=60)
    assert day == 3
    assert why.startswith("1 message was refused for good\nThe last time was 23 November, 09:00.")


def test_while_messages_go_on_being_refused_it_is_told_every_seven_days():
    told = refusals(dict.fromkeys(range(20), 1), until=60)
    assert [day for day, _ in told] == [0, 7, 14, 21]
    assert "More were refused since 20 November, up to which you were told." in told[1][1]
    assert "More were refused" not in told[0][1]


def test_a_refusal_soon_after_another_is_not_forgotten():
    assert [day for day, _ in refusals({0: 1, 2: 2}, until=60)] == [0, 7]
    assert [day for day, _ in refusals({0: 1, 30: 1}, until=60)] == [0, 30]


def test_a_fault_mail_that_is_refused_itself_leads_to_no_other():
    sent: set[str] = set()
    for minute in range(5):
        moment = NOW + timedelta(minutes=minute)
        new = faults(undelivered=1 + minute, undelivered_at=moment, sent=sent, now=moment)
        assert len(new) == (0 if minute else 2)
        sent |= keys(new)


def test_faults_fall_to_governance_where_there_is_no_operator():
    [notice] = faults(stuck=1, roster=roster({"governance": (GOV,)}))
    assert notice.to == GOV
    assert "no address for operator" in notice.why


def test_a_strange_name_of_a_source_does_not_enter_the_key():
    [notice] = faults(state("a/b\r\nBcc: x", retired_at=NOW))
    assert "Bcc" not in notice.key
    assert notice.key.count("/") == 5


@given(
    st.lists(
        st.builds(
            state,
            name=st.text(max_size=8),
            last_try_at=st.none() | st.just(NOW - timedelta(days=2)) | st.just(NOW),
            failing_since=st.none() | st.just(NOW - timedelta(days=9)) | st.just(NOW + timedelta(days=1)),
            error_temporary=st.booleans(),
            retired_at=st.none() | st.just(NOW),
        ),
        max_size=5,
    ),
    st.integers(0, 2),
    st.integers(0, 2),
    TEAMS,
)
def test_faults_have_unique_keys_and_are_not_planned_twice(
    states: list[SourceState], stuck: int, undelivered: int, there
):
    notices = faults(*states, stuck=stuck, undelivered=undelivered, roster=there)
    assert len(keys(notices)) == len(notices)
    again = faults(*states, sent=keys(notices), stuck=stuck, undelivered=undelivered, roster=there)
    assert again == []


def test_a_fault_that_mails_cannot_tell_takes_another_channel_else_another_address():
    there = roster(
        {"deputy": (DEP,)}, member("ada", "governance", channels=("pager",)), member("ben", "operator")
    )
    broken = Fault(
        slug="audit/digest",
        words="1 digest was not sent\nSee.",
        began=NOW,
        roles=("governance", "operator"),
        instead_of=("ada@oakfield.example", "ben@oakfield.example"),
    )
    told = plan_faults([], {}, stuck=0, undelivered=0, roster=there, sent=set(), now=NOW, found=[broken])
    assert [(notice.channel, notice.to) for notice in told] == [("pager", "pager"), ("mail", DEP)]
    assert told[1].why.endswith("mails to operator do not arrive")
