"""`redshank sources` and `retain`: which places are read and how they fare, adding one, leaving one alone."""

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from office_town import Clock, open_house, staff
from town import HARMLESS, Post, open_town
from typer.testing import CliRunner

import connectors
from flows import adding, collect, triage
from redshank import terminal
from redshank.cli import app
from storage import audit
from storage.engine import session

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LOCAL = ("--set", 'allow_hosts=["127.0.0.1"]')


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, [Post("a", HARMLESS), Post("b", "Cricket in the park.")]) as town:
        staff(town)
        yield town


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def house(town, clock):
    house = open_house(town, clock)
    yield house
    house.close()


@pytest.fixture
def redshank(house, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    monkeypatch.setattr("getpass.getuser", lambda: "ozzy-larch")

    def _run(*arguments, **more):
        return CliRunner().invoke(app, ["-c", str(house.settings.path), *map(str, arguments)], **more)

    return _run


@pytest.fixture
def sources(redshank):
    return lambda *arguments, **more: redshank("sources", *arguments, **more)


def said(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def line(done) -> str:
    """All that was printed, without the breaks of a narrow terminal."""
    assert "Traceback" not in done.output
    return " ".join(done.output.split())


def configured(town) -> list[str]:
    return [source["name"] for source in tomllib.loads(town.config.read_text())["sources"]]


def test_the_kinds_are_listed_with_what_they_need(sources):
    found = said(sources("kinds", "--json"))
    assert list(found) == connectors.names()
    assert found["reddit"]["approval"]
    assert found["youtube"]["keys"] == ["api_key"]
    table = sources("kinds").stdout
    assert all(kind in table for kind in found)


def test_brackets_and_colons_of_a_value_are_printed_as_they_are(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    terminal.out().print("[budgets.x] redshank.toml:100: [red]x[/red]")
    terminal.say("redshank.toml:100: [red]x[/red]")
    shown = capsys.readouterr()
    assert shown.out == "[budgets.x] redshank.toml:100: [red]x[/red]\n"
    assert shown.err == "redshank.toml:100: [red]x[/red]\n"


def test_a_source_is_listed_before_and_after_its_first_visit(house, sources):
    (before,) = said(sources("list", "--json"))
    assert (before["watch"], before["detail"], before["last_ok_at"]) == ("not watched", "never visited", None)
    assert sources("health").exit_code == 1
    collect.collect_all(house, ["town"])
    (after,) = said(sources("list", "--json"))
    assert (after["watch"], after["new_7_days"], after["mentions"]) == ("watched", 2, 2)
    assert after["last_ok_at"] == NOON.isoformat()
    assert re.search(r"town +rss +watched +02 Mar 12:00 +15m +2", sources("list").stdout)
    done = sources("health", "town")
    assert done.exit_code == 0
    assert "new: 2 in 7 days, 2 in all" in done.stdout
    assert said(sources("health", "town", "--json")) == [after]


def test_a_source_that_fails_says_why_and_ends_health_with_1(town, house, sources):
    town.status = 401
    collect.collect_all(house, ["town"])
    (one,) = said(sources("list", "--json"))
    assert (one["watch"], one["error"]) == ("broken", "127.0.0.1 answered 401")
    assert "127.0.0.1 answered 401" in line(sources("list"))
    done = sources("health", "town")
    assert (done.exit_code, "error: 127.0.0.1 answered 401" in done.stdout) == (1, True)


def test_an_unknown_source_is_named_beside_the_known_ones(sources):
    for done in (
        sources("health", "nowhere"),
        sources("pause", "nowhere", "--for", "1d", "-r", "It is rebuilt"),
    ):
        assert done.exit_code == 2
        assert "no source is named 'nowhere'; configured are: town" in line(done)


def test_where_no_source_is_configured_the_list_says_how_to_add_one(town, monkeypatch):
    town.config.write_text(town.config.read_text().partition("[[sources]]")[0])
    done = CliRunner().invoke(app, ["-c", str(town.config), "sources", "list"])
    assert "no source is configured: `redshank sources add`" in line(done)


def test_a_source_is_added_after_a_look_at_it(town, sources):
    before = town.config.read_text()
    done = sources("add", "rss", "second", "--set", f"url={town.url}/other", *LOCAL, "--yes")
    assert done.exit_code == 0, done.output
    assert "it holds 2 entries now, 1 of them about us; nothing was saved" in line(done)
    assert configured(town) == ["town", "second"]
    assert town.config.read_text().startswith(before.rstrip("\n")), "the rest of the file stands as it was"
    assert town.config.with_name("redshank.toml.bak").read_text() == before
    (second,) = [one for one in tomllib.loads(town.config.read_text())["sources"] if one["name"] == "second"]
    assert second["allow_hosts"] == ["127.0.0.1"]


def test_what_is_about_us_may_depend_on_more_than_the_text(town, sources):
    done = sources(
        "add", "rss", "second", "-s", f"url={town.url}/x", *LOCAL, "-s", "query=site:town.example", "--yes"
    )
    assert "2 of them about us" in line(done)


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_a_source_that_nobody_wants_is_not_added(town, sources, answer: str):
    before = town.config.read_text()
    done = sources("add", "rss", "second", "--set", f"url={town.url}/other", *LOCAL, input=answer)
    assert done.exit_code == 1
    assert town.config.read_text() == before


def test_a_source_that_cannot_be_read_is_added_only_unread(town, sources):
    town.status = 404
    given = ("add", "rss", "second", "--set", f"url={town.url}/other", *LOCAL, "--yes")
    done = sources(*given)
    assert done.exit_code == 1
    assert "127.0.0.1 answered 404; nothing was added (--no-preview adds it all the same)" in line(done)
    assert configured(town) == ["town"]
    assert sources(*given, "--no-preview").exit_code == 0
    assert configured(town) == ["town", "second"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rss", "b"), "the source cannot be added: url: must be given"),
        (("rss", "b", "url=https://a.example", "colour=red"), "added: colour: there is no such key"),
        (("rss", "b", "colour=red"), "added: url: must be given; colour: there is no such key"),
        (("rss", "b", "url=nowhere"), "url: must start with http:// or https://"),
        (("rss", "b", "url=https://a.example", "allow_hosts=x"), "allow_hosts: must be a list, as in"),
        (("rss", "b", "url=https://a.example", "every=1h", "slowest=5m"), "slowest must not be shorter"),
        (("rss", "b", "url=https://a.example", "every=1s"), "every: asking more often than"),
        (("rss", "b", "url=https://a.example", "query=a -b"), "column 3: a hyphen does not take away"),
        (("rss", "b", "url=https://a.example", "canary=x"), "canary: a canary is one word of 6 to 60"),
        (("rss", "b", "url=https://a.example", 'query="Maureen Tibbs"'), "asks for a person by name"),
        (("rss", "two words", "url=https://a.example"), "name: a name is of small letters"),
        (("rss", 'b"\n[mail]', "url=https://a.example"), "name: a name is of small letters"),
        (("rss", "town", "url=https://a.example"), "two sources are named town"),
        (("pigeon", "b"), "unknown kind of source 'pigeon'; known kinds: bluesky"),
        (("youtube", "b", "api_key=abc"), "secrets do not belong in this file: set REDSHANK_KEYS__YOUTUBE__"),
        (("reddit", "b", 'subreddits=["a"]'), 'reddit is off until approval = "…"'),
        (("rss", "b", "url"), "write an option as key=value, in small letters: 'url' is none"),
        (("rss", "b", "Url=x"), "write an option as key=value, in small letters: 'Url' is none"),
        (("rss", "b", "url=x", "url=y"), "url is given twice"),
        (("rss", "b", "name=y"), "name is given twice"),
    ],
)
def test_a_source_that_is_wrong_is_not_added_and_says_what_is(town, sources, arguments, words):
    before = town.config.read_text()
    kind, name, *options = arguments
    done = sources("add", kind, name, *(part for one in options for part in ("--set", one)), "--yes")
    assert done.exit_code == 2
    assert words in line(done)
    assert not re.search(r"tmp\w+\.toml|sources\.\d", done.output), "names a file or a place that nobody has"
    assert town.config.read_text() == before
    assert list(town.folder.glob("*.toml")) == [town.config]


def test_what_was_wrong_before_is_not_laid_to_the_new_source(town):
    block = '[[sources]]\nname = "old"\nkind = "reddit"\nsubreddits = ["a"]\n'
    town.config.write_text(town.config.read_text() + block)
    added = ["sources", "add", "rss", "b", "--set", "url=https://a.example", "--no-preview", "--yes"]
    done = CliRunner().invoke(app, ["-c", str(town.config), *added])
    assert done.exit_code == 2
    assert "reddit is off until" in line(done)
    assert "cannot be added" not in line(done)


def test_a_file_that_cannot_be_written_stays_as_it_was(town, sources, monkeypatch):
    before = town.config.read_text()

    def full(*_arguments, **_more):
        raise OSError(28, "No space left on device")

    for part, name in ((adding.tempfile, "NamedTemporaryFile"), (adding.shutil, "copy2")):
        with monkeypatch.context() as patch:
            patch.setattr(part, name, full)
            done = sources("add", "rss", "b", "--set", "url=https://a.example", "--no-preview", "--yes")
        assert done.exit_code == 2
        assert "redshank.toml: cannot be written (No space left on device), so nothing was added" in line(
            done
        )
    assert town.config.read_text() == before
    assert list(town.folder.glob(".*.part")) == []


def test_a_pause_is_listed_put_on_record_and_ended(house, sources, redshank):
    reason = "The [site] moves"
    done = sources("pause", "town", "--for", "2d", "--reason", reason)
    assert (done.exit_code, "town is left alone until 04 Mar 12:00" in done.stderr) == (0, True)
    (one,) = said(sources("list", "--json"))
    assert one["watch"] == "not watched"
    assert one["paused"] == {
        "until": (NOON + timedelta(days=2)).isoformat(),
        "reason": reason,
        "by": "ozzy-larch",
    }
    assert reason in line(sources("list"))
    assert "no source was read" in line(redshank("collect"))
    assert "town is read again" in sources("resume", "town", "--reason", "It has moved").stderr
    assert said(sources("list", "--json"))[0]["paused"] is None
    done = sources("resume", "town", "--reason", "It has moved")
    assert (done.exit_code, "source town is not paused" in line(done)) == (1, True)
    with session(house.engine, read_only=True) as db:
        noted = [(one.action, one.actor, one.reason) for one in audit.entries(db)]
    assert noted == [
        ("pause source", "ozzy-larch", reason),
        ("resume source", "ozzy-larch", "It has moved"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pause", "town", "--for", "2d", "--reason", " x "), "--reason: say why in a few words"),
        (("resume", "town", "--reason", " "), "--reason: say why in a few words"),
        (("pause", "town", "--for", "soon", "--reason", "It moves"), "--for: write a duration as a number"),
        (("pause", "town", "--for", "91d", "--reason", "It moves"), "up to 90 days; for good, set enabled"),
        (("pause", "town", "--for", "0h", "--reason", "It moves"), "--for:"),
        (("pause", "town", "--for", "1d", "--reason", "It moves", "--by", "zoe"), "nobody of the team"),
    ],
)
def test_a_pause_that_cannot_be_says_why(sources, arguments, words):
    done = sources(*arguments)
    assert done.exit_code == 1
    assert words in line(done)
    assert said(sources("list", "--json"))[0]["paused"] is None


def test_retain_erases_what_is_not_about_us_after_its_time(house, clock, redshank):
    collect.collect_all(house, ["town"])
    triage.triage_all(house)
    assert said(redshank("retain", "--json")) == {"erased": 0}
    clock.now += timedelta(days=31)
    assert "mentions whose words were erased: 1" in redshank("retain").stdout
    assert said(redshank("retain", "--json")) == {"erased": 0}
