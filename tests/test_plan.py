"""Who is told what of the cases, and when: the messages that are due."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from watch import (
    CALENDAR,
    DAY,
    GOV,
    HOUR,
    MINUTE,
    NOW,
    PEOPLE,
    RULES,
    SAFE,
    TEAMS,
    about,
    at,
    case,
    clock,
    keys,
    member,
    roster,
    situations,
)

from alerts.addresses import fingerprint
from alerts.plan import plan
from alerts.rules import Rules
from core.types import CaseState, Severity, Work
from core.work import Silence, Situation

CRITICAL = case(severity=Severity.critical, detected_at=NOW)


def planned(cases, sent=frozenset(), *, there=None, now=NOW, rules=RULES, silences=(), lost=frozenset()):
    found = [one if isinstance(one, Situation) else Situation(case=one) for one in cases]
    return plan(
        found,
        there or roster(),
        rules,
        CALENDAR,
        sent=frozenset(sent),
        now=now,
        silences=silences,
        lost=frozenset(lost),
    ).notices


def test_a_high_case_is_told_to_each_of_its_recipients_under_a_key_without_the_address():
    first, second = planned([case(recipients=("governance", "safeguarding"))])
    assert (first.to, first.role, first.cases) == (GOV, "governance", (12,))
    assert (second.to, second.role) == (SAFE, "safeguarding")
    assert keys([first]) == {f"case/12/r1/first/1/mail/{fingerprint(GOV)}"}
    assert first.why == "high is told at once (high or graver); sent to you as governance"


def test_a_person_with_several_roles_gets_one_message_under_the_first():
    shared = roster({"governance": (GOV,), "dpo": (GOV.upper(),), "hr": (GOV, SAFE)})
    notices = planned([case(recipients=("dpo", "governance", "hr"))], there=shared)
    assert [(notice.to, notice.role) for notice in notices] == [(GOV, "dpo"), (SAFE, "hr")]


def test_the_fallback_is_told_in_the_reason_even_where_messages_were_merged():
    [notice] = planned([case(recipients=("governance", "dpo"))])
    assert "no address for dpo: told governance instead" in notice.why


def test_a_graver_revision_is_told_anew_and_says_why():
    told = keys(planned([case()]))
    assert planned([case()], told) == []
    [again] = planned([case(revision=2)], told)
    # An edit alone is told anew too.
    assert "the case has changed or grown graver (revision 2)" in again.why


def test_closed_and_lesser_cases_are_not_told_at_once():
    cases = [case(1, state=CaseState.closed), case(2, Severity.medium), case(3, Severity.none)]
    assert planned(cases) == []
    assert len(planned(cases, rules=Rules(immediate_from=Severity.medium))) == 1


def test_a_case_whose_policy_names_nobody_is_told_to_governance():
    assert [notice.to for notice in planned([case(recipients=())])] == [GOV]


def test_a_case_told_late_says_so():
    notice = planned([case(detected_at=NOW - 30 * HOUR)])[0]
    assert "told late, 30 hours after it was found" in notice.why


def test_how_late_it_is_is_said_once_and_by_what_waited_longest():
    there = roster({"governance": (GOV,)})
    overdue = Situation(case=replace(CRITICAL, recipients=("governance", "dpo")), clocks=(clock(hours=1),))
    [notice] = planned([overdue], there=there, now=NOW + 10 * HOUR)
    assert {key.key.split("/")[3] for key in notice.occasions} == {"first", "repeat", "clock"}
    assert notice.why.count("told late") == 1
    assert "told late, 10 hours after it was found" in notice.why
    parts = notice.why.split("; ")
    assert len(set(parts)) == len(parts), "nothing is said twice"
    some = [case(1, detected_at=NOW - 30 * HOUR), case(2, detected_at=NOW - 5 * HOUR), case(3)]
    [notice] = planned(some, there=there)
    assert notice.why.endswith("sent to you as governance; told late, 30 hours after it was found")


def test_what_was_slept_through_is_told_once():
    told = keys(planned([CRITICAL]))
    late = planned([CRITICAL], told, now=NOW + 10 * HOUR)
    [mine] = [notice for notice in late if notice.to == GOV]
    assert [key.key.split("/")[3] for key in mine.occasions] == ["repeat"]
    assert planned([CRITICAL], told | keys(late), now=NOW + 10 * HOUR) == []


def test_ten_cases_are_one_message_to_each_person_and_thirty_are_two():
    ten = [case(number) for number in range(1, 11)]
    [notice] = planned(ten)
    assert notice.cases == tuple(range(1, 11))
    assert notice.why == "10 cases: 10 told for the first time; sent to you as governance"
    assert [len(notice.cases) for notice in planned([case(number) for number in range(1, 31)])] == [20, 10]


def test_a_critical_case_stands_alone_when_it_is_first_heard_of_and_never_among_lesser_ones():
    grave = [case(number, Severity.critical, detected_at=NOW) for number in (1, 2)]
    lesser = [case(number, detected_at=NOW) for number in (3, 4)]
    first = planned([*lesser, *grave])
    assert [notice.cases for notice in first] == [(1,), (2,), (3, 4)]
    again = planned([*lesser, *grave], keys(first), now=NOW + 15 * MINUTE)
    assert [notice.cases for notice in again] == [(1, 2)]


def test_all_that_is_due_of_a_case_is_one_message():
    situation = Situation(case=case(detected_at=NOW), clocks=(clock(hours=1),))
    [notice] = planned([situation], now=NOW + HOUR)
    assert sorted(one.key.split("/")[3] for one in notice.occasions) == ["clock", "first"]
    assert "first eyes is overdue" in notice.why


def test_whoever_joins_or_comes_back_from_leave_is_told_nothing_of_old():
    told = keys(planned([CRITICAL], now=NOW + 20 * MINUTE))
    larger = roster({**PEOPLE, "governance": (GOV, "new@oakfield.example")})
    assert planned([CRITICAL], told, there=larger, now=NOW + 29 * MINUTE) == []
    assert len(planned([CRITICAL], told, there=larger, now=NOW + 30 * MINUTE)) >= 2


def test_a_severity_lowered_by_hand_tells_nothing_anew():
    told = keys(planned([CRITICAL], now=NOW + 10 * HOUR))
    assert planned([replace(CRITICAL, severity=Severity.high)], told, now=NOW + 10 * HOUR) == []


def test_whoever_is_there_now_is_told_what_was_due_before():
    there = roster(
        {},
        member("ada", "governance", hours="Mon-Fri 08:00-18:00"),
        member("ben", "governance", hours="Mon-Fri 18:00-08:00"),
    )
    [notice] = planned([case(detected_at=NOW)], there=there, now=at("2026-11-20T19:00"))
    assert notice.to == "ben@oakfield.example"


def silence(**changes):
    values = {"owner": "ada", "reason": "known", "starts_at": NOW - DAY, "ends_at": NOW + DAY, **changes}
    return Silence(id=1, **values)


def test_a_silence_keeps_back_all_but_a_clock_that_has_run_out_and_is_counted():
    quiet = [silence(labels=("confidentiality",))]
    found = plan(about(case()), roster(), RULES, CALENDAR, sent=frozenset(), now=NOW, silences=quiet)
    assert (found.notices, found.silenced) == ([], (12,))
    overdue = Situation(case=case(detected_at=NOW), clocks=(clock(hours=1),))
    [notice] = planned([overdue], now=NOW + HOUR, silences=quiet)
    assert [one.key.split("/")[3] for one in notice.occasions] == ["clock"]
    assert len(planned([case()], now=NOW + DAY, silences=quiet)) >= 1


def test_every_word_of_the_laws_clock_is_heard_through_a_silence():
    one = case(
        severity=Severity.medium, state=CaseState.in_review, detected_at=NOW, work=Work(moved_at=NOW + HOUR)
    )
    situation = Situation(case=one, clocks=(clock("own_breach", hours=72), clock("first_route", hours=10)))
    quiet = [silence(case_id=12, ends_at=NOW + 20 * DAY)]
    sent, heard = set(), []
    for hours in (35, 36, 58, 72):
        notices = planned([situation], sent, now=NOW + hours * HOUR, silences=quiet)
        heard += [(hours, one.key.split("/")[4]) for notice in notices for one in notice.occasions]
        sent |= keys(notices)
    assert [hours for hours, name in heard if name == "own_breach"] == [36, 58, 72]


def mails(notices):
    return {notice.to for notice in notices if notice.channel == "mail"}


def test_where_every_message_of_a_case_was_lost_others_are_told_at_once():
    there = roster({}, member("ada", "governance"), member("ben", "deputy"), member("lee", "legal"))
    one = case(detected_at=NOW)
    first = planned([one], there=there)
    assert mails(first) == {"ada@oakfield.example"}
    sent = keys(first)
    [second] = planned([one], sent, there=there, now=NOW + MINUTE, lost=sent)
    assert second.to == "ben@oakfield.example"
    assert "messages to governance do not arrive" in second.why
    sent |= keys([second])
    # One is on its way: nobody else is told, until that is lost too.
    assert planned([one], sent, there=there, now=NOW + 2 * MINUTE, lost=keys(first)) == []
    [third] = planned([one], sent, there=there, now=NOW + 2 * MINUTE, lost=sent)
    assert third.to == "lee@oakfield.example"
    sent |= keys([third])
    assert planned([one], sent, there=there, now=NOW + 3 * MINUTE, lost=sent) == []


def test_whoever_mails_do_not_reach_is_told_by_another_channel():
    there = roster({}, member("ada", "governance", channels=("pager",)), member("ben", "deputy"))
    sent = keys(planned([case(detected_at=NOW)], there=there))
    [again] = planned([case(detected_at=NOW)], sent, there=there, lost=sent)
    assert (again.to, again.channel) == ("pager", "pager")


def test_the_accused_are_not_told_because_mails_to_everybody_else_are_lost():
    there = roster({}, member("ada", "governance"), member("ben", "deputy"))
    one = case(detected_at=NOW, guards=("conflict",), conflicts=("ada",))
    sent = keys(planned([one], there=there))
    assert planned([one], sent, there=there, lost=sent) == []


SITUATIONS = st.lists(st.integers(1, 30).flatmap(situations), max_size=5, unique_by=lambda one: one.case.id)
SILENCES = st.lists(
    st.builds(
        silence,
        severity=st.sampled_from(list(Severity)),
        starts_at=st.just(NOW - 60 * DAY),
        ends_at=st.just(NOW + 60 * DAY),
    ),
    max_size=1,
)


@settings(max_examples=60)
@given(
    SITUATIONS,
    TEAMS,
    st.lists(st.integers(1, 3000), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_however_often_it_is_planned_nobody_is_told_twice_for_one_occasion(found, there, minutes, chance):
    now, sent = datetime(2026, 11, 1, tzinfo=UTC), set()
    for step in minutes:
        now += step * MINUTE
        notices = planned(found, sent, there=there, now=now)
        told = [one.key for notice in notices for one in notice.occasions]
        assert len(set(told)) == len(told)
        assert not sent & set(told)
        assert len({notice.key for notice in notices}) == len(notices)
        chance.shuffle(found)
        assert planned(found, sent, there=there, now=now) == notices
        sent |= set(told)
        assert planned(found, sent, there=there, now=now) == []


@settings(max_examples=60)
@given(situations(1, grave=True), TEAMS, TEAMS, st.integers(0, 3 * 24 * 60), SILENCES)
def test_while_nobody_takes_note_of_a_critical_case_somebody_is_told_every_hour_whatever_changes(
    situation, there, later, minute, silences
):
    start = situation.case.detected_at
    first = planned([situation], there=there, now=start + 4 * MINUTE, silences=silences)
    assert first
    # Another team, another time: within the next hour there is always another telling.
    sent = keys(first)
    sent |= keys(planned([situation], sent, there=later, now=start + minute * MINUTE))
    assert planned([situation], sent, there=later, now=start + (minute + 61) * MINUTE, silences=silences)


@settings(max_examples=60)
@given(situations(1, grave=True), TEAMS)
def test_what_is_critical_reaches_each_person_by_every_channel_that_no_accused_reads(situation, there):
    situation = replace(situation, case=replace(situation.case, guards=()))
    accused = there.barred(set(situation.case.conflicts))
    assume(len(accused) < len(there.members))
    rooms = {name for one in there.members if one.id in accused for name in one.channels}
    told = {
        (one.to, one.channel) for one in planned([situation], there=there, now=situation.case.detected_at)
    }
    for one in there.members:
        if (one.mail, "mail") in told:
            assert {(name, name) for name in one.channels if name not in rooms} <= told


@settings(max_examples=60)
@given(SITUATIONS, TEAMS, st.integers(0, 40))
def test_the_accused_are_never_among_the_recipients_while_there_is_anybody_else(found, there, days):
    for situation in found:
        accused = set(situation.case.conflicts)
        boxes = {one.mail for one in there.members if one.id in accused}
        rooms = {name for one in there.members if one.id in accused for name in one.channels}
        if {one.id for one in there.members} - accused:
            notices = planned([situation], there=there, now=NOW + days * DAY)
            assert not {notice.to for notice in notices} & (boxes | rooms)


@settings(max_examples=60)
@given(SITUATIONS, TEAMS, SILENCES)
def test_a_silence_never_hides_what_is_critical_or_concerns_somebody_at_risk(found, there, silences):
    grave = [
        one
        for one in found
        if one.case.severity is Severity.critical or "safeguarding" in (*one.case.labels, *one.case.ask)
    ]
    now = NOW + 20 * DAY
    assert planned(grave, there=there, now=now, silences=silences) == planned(grave, there=there, now=now)
