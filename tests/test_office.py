"""The office made from the settings: who is there, how they are reached, and what is wrong told by its line."""

from base64 import b64encode
from datetime import date, datetime, timedelta

import pytest
from office_town import TEAM
from storage_fixtures import NOW

from core.errors import ConfigError
from core.settings import load
from core.types import Case, CaseState, Severity
from flows.office import Office
from flows.wiring import House

KEY = "whsec_" + b64encode(b"a key of the house, 32 bytes long").decode()
BASE = """\
[organisation]
name = "Oakfield House"
[governance]
dpia = "TEST-1"
[fetch]
contact = "test@oakfield.example"
"""


@pytest.fixture
def office(tmp_path):
    def _office(*parts: str) -> Office:
        path = tmp_path / "redshank.toml"
        path.write_text(BASE + "".join(parts))
        path.chmod(0o644)
        return House(load(path)).office

    return _office


def refused(office, *parts: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        office(*parts).require()
    return caught.value


def line_of(*parts: str, words: str) -> int:
    lines = (BASE + "".join(parts)).splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(words))


def test_a_team_is_known_by_ids_made_of_names(office):
    team = '[[team]]\nname = "Jo Ann O\'Neil"\nroles = ["hr"]\nmail = "jo@x.example"\n' + TEAM
    made = office(team)
    assert [one.id for one in made.members][:2] == ["jo-ann-o-neil", "gale-sorrel"]
    made.require()


def test_a_name_without_a_letter_that_fits_an_id_still_has_one(office):
    (one,) = office('[[team]]\nname = "李娜"\nroles = ["governance"]\nmail = "li@x.example"\n').members
    assert one.id
    assert one.name == "李娜"


def test_addresses_and_team_together_are_who_is_there(office):
    made = office('[people]\nauditor = ["audit@oakfield.example"]\n', TEAM)
    assert {role for one in made.members for role in one.roles} >= {"auditor", "governance", "hr"}


def test_rotas_leave_and_channels_reach_the_roster(office, monkeypatch):
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__URL", "https://desk.example/hook")
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__KEY", KEY)
    made = office(
        '[[team]]\nname = "Gale"\nroles = ["governance"]\nmail = "g@x.example"\nhours = "Mon-Fri 09:00-17:00"\n'
        'leave = ["2026-12-24..2027-01-02", "2026-05-01"]\nchannels = ["desk"]\n[channels.desk]\nkind = "webhook"\n'
    )
    made.require()
    (gale,) = made.members
    roster = made.routes.roster
    at = datetime.fromisoformat
    assert roster.on_duty(gale, at("2026-12-23T12:00+00:00"))
    assert not roster.on_duty(gale, at("2026-12-23T18:00+00:00"))
    assert roster.on_leave(gale, at("2027-01-02T23:00+00:00"))
    assert not roster.on_leave(gale, at("2027-01-03T00:30+00:00"))
    assert roster.ways(gale) == (("mail", "g@x.example"), ("desk", "desk"))
    # Good Friday, as the nation keeps it.
    assert not roster.on_duty(gale, at("2026-04-03T10:00+00:00"))


def test_the_nation_and_closing_days_make_the_calendar(office):
    made = office(
        '[clocks]\nnation = "Scotland"\nclosed = [2026-03-03]\nhours = "Mon-Fri 09:00-17:00"\n', TEAM
    )
    holidays = made.calendar.holidays
    assert date(2026, 3, 3) in holidays
    assert date(2026, 11, 30) in holidays
    assert date(2026, 4, 6) not in holidays, "Easter Monday is no holiday in Scotland"
    assert date(2026, 4, 6) in office(TEAM).calendar.holidays


def test_own_service_levels_make_the_clocks_and_the_others_keep_theirs(office):
    made = office('[clocks.critical]\nfirst_eyes = "10m clock"\n', TEAM)
    case = Case(
        id=1, severity=Severity.critical, state=CaseState.raised, labels=(), ask=(), clauses=(),
        recipients=("governance",), reasons=(), detected_at=NOW,
    )  # fmt: skip
    due = {clock.name: clock.due_at - NOW for clock in made.clocks(case)}
    assert due["first_eyes"] == timedelta(minutes=10)
    assert due["owner_told"] == timedelta(hours=1)


def test_own_paces_are_followed(office):
    made = office('[alerts.critical]\nrepeat = "5m"\nescalate = "10 working hours"\n', TEAM)
    pace = made.rules.pace(Severity.critical)
    assert pace.repeat.due(NOW, made.calendar) == NOW + timedelta(minutes=5)
    assert pace.escalate.due(NOW, made.calendar) == NOW + timedelta(days=1)


def test_what_is_shown_where_follows_the_settings(office):
    made = office('[alerts.show]\nmail = "labels"\n"hr.mail" = "number"\n', TEAM)
    assert str(made.showing.level("governance", "mail")) == "labels"
    assert str(made.showing.level("hr", "mail")) == "number"


def test_links_need_an_address_and_keep_their_key(office, tmp_path):
    assert office(TEAM).links.make(3) == ""
    assert not (tmp_path / "var" / "review.key").exists()
    parts = TEAM, '[review]\naddress = "https://review.oakfield.example/"\n'
    link = office(*parts).links.make(3)
    assert link.startswith("https://review.oakfield.example/acknowledge/")
    assert office(*parts).links.read(link.rsplit("/", 1)[1]) == 3
    assert (tmp_path / "var" / "review.key").stat().st_mode & 0o077 == 0


def test_a_key_from_the_environment_signs_the_links(office, tmp_path, monkeypatch):
    monkeypatch.setenv("REDSHANK_REVIEW__KEY", "a key from elsewhere")
    office(TEAM, '[review]\naddress = "https://review.oakfield.example"\n').links.make(3)
    assert not (tmp_path / "var" / "review.key").exists()


def test_names_are_hashed_under_a_key_of_this_installation(office, tmp_path):
    assert office(TEAM).name_key == office(TEAM).name_key
    assert len(office(TEAM).name_key) >= 32
    assert (tmp_path / "var" / "names.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("part", "line", "words"),
    [
        ('[channels.desk]\nkind = "webhook"\n', "[channels.desk]", "channels.desk.url"),
        (
            '[channels.desk]\nkind = "webhook"\nurl = "https://x.example"\n',
            "[channels.desk]",
            "channels.desk.key",
        ),
        ('[channels.desk]\nkind = "apprise"\n', "[channels.desk]", "channels.desk.url"),
        ('[clocks.high]\nfirst_eyes = "soon"\n', "first_eyes", "high.first_eyes"),
        ('[alerts.show]\nmail = "everything"\n', "mail =", "must be one of number, labels, reasons"),
        ('[alerts.show]\n"king.mail" = "labels"\n', '"king.mail"', "'king' is not a role"),
        ("[alerts]\ndigest_roles = []\n", "digest_roles", "somebody must get the digest"),
        ('[alerts]\ndigest_at = "07:30Z"\n', "digest_at", "local time of day"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(office, part, line, words):
    error = refused(office, TEAM, part)
    assert words in str(error)
    assert error.path is not None
    allowed = {
        line_of(TEAM, part, words=line),
        line_of(TEAM, part, words="[" + part.split("[")[1].split("]")[0]),
    }
    assert error.line in allowed, str(error)


def test_a_channel_that_nobody_configured_is_told_at_the_member(office):
    team = TEAM.replace('name = "Dee Fenwick"', 'name = "Dee Fenwick"\nchannels = ["pager"]')
    error = refused(office, team)
    assert "no channel is named 'pager': add [channels.pager]" in str(error)
    assert error.line == line_of(team, words="channels =")


def test_two_members_whose_names_are_one_id_are_refused(office):
    team = TEAM + '[[team]]\nname = "Gale-Sorrel"\nroles = ["dpo"]\nmail = "other@x.example"\n'
    assert "two members of the team have the same name" in str(refused(office, team))


def test_nobody_at_all_is_refused(office):
    assert "nobody has an address" in str(refused(office))
