"""Who is there, and who is told in whose place."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watch import DEP, DPO, GOV, LONDON, MOMENTS, NAMES, NOW, OPS, SAFE, TEAMS, at, member, roster

from alerts.addresses import fingerprint
from alerts.roster import Roster
from alerts.routes import Routes, members_of
from core.errors import ConfigError
from core.vocabulary import ROLES
from core.worktime import bank_holidays

OFFICE = "Mon-Fri 08:00-18:00"
NIGHT = at("2026-12-24T03:00")


def ids(reach):
    return [one.id for one in reach.members]


def test_a_table_of_addresses_makes_members_known_by_their_fingerprints():
    [one, two] = members_of({"hr": ("hr@oakfield.example",), "governance": (GOV, "HR@Oakfield.example ")})
    assert (one.id, one.roles, one.hours) == (fingerprint(GOV), ("governance",), "")
    assert (two.mail, two.roles) == ("HR@Oakfield.example", ("governance", "hr"))


def test_somebody_of_the_team_who_stands_in_the_table_too_is_one_member():
    ada = member("ada", "dpo", hours=OFFICE)
    [only] = members_of({"governance": ("Ada@oakfield.example",)}, [ada])
    assert (only.id, only.roles, only.hours) == ("ada", ("dpo", "governance"), OFFICE)


def test_whoever_is_on_duty_is_told_and_nobody_else():
    day, night = member("ada", "dpo", hours=OFFICE), member("ben", "dpo", hours="Mon-Sun 18:00-08:00")
    there = roster({}, day, night)
    assert ids(there.reach("dpo", NOW)) == ["ada"]
    assert ids(there.reach("dpo", NIGHT, urgent=True)) == ["ben"]


def test_with_nobody_on_duty_what_is_urgent_goes_to_all_who_hold_the_role_and_to_the_next_role():
    there = roster({"deputy": (DEP,)}, member("ada", "dpo", hours=OFFICE), member("ben", "dpo", hours=OFFICE))
    reach = there.reach("dpo", NIGHT, urgent=True)
    assert [one.mail for one in reach.members] == ["ada@oakfield.example", "ben@oakfield.example", DEP]
    assert reach.note == "nobody on duty as dpo: told deputy as well"
    waits = there.reach("dpo", NIGHT)
    assert (ids(waits), waits.note) == (["ada", "ben"], "nobody on duty as dpo: it waits for them")


def test_on_leave_means_both_days_and_everything_between_by_the_local_calendar():
    away = member("ada", "dpo", leave=((date(2026, 7, 1), date(2026, 7, 2)),))
    there = roster({"governance": (GOV,)}, away)
    told = {
        moment: ids(there.reach("dpo", at(moment))) == ["ada"]
        for moment in ("2026-06-30T23:59", "2026-07-01T00:00", "2026-07-02T23:59", "2026-07-03T00:00")
    }
    assert list(told.values()) == [True, False, False, True]
    assert (
        there.reach("dpo", at("2026-07-01T12:00")).note
        == "everybody who is dpo is on leave: told governance instead"
    )


def test_who_keeps_hours_is_off_on_a_bank_holiday_and_who_is_always_there_is_not():
    christmas = at("2026-12-25T10:00")
    there = Roster(
        [member("ada", "dpo", hours=OFFICE), member("ben", "dpo", hours="always")],
        LONDON,
        bank_holidays("England"),
    )
    assert ids(there.reach("dpo", christmas)) == ["ben"]


def test_a_role_that_nobody_holds_falls_to_the_deputy_then_to_governance_and_says_so():
    assert roster({"governance": (GOV,), "deputy": (DEP,)}).reach("dpo", NOW).members[0].mail == DEP
    reach = roster({"governance": (GOV,), "operator": (OPS,)}).reach("dpo", NOW)
    assert ([one.mail for one in reach.members], reach.note) == (
        [GOV],
        "no address for dpo: told governance instead",
    )


def test_when_everybody_is_on_leave_they_are_told_all_the_same():
    leave = ((date(2026, 11, 1), date(2026, 11, 30)),)
    reach = roster({}, member("ada", "dpo", leave=leave), member("ben", "deputy", leave=leave)).reach(
        "dpo", NOW
    )
    assert (ids(reach), reach.note) == (["ada"], "everybody is on leave: told dpo all the same")


def test_whoever_is_named_is_not_told_nor_whoever_reads_the_same_mailbox():
    there = roster(
        {"deputy": (DEP,)}, member("ada", "governance"), member("ben", "legal", mail="Ada@oakfield.example")
    )
    reach = there.reach("governance", NOW, exclude={"ada"})
    assert ([one.mail for one in reach.members], reach.note) == (
        [DEP],
        "whoever is governance must not be told of it: told deputy instead",
    )
    assert [one.mail for one in there.reach("legal", NOW, exclude={"ada"}).members] == [DEP]


def test_only_where_everybody_is_named_the_most_independent_of_them_is_told_and_the_note_says_so():
    there = roster({}, member("ada", "governance"), member("ben", "legal"), member("cleo", "operator"))
    reach = there.reach("governance", NOW, exclude={"ada", "ben", "cleo"})
    assert (ids(reach), reach.note) == (
        ["ben"],
        "it concerns everybody there is: told legal, as nobody else is left",
    )


def test_a_room_that_the_accused_reads_is_no_way_to_tell_of_it():
    there = roster(
        {}, member("ada", "dpo", channels=("teams", "pager")), member("ben", "hr", channels=("teams",))
    )
    ada = there.member("ada")
    assert there.ways(ada) == (("mail", ada.mail), ("teams", "teams"), ("pager", "pager"))
    assert there.ways(ada, {"ben"}) == (("mail", ada.mail), ("pager", "pager"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": {}},
        {"people": {"governance": ()}},
        {"people": {"boss": (GOV,)}},
        {"people": {"governance": ("no address",)}},
        {"people": {"governance": ("a@b.example\r\nBcc: c@d.example",)}},
        {"people": {"governance": ("a@b.example, c@d.example",)}},
        {"link_base": "javascript:alert(1)"},
        {"team": [member("ada", "boss")]},
        {"team": [member("ada", "dpo"), member("ada", "hr", mail=OPS)]},
        {"team": [member("ada", "dpo", hours="sometimes")]},
        {"team": [member("ada", "dpo", channels=("a/b",))]},
        {"team": [member("ada", "dpo", channels=("mail",))]},
        {"team": [member("ada", "dpo", leave=((date(2026, 2, 2), date(2026, 2, 1)),))]},
    ],
)
def test_settings_that_could_leave_somebody_untold_are_refused(wrong):
    with pytest.raises(ConfigError):
        Routes(**{"people": {"governance": (GOV,)}, "timezone": LONDON, **wrong})


def test_an_address_error_does_not_quote_the_address():
    with pytest.raises(ConfigError) as raised:
        roster({"governance": ("jo bloggs@oakfield.example",)})
    assert "bloggs" not in str(raised.value)


def test_the_routes_name_the_addresses_of_a_role_whoever_is_there():
    routes = Routes(
        people={"governance": (GOV,), "safeguarding": (SAFE, DPO)},
        timezone=LONDON,
        link_base="https://x.example/",
    )
    assert routes.to("safeguarding") == (SAFE, DPO)
    assert routes.to("hr") == (GOV,)
    assert routes.link_base == "https://x.example"


@given(TEAMS, st.sampled_from(ROLES), MOMENTS, st.sets(st.sampled_from(NAMES)), st.booleans())
def test_there_is_always_somebody_and_never_one_who_is_kept_out_while_there_is_another(
    there, role, now, exclude, urgent
):
    reach = there.reach(role, now, exclude=exclude, urgent=urgent)
    told = set(ids(reach))
    assert told
    assert len(told) == len(reach.members)
    if {one.id for one in there.members} - exclude:
        assert not told & exclude
    on_leave = {one.id for one in there.members if there.on_leave(one, now)}
    if {one.id for one in there.members} - exclude - on_leave:
        assert not told & on_leave
    assert {one.id for one in there.everybody(role, now).members}


@given(TEAMS, st.sampled_from(ROLES), MOMENTS)
def test_whoever_of_a_role_is_on_duty_is_told_with_no_note(there, role, now):
    duty = [one.id for one in there.holders(role) if there.on_duty(one, now)]
    if duty:
        assert ids(there.reach(role, now, urgent=True)) == duty
        assert there.reach(role, now, urgent=True).note == ""
