"""The auditor: proves that nobody was left untold, from what is known and the ledger alone."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from watch import (
    CALENDAR,
    DAY,
    DEP,
    GOV,
    HOUR,
    MINUTE,
    NOW,
    OPS,
    RULES,
    TEAMS,
    at,
    case,
    clock,
    keys,
    member,
    roster,
    situations,
)

from alerts.addresses import fingerprint
from alerts.audit import digests_expected, findings
from alerts.faults import plan_faults
from alerts.plan import plan
from core.telling import Told
from core.types import CaseState, Severity, Work
from core.work import Silence, Situation

CRITICAL = case(severity=Severity.critical, detected_at=NOW)


def rows(notices, status="accepted", created=NOW):
    return [
        Told(key=one.key, status=status, created_at=created) for notice in notices for one in notice.occasions
    ]


def written(situation, now, there=None, sent=frozenset()):
    return plan([situation], there or roster(), RULES, CALENDAR, sent=sent, now=now).notices


def slugs(*found, told=(), now=NOW, digests=(), silences=(), there=None):
    faults = findings(
        found, there or roster(), RULES, CALENDAR, told=told, digests=digests, now=now, silences=silences
    )
    return [fault.slug for fault in faults]


def test_all_is_well_where_everything_due_was_told():
    situation = Situation(case=CRITICAL)
    now = NOW + 2 * MINUTE
    assert slugs(situation, told=rows(written(situation, now)), now=now) == []


def test_a_critical_case_untold_for_more_than_five_minutes_is_a_finding_of_its_own():
    situation = Situation(case=CRITICAL)
    assert slugs(situation, now=NOW + 5 * MINUTE) == []
    assert slugs(situation, now=NOW + 6 * MINUTE) == ["audit/untold-12"]


def test_lesser_cases_have_an_hour_and_are_one_finding():
    some = [Situation(case=case(number, detected_at=NOW)) for number in (3, 4)]
    assert slugs(*some, now=NOW + HOUR) == []
    [fault] = findings(some, roster(), RULES, CALENDAR, told=[], digests=[], now=NOW + HOUR + MINUTE)
    assert not fault.of_people
    assert fault.words.splitlines()[0] == "2 cases were not told when they were due"
    assert "Numbers: 3 and 4." in fault.words


def test_what_is_written_and_not_sent_is_found_and_so_is_what_reached_nobody():
    situation = Situation(case=CRITICAL)
    notices = written(situation, NOW)
    assert slugs(situation, told=rows(notices, "queued"), now=NOW + 5 * MINUTE) == []
    assert slugs(situation, told=rows(notices, "queued"), now=NOW + 6 * MINUTE) == ["audit/unsent-12"]
    assert slugs(situation, told=rows(notices, "refused"), now=NOW) == ["audit/reached-nobody-12"]
    half = [*rows(notices, "refused"), *rows(written(situation, NOW + 15 * MINUTE))]
    assert slugs(situation, told=half, now=NOW + 16 * MINUTE) == []


def test_a_second_outage_in_the_same_week_is_told_anew_and_the_same_one_is_not():
    def outage(since, now, sent):
        one = Situation(case=case(detected_at=since))
        told = rows(written(one, since), "queued", since)
        found = findings([one], roster(), RULES, CALENDAR, told=told, digests=[], now=now)
        assert [fault.slug for fault in found] == ["audit/unsent"]
        return plan_faults([], {}, stuck=0, undelivered=0, roster=roster(), sent=sent, now=now, found=found)

    first = outage(NOW, NOW + 2 * HOUR, set())
    assert {notice.to for notice in first} == {GOV, OPS}
    assert outage(NOW, NOW + 4 * HOUR, keys(first)) == []
    later = NOW + 2 * DAY
    assert {notice.to for notice in outage(later, later + 2 * HOUR, keys(first))} == {GOV, OPS}


def test_while_no_mail_goes_it_is_told_by_every_other_way() -> None:
    there = roster(
        {},
        member("gov", "governance", channels=("teams",)),
        member("tom", "operator"),
        member("safe", "safeguarding"),
    )
    one = Situation(case=case(severity=Severity.high, detected_at=NOW))
    key = f"case/12/r1/first/1/mail/{fingerprint('gov@oakfield.example')}"
    told = [Told(key=key, status="queued", created_at=NOW)]
    later = NOW + 2 * HOUR
    found = findings([one], there, RULES, CALENDAR, told=told, digests=[], now=later)
    (fault,) = [fault for fault in found if fault.slug == "audit/unsent"]
    assert set(fault.instead_of) == {f"{name}@oakfield.example" for name in ("gov", "tom", "safe")}
    notices = plan_faults([], {}, stuck=0, undelivered=0, roster=there, sent=set(), now=later, found=[fault])
    assert ("teams", "teams") in {(notice.channel, notice.to) for notice in notices}


def test_a_message_that_was_replaced_did_not_arrive():
    situation = Situation(case=case(detected_at=NOW))
    first = written(situation, NOW)
    again = written(situation, NOW + 4 * HOUR, sent=keys(first))
    lost = [*rows(first, "replaced"), *rows(again, "refused", NOW + 4 * HOUR)]
    assert slugs(situation, told=lost, now=NOW + 4 * HOUR) == ["audit/reached-nobody"]
    waits = [*rows(first, "replaced"), *rows(again, "queued", NOW + 4 * HOUR)]
    assert slugs(situation, told=waits, now=NOW + 4 * HOUR) == []


def test_that_a_case_reached_nobody_is_told_to_others_than_those_it_did_not_reach():
    there = roster({}, member("ada", "governance"), member("ben", "deputy"), member("ozzy", "operator"))
    situation = Situation(case=CRITICAL)
    lost = rows(written(situation, NOW, there), "bounced")
    found = findings([situation], there, RULES, CALENDAR, told=lost, digests=[], now=NOW)
    told = plan_faults([], {}, stuck=0, undelivered=0, roster=there, sent=set(), now=NOW, found=found)
    assert {notice.to for notice in told} == {"ben@oakfield.example", "ozzy@oakfield.example"}


def test_a_fault_is_kept_from_whom_its_cases_name_and_the_operator_reads_no_numbers():
    there = roster(
        {},
        member("ada", "governance"),
        member("ben", "deputy"),
        member("ozzy", "operator"),
        member("lee", "legal"),
    )
    some = [
        Situation(case=case(3, detected_at=NOW)),
        Situation(case=case(4, detected_at=NOW, conflicts=("ozzy",))),
        Situation(case=case(5, detected_at=NOW, conflicts=("ada",))),
    ]
    now = NOW + 2 * HOUR
    found = findings(some, there, RULES, CALENDAR, told=[], digests=[], now=now)
    told = plan_faults([], {}, stuck=0, undelivered=0, roster=there, sent=set(), now=now, found=found)
    read = {name: " ".join(n.why for n in told if n.to.startswith(name)) for name in ("ada", "ben", "ozzy")}
    assert "Numbers: 3." in read["ada"]
    assert "Numbers: 4." in read["ada"]
    assert "Numbers: 5." not in read["ada"]
    assert "Numbers: 5." in read["ben"]
    assert "1 case was not told" in read["ozzy"]
    assert "Numbers" not in read["ozzy"]
    assert len([notice for notice in told if notice.to.startswith("ozzy")]) == 2


def test_what_grew_while_it_was_held_or_handed_over_is_missed_if_it_was_not_told():
    for state in (CaseState.on_hold, CaseState.diverted):
        work = Work(moved_at=NOW, renewed_at=NOW + HOUR)
        grown = Situation(case=replace(CRITICAL, state=state, revision=2, work=work))
        assert slugs(grown, now=NOW + 2 * HOUR) == ["audit/untold-12"]
        assert "audit/unconfirmed" in slugs(grown, now=NOW + 80 * HOUR)


def test_the_laws_clock_is_missed_through_a_silence():
    quiet = Silence(id=1, owner="ada", reason="known", starts_at=NOW, ends_at=NOW + 9 * DAY, case_id=12)
    work = Work(aware_at=NOW, moved_at=NOW + MINUTE)
    breach = Situation(case=case(detected_at=NOW, work=work), clocks=(clock("own_breach", hours=72),))
    assert slugs(breach, now=NOW + 36 * HOUR, silences=[quiet]) == []
    assert slugs(breach, now=NOW + 38 * HOUR, silences=[quiet]) == ["audit/untold"]


def test_what_is_silenced_or_closed_is_not_missed():
    quiet = Silence(id=1, owner="ada", reason="known", starts_at=NOW, ends_at=NOW + DAY, case_id=12)
    high = Situation(case=case(detected_at=NOW))
    assert slugs(high, now=NOW + 2 * HOUR, silences=[quiet]) == []
    assert slugs(Situation(case=replace(CRITICAL, state=CaseState.closed)), now=NOW + DAY) == []


def test_a_grave_case_that_nobody_has_confirmed_for_three_days_is_a_finding():
    work = Work(seen_at=NOW, moved_at=NOW + HOUR)
    seen = Situation(case=case(detected_at=NOW, work=work), clocks=(clock(hours=900),))
    told = rows(written(seen, NOW + 73 * HOUR))
    assert slugs(seen, told=told, now=NOW + 72 * HOUR) == []
    assert slugs(seen, told=told, now=NOW + 73 * HOUR) == ["audit/unconfirmed"]
    (fault,) = findings([seen], roster(), RULES, CALENDAR, told=told, digests=[], now=NOW + 73 * HOUR)
    assert fault.of_people, "the machine is as it should be"
    assert fault.began == NOW + 72 * HOUR
    confirmed = replace(seen, case=replace(seen.case, work=replace(work, aware_at=NOW + HOUR)))
    assert slugs(confirmed, told=told, now=NOW + 73 * HOUR) == []


def test_a_digest_that_did_not_go_is_told_by_another_way():
    there = roster({"governance": (GOV,), "operator": (OPS,), "deputy": (DEP,)})
    now = at("2026-11-20T09:30")
    expected = digests_expected(there, RULES, CALENDAR, now=now, since=NOW - 90 * DAY)
    gone = rows(expected)
    assert slugs(told=gone, digests=expected, now=now, there=there) == []
    lost = [replace(one, status="refused") if "governance" in one.key else one for one in gone]
    found = findings([], there, RULES, CALENDAR, told=lost, digests=expected, now=now)
    assert [fault.slug for fault in found] == ["audit/digest"]
    notices = plan_faults([], {}, stuck=0, undelivered=0, roster=there, sent=set(), now=now, found=found)
    assert {notice.to for notice in notices} == {DEP, OPS}
    assert slugs(told=[], digests=expected, now=now, there=there) == ["audit/digest"]


def test_a_queued_digest_has_an_hour():
    now = at("2026-11-20T08:00")
    expected = digests_expected(roster(), RULES, CALENDAR, now=now, since=None)
    waiting = rows(expected, "queued", created=now)
    assert slugs(told=waiting, digests=expected, now=now + HOUR) == []
    assert slugs(told=waiting, digests=expected, now=now + HOUR + MINUTE) == ["audit/digest"]


@settings(max_examples=40)
@given(situations(1), TEAMS, st.lists(st.integers(1, 4 * 24 * 60), min_size=1, max_size=6))
def test_whoever_plans_on_time_has_nothing_to_fear_whatever_the_case(situation, there, minutes):
    now, told = situation.case.detected_at, []
    for step in minutes:
        now += step * MINUTE
        sent = frozenset(one.key for one in told)
        told += rows(written(situation, now, there, sent), created=now)
        found = slugs(situation, told=told, now=now, there=there)
        assert all(slug.startswith("audit/unconfirmed") for slug in found)


@settings(max_examples=40)
@given(situations(1, grave=True), TEAMS)
def test_a_critical_case_whose_telling_was_lost_is_always_found(situation, there):
    now = situation.case.detected_at + 6 * MINUTE
    assert "audit/untold-1" in slugs(situation, now=now, there=there)
