"""Who must not learn of a case, whatever they stand in for and however they are reached."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from watch import DAY, NOW, TEAMS, about, case, member, roster, situations

from alerts.caseload import Caseload, known_to
from alerts.need_to_know import excluded, kept_from
from core.types import Work
from core.work import Silence

ACCUSING = case(guards=("conflict",), conflicts=("ada",))
LOCKED = case(guards=("speak_up",), recipients=("governance", "speak_up", "hr"))
TEAM = roster(
    {},
    member("ada", "governance", channels=("room",)),
    member("ben", "deputy", channels=("room", "pager")),
    member("hari", "hr"),
    member("una", "speak_up"),
)


def test_a_case_is_kept_from_whom_it_names_their_mailbox_and_their_rooms():
    assert kept_from(ACCUSING, TEAM, "Ada@Oakfield.example")
    assert kept_from(ACCUSING, TEAM, "room", "room")
    assert not kept_from(ACCUSING, TEAM, "ben@oakfield.example")
    assert not kept_from(ACCUSING, TEAM, "pager", "pager")
    assert not kept_from(case(), TEAM, "ada@oakfield.example")


@pytest.mark.parametrize(
    ("roles", "kept"),
    [(("hr",), True), (("hr", "deputy"), True), (("hr", "speak_up"), False), (("deputy",), False)],
)
def test_a_locked_disclosure_is_kept_from_hr_in_whatever_role_but_one_that_the_policy_names(roles, kept):
    there = roster({}, member("ada", "governance"), member("hari", *roles))
    assert kept_from(LOCKED, there, "hari@oakfield.example") is kept
    released = replace(LOCKED, work=Work(released_at=NOW))
    assert not kept_from(released, there, "hari@oakfield.example")


def test_what_concerns_everybody_is_kept_from_all_but_the_most_independent():
    there = roster({}, member("ada", "governance"), member("lee", "legal"))
    all_of_them = replace(ACCUSING, conflicts=("ada", "lee"))
    assert kept_from(all_of_them, there, "ada@oakfield.example")
    assert not kept_from(all_of_them, there, "lee@oakfield.example")
    # Told of it, and never its reviewer.
    assert kept_from(all_of_them, there, "lee@oakfield.example", to_review=True)
    assert not kept_from(case(), there, "lee@oakfield.example", to_review=True)


def test_a_digest_holds_nothing_of_what_its_reader_must_not_know_nor_a_silence_of_it():
    locked, free = about(replace(LOCKED, id=1), case(2))
    quiet = [
        (
            Silence(
                id=one.case.id,
                owner="ada",
                reason="known",
                starts_at=NOW,
                ends_at=NOW + DAY,
                case_id=one.case.id,
            ),
            1,
        )
        for one in (locked, free)
    ]
    cases = Caseload(new=[locked, free], open=[free, locked], closed=[locked], silences=quiet)
    away = roster(
        {},
        member("ada", "governance", leave=((date(2026, 11, 1), date(2026, 11, 30)),)),
        member("hari", "hr"),
    )
    # Hari stands in for governance: the role does not open what the person must not know.
    mine = known_to(cases, away, "hari@oakfield.example")
    assert [one.case.id for some in (mine.new, mine.open, mine.closed) for one in some] == [2, 2]
    assert [one.id for one, _ in mine.silences] == [2]
    assert known_to(cases, away, "ada@oakfield.example") == replace(
        cases, new=(locked, free), open=(free, locked), closed=(locked,), silences=tuple(quiet)
    )


@settings(max_examples=60)
@given(situations(1), TEAMS)
def test_whoever_is_excluded_is_kept_out_while_there_is_anybody_else(situation, there):
    out = there.barred(excluded(situation.case, there))
    for one in there.members:
        if len(out) < len(there.members):
            assert kept_from(situation.case, there, one.mail) is (one.id in out)
