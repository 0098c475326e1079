"""redshank.toml: every key checked, every problem named by file and line."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.lines import key_lines
from core.settings import load
from core.types import Severity
from flows.office import Office

GOOD = """\
[organisation]
name = "Oakfield House"
contacts = ["01632 960111"]

[governance]
dpia = "DPIA-2026-014"

[[sources]]
name = "local-news"
kind = "rss"
url = "https://news.example/feed"
every = "10m"

[[sources]]
name = "forum"
kind = "rss"
url = "https://forum.example/feed"
allow_hosts = ["127.0.0.1:8302"]

[mail]
host = "mail.example"
from = "redshank@oakfield.example"

[people]
governance = ["hbg@oakfield.example"]

[alerts]
digest_at = "07:15"
immediate_from = "medium"
"""


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "redshank.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        return path

    return _write


def test_a_whole_file_is_read(write):
    settings = load(write(GOOD))
    assert settings.organisation.name == "Oakfield House"
    assert [source.name for source in settings.sources] == ["local-news", "forum"]
    assert settings.sources[0].every.total_seconds() == 600
    assert settings.sources[1].model_extra == {"url": "https://forum.example/feed"}
    assert settings.alerts.immediate_from is Severity.medium
    assert settings.people == {"governance": ("hbg@oakfield.example",)}


@pytest.mark.parametrize(
    ("broken", "line", "words"),
    [
        (GOOD.replace("dpia =", "dpja ="), 6, "governance.dpja: there is no such key"),
        (GOOD.replace('every = "10m"', 'every = "soon"'), 12, "sources.0.every: write a duration"),
        (GOOD.replace('every = "10m"', 'every = "5s"'), 12, "not polite"),
        (GOOD.replace("governance = [", "governess = ["), 24, "unknown role governess"),
        (GOOD.replace('"medium"', '"mild"'), 29, "must be one of none, low"),
        (GOOD.replace('name = "forum"', 'name = "local-news"'), 8, "two sources are named local-news"),
        (GOOD.replace('host = "mail.example"\n', ""), 20, "mail.host: must be given"),
        (GOOD.replace("[people]", "[peoples]"), 24, "peoples: there is no such key"),
        (GOOD + 'timezone = "Europe/Londinium"\n', 30, "alerts.timezone: there is no such key"),
        (GOOD.replace("[governance]", 'timezone = "Europe/Londinium"\n[governance]'), 5, "no such time zone"),
        (GOOD + "[mail.extra]\nx = 1\n", 30, "mail.extra: there is no such key"),
        (GOOD.replace('name = "Oakfield House"', "name = Oakfield"), 2, "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(write, broken, line, words):
    path = write(broken)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_all_problems_are_told_at_once(write):
    with pytest.raises(ConfigError) as caught:
        load(write(GOOD.replace("dpia =", "dpja =").replace('"10m"', '"soon"')))
    assert "dpja" in str(caught.value)
    assert "sources.0.every" in str(caught.value)


def test_a_secret_in_the_file_is_refused_and_not_repeated(write):
    with pytest.raises(ConfigError) as caught:
        load(write(GOOD.replace("[people]", 'password = "hunter2"\n[people]')))
    assert "REDSHANK_MAIL__PASSWORD" in str(caught.value)
    assert caught.value.line == 24
    assert "hunter2" not in str(caught.value)


def test_a_password_in_the_database_address_is_refused_and_never_shown(write, monkeypatch):
    with pytest.raises(ConfigError, match="REDSHANK_STORAGE__URL") as caught:
        load(write(GOOD + '[storage]\nurl = "postgresql://us:hunter2@db.example/redshank"\n'))
    assert caught.value.line == 31
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("REDSHANK_STORAGE__URL", "postgresql://us:hunter2@db.example/redshank")
    settings = load(write(GOOD))
    assert "hunter2" in settings.database
    assert "hunter2" not in repr(settings)


def test_a_secret_comes_from_the_environment(write, monkeypatch):
    monkeypatch.setenv("REDSHANK_MAIL__PASSWORD", "from-the-environment")
    settings = load(write(GOOD))
    assert settings.mail is not None
    assert settings.mail.password.get_secret_value() == "from-the-environment"
    assert "from-the-environment" not in repr(settings)


def test_a_secret_comes_from_a_file_that_only_we_can_read(write, monkeypatch, tmp_path):
    folder = tmp_path / "secrets"
    folder.mkdir()
    secret = folder / "mail__password"
    secret.write_text("from-a-file")
    secret.chmod(0o600)
    monkeypatch.setenv("REDSHANK_SECRETS", str(folder))
    settings = load(write(GOOD))
    assert settings.mail is not None
    assert settings.mail.password.get_secret_value() == "from-a-file"
    secret.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load(write(GOOD))


def test_a_file_that_anybody_may_change_is_refused(write):
    path = write(GOOD)
    path.chmod(0o666)
    with pytest.raises(ConfigError, match="chmod o-w"):
        load(path)


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match="redshank init"):
        load(tmp_path / "redshank.toml")


def test_a_relative_database_lies_beside_the_file(write):
    path = write(GOOD)
    assert load(path).database == f"sqlite:///{path.parent / 'var/redshank.db'}"


def test_an_error_found_later_still_knows_its_line(write):
    settings = load(write(GOOD))
    assert settings.error(("sources", 1, "url"), "no").line == 17
    assert settings.error(("sources", 1, "nowhere"), "no").line == 14


TEAM = """\
[[team]]
name = "Gale"
roles = ["governance"]
mail = "gale@oakfield.example"
"""


def wrong(write, text):
    with pytest.raises(ConfigError) as caught:
        load(write(text))
    assert str(caught.value).startswith(str(caught.value.path))
    return caught.value


@pytest.mark.parametrize(
    ("part", "line", "words"),
    [
        (TEAM + 'hours = "Mon-Fry 09:00-17:00"\n', 5, 'team.0.hours: "Fry" is no day'),
        (TEAM + 'leave = ["Christmas"]\n', 5, "team.0.leave.0: write leave as"),
        (TEAM + 'leave = ["2026-12-24..2026-12-20"]\n', 5, "leave ends before it begins"),
        (TEAM + 'role = "hr"\n', 5, "team.0.role: there is no such key"),
        (TEAM.replace("governance", "king"), 3, "team.0.roles: unknown role king"),
        (TEAM.replace('["governance"]', "[]"), 3, "team.0.roles"),
        (TEAM.replace("gale@", "gale.at."), 4, "team.0.mail"),
        (TEAM + TEAM, 1, "two members are named gale"),
        (
            '[channels.desk]\nkind = "pigeon"\n',
            2,
            "channels.desk.kind: Input should be 'webhook' or 'apprise'",
        ),
        ("[channels.desk]\n", 1, "channels.desk.kind: must be given"),
        (
            '[channels.desk]\nkind = "webhook"\ntimeout = "long"\n',
            3,
            "channels.desk.timeout: write a duration",
        ),
        ('[channels.Desk]\nkind = "webhook"\n', 1, "channels.Desk: no channel can be named so"),
        ('[channels."a desk"]\nkind = "webhook"\n', 1, "channels.a desk: no channel can be named so"),
        ('[channels.mail]\nkind = "webhook"\n', 1, "channels.mail: no channel can be named so"),
        ('[clocks]\nhours = "9 to 5"\n', 2, "clocks.hours"),
        ('[clocks]\nnation = "France"\n', 2, "clocks.nation: Input should be 'England'"),
        ('[clocks]\nclosed = ["2026-13-01"]\n', 2, "clocks.closed.0"),
        ('[clocks.grave]\nfirst_eyes = "1h clock"\n', 1, "clocks.grave: there is no such key"),
        ("[review]\nport = 0\n", 2, "review.port"),
        ('[review]\naddress = "review.oakfield.example"\n', 2, "review.address"),
        ('[review]\nlinks_last = "0s"\n', 2, "review.links_last: a link that lasts for less"),
        ("[sampling]\neach_week = 5\n", 2, "fewer than 10 a week tell nothing"),
        ("[sampling]\neach_week = 2000\n", 2, "sampling.each_week"),
        ('[sampling]\nreviewer = "king"\n', 2, "sampling.reviewer: unknown role king"),
        ('[alerts.critical]\nrepeat = "15m"\n', 1, "alerts.critical.escalate: must be given"),
        (
            '[alerts.high]\nrepeat = "soon"\nescalate = "1h"\n',
            2,
            'alerts.high.repeat: "soon" is no allowance',
        ),
    ],
)
def test_what_is_wrong_with_people_and_time_is_named_by_its_line(write, part, line, words):
    error = wrong(write, GOOD + part)
    assert words in str(error)
    assert error.line == len(GOOD.splitlines()) + line


@pytest.mark.parametrize("key", ["chain", "weekly_roles", "monthly_roles", "digest_roles"])
def test_every_list_of_roles_holds_roles(write, key):
    error = wrong(write, GOOD + f'{key} = ["governance", "king"]\n')
    assert f"alerts.{key}: unknown role king" in str(error)
    assert error.line == 30


@pytest.mark.parametrize(
    ("part", "line", "variable"),
    [
        ('[channels.desk]\nkind = "webhook"\nkey = "hunter2"\n', 3, "REDSHANK_CHANNELS__DESK__KEY"),
        ('[channels.desk]\nkind = "apprise"\nurl = "slack://hunter2"\n', 3, "REDSHANK_CHANNELS__DESK__URL"),
        (
            '[channels]\ndesk = {kind = "apprise", url = "slack://hunter2"}\n',
            2,
            "REDSHANK_CHANNELS__DESK__URL",
        ),
        (
            '[channels]\ndesk.kind = "apprise"\ndesk.url = "slack://hunter2"\n',
            3,
            "REDSHANK_CHANNELS__DESK__URL",
        ),
        ('heartbeat = "https://beat.example/hunter2"\n', 1, "REDSHANK_ALERTS__HEARTBEAT"),
        ('[review]\nkey = "hunter2"\n', 2, "REDSHANK_REVIEW__KEY"),
    ],
)
def test_no_secret_of_any_kind_stands_in_the_file(write, part, line, variable):
    error = wrong(write, GOOD + part)
    assert f"set {variable} or use a secret file" in str(error)
    assert error.line == len(GOOD.splitlines()) + line
    assert "hunter2" not in str(error)


def test_the_address_of_a_webhook_may_stand_in_the_file_and_is_not_shown(write):
    settings = load(write(GOOD + '[channels.desk]\nkind = "webhook"\nurl = "https://desk.example/t0ken"\n'))
    assert settings.channels["desk"].url.get_secret_value() == "https://desk.example/t0ken"
    assert "t0ken" not in repr(settings)


def test_the_secrets_of_a_channel_come_from_the_environment_beside_what_the_file_says(write, monkeypatch):
    monkeypatch.setenv("REDSHANK_CHANNELS__TEAMS__URL", "msteams://hunter2")
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__KEY", "whsec_hunter2")
    monkeypatch.setenv("REDSHANK_ALERTS__HEARTBEAT", "https://beat.example/hunter2")
    monkeypatch.setenv("REDSHANK_REVIEW__KEY", "hunter2")
    parts = '[channels.teams]\nkind = "apprise"\n[channels.desk]\nkind = "webhook"\nurl = "https://desk.example"\n'
    settings = load(write(GOOD + parts))
    assert settings.channels["teams"].url.get_secret_value() == "msteams://hunter2"
    assert settings.channels["desk"].key.get_secret_value() == "whsec_hunter2"
    assert settings.channels["desk"].url.get_secret_value() == "https://desk.example"
    assert settings.alerts.heartbeat.get_secret_value().endswith("hunter2")
    assert settings.alerts.immediate_from is Severity.medium
    assert "hunter2" not in repr(settings)


def test_the_secrets_of_a_channel_come_from_a_secret_file(write, monkeypatch, tmp_path):
    folder = tmp_path / "secrets"
    folder.mkdir()
    secret = folder / "channels__teams__url"
    secret.write_text("msteams://hunter2")
    secret.chmod(0o600)
    monkeypatch.setenv("REDSHANK_SECRETS", str(folder))
    settings = load(write(GOOD + '[channels.teams]\nkind = "apprise"\n'))
    assert settings.channels["teams"].url.get_secret_value() == "msteams://hunter2"


def test_a_channel_of_the_environment_that_the_file_does_not_know_is_told(write, monkeypatch):
    monkeypatch.setenv("REDSHANK_CHANNELS__TEAMS__URL", "msteams://hunter2")
    error = wrong(write, GOOD)
    assert "channels.teams.kind: must be given" in str(error)
    assert "hunter2" not in str(error)


def test_leave_is_a_span_or_a_day_however_it_is_written(write):
    leave = 'leave = ["2026-12-24 .. 2027-01-02", "2026-05-01", 2026-06-01]\n'
    (gale,) = load(write(GOOD + TEAM + leave)).team
    days = [(first.isoformat(), last.isoformat()) for first, last in gale.leave]
    assert days == [("2026-12-24", "2027-01-02"), ("2026-05-01", "2026-05-01"), ("2026-06-01", "2026-06-01")]


_NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@given(
    st.lists(st.tuples(_NAME, st.lists(_NAME, unique=True, max_size=4)), unique_by=lambda t: t[0], max_size=5)
)
def test_every_key_of_a_file_is_found_on_its_line(tables):
    text, expected = "", {}
    for table, keys in tables:
        text += f"\n[{table}]\n"
        expected[(table,)] = text.count("\n")
        for key in keys:
            text += f"{key} = [1, {{ x = '#' }}] # {key}\n"
            expected[(table, key)] = text.count("\n")
    found = key_lines(text)
    assert {place: found[place] for place in expected} == expected


def test_what_init_writes_is_accepted_with_every_example_in_it(write, monkeypatch):
    text = (Path(__file__).parents[1] / "redshank" / "template.toml").read_text(encoding="utf-8")
    text = text.replace("{name}", "Oakfield House").replace("{contact}", "hbg@oakfield.example")
    assert load(write(text)).team == ()
    monkeypatch.setenv("REDSHANK_CHANNELS__TEAMS__URL", "jsons://hooks.example.org/")
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__KEY", "whsec_" + "QUJD" * 11)
    settings = load(write(re.sub(r"^# (?=\[|[a-z_]+ = )", "", text, flags=re.MULTILINE)))
    office = Office(settings)
    office.require()
    assert {"team", "channels", "clocks", "review", "sources"} <= settings.model_fields_set
    assert set(office.ways) == {"teams", "desk"}
    assert [one.id for one in office.members if one.name] == ["jo-ann-smith"]
