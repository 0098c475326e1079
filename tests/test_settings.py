"""redshank.toml: every key checked, every problem named by file and line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.lines import key_lines
from core.settings import load
from core.types import Severity

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
