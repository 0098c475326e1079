"""`redshank alerts`, and cases worked by the command line from a real post to its end, with the clock moved on."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from office_town import (
    DISCLOSURE,
    NOON,
    TEAM,
    THREAT,
    Clock,
    about_cases,
    body,
    mails_to,
    open_house,
    raise_case,
    run,
    staff,
)
from storage_fixtures import verdict
from town import Post, open_town
from typer.testing import CliRunner

from core.types import Severity
from redshank.cli import app
from storage import acknowledgements, audit
from storage.engine import session

ROTA = TEAM.replace(
    'name = "Gale Sorrel"',
    'name = "Gale Sorrel"\nhours = "Mon-Fri 08:00-18:00"\nleave = ["2026-12-24..2027-01-02"]',
).replace('name = "Sal Thrift"', 'name = "Sal Thrift"\nhours = "always"')
DECIDED = (
    *("--ours", "--not-known", "--not-own-breach", "--standing", "affected_person", "--balance", "none"),
    *("--upheld", "threat", "--reason", "it is a threat"),
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, [Post("a", THREAT)]) as town:
        staff(town, team=ROTA)
        yield town


@pytest.fixture
def house(town, clock):
    house = open_house(town, clock)
    yield house
    house.close()


@pytest.fixture
def redshank(house, town, monkeypatch):
    """A command as it is typed, at the time of the test's clock."""
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")

    def _run(*arguments, raw=None):
        return CliRunner().invoke(app, ["-c", str(town.config), *map(str, arguments)], input=raw)

    return _run


@pytest.fixture
def alerts(redshank):
    return lambda *arguments: redshank("alerts", *arguments)


def said(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(done, words, code=1):
    assert done.exit_code == code, done.output
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


# Who would be told


def test_on_christmas_night_it_says_who_is_told_in_whose_place(house, town, alerts):
    run(house)
    before = len(town.mails)
    done = said(alerts("test", "--case", 1, "--at", "2026-12-25T02:00", "--hours", 2, "--json"))
    assert (done["case"], done["from"]) == (1, "2026-12-25T02:00:00+00:00")
    first = [one for one in done["steps"] if one["step"] == "first"]
    assert {one["member"] for one in first} == {"sal-thrift", "dee-fenwick"}
    (instead,) = [one for one in first if one["member"] == "dee-fenwick"]
    assert (instead["role"], instead["channel"]) == ("governance", "mail")
    assert "everybody who is governance is on leave: told deputy instead" in instead["note"]
    assert {one["at"] for one in first} == {"2026-12-25T02:00:00+00:00"}
    moments = [one["at"] for one in done["steps"]]
    assert moments == sorted(moments)
    assert {"repeat", "escalate", "clock"} <= {one["step"] for one in done["steps"]}
    shown = alerts("test", "--case", 1, "--at", "2026-12-25 02:00").stdout
    assert "Fri 25 Dec 02:00" in shown
    assert "gale" not in shown
    assert len(town.mails) == before, "nothing is sent"
    assert said(alerts("ledger", "--json")) == said(alerts("ledger", "--json"))


def test_in_office_hours_the_rota_is_followed(house, alerts):
    run(house)
    done = said(alerts("test", "--case", 1, "--at", "2026-12-22T10:00", "--hours", 1, "--json"))
    assert {one["member"] for one in done["steps"] if one["step"] == "first"} == {"sal-thrift", "gale-sorrel"}


def test_without_a_moment_it_says_what_is_still_to_come(house, clock, alerts):
    run(house)
    clock.now += timedelta(minutes=16)
    steps = said(alerts("test", "--case", 1, "--json"))["steps"]
    assert steps
    assert all(datetime.fromisoformat(one["at"]) > clock.now for one in steps)
    assert "first" not in [one["step"] for one in steps]


def test_of_a_closed_case_nothing_would_be_told(house, redshank, alerts):
    run(house)
    assert redshank("case", "dismiss", 1, "no_ground", "-r", "r", "--by", "gale-sorrel").exit_code == 0
    assert said(alerts("test", "--case", 1, "--json"))["steps"] == []
    assert "nothing would be told" in alerts("test", "--case", 1).stderr


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("test", "--case", 99), "there is no case 99; `redshank case list` shows", 1),
        (("test", "--case", 1, "--at", "Christmas"), "Invalid value for '--at'", 2),
        (
            ("silence", "add", "--for", "soon", "-r", "r", "--label", "reputation", "--by", "gale-sorrel"),
            "--for:",
            1,
        ),
        (
            ("silence", "add", "--for", "40d", "-r", "r", "--label", "reputation", "--by", "gale-sorrel"),
            "30 days",
            1,
        ),
        (("silence", "add", "--for", "1d", "-r", "r", "--by", "gale-sorrel"), "say what it covers", 1),
        (
            ("silence", "add", "--for", "1d", "-r", " ", "--case", 1, "--by", "gale-sorrel"),
            "needs a reason",
            1,
        ),
        (("silence", "add", "--for", "1d", "-r", "r", "--case", 99, "--by", "gale-sorrel"), "no case 99", 1),
        (
            ("silence", "add", "--for", "1d", "-r", "r", "--label", "safeguarding", "--by", "gale-sorrel"),
            "never silenced",
            1,
        ),
        (
            ("silence", "add", "--for", "1d", "-r", "r", "--severity", "critical", "--by", "gale-sorrel"),
            "never silenced",
            1,
        ),
        (
            ("silence", "add", "--for", "1d", "-r", "r", "--label", "rude", "--by", "gale-sorrel"),
            "'rude' is unknown",
            1,
        ),
        (
            ("silence", "add", "--for", "1d", "-r", "r", "--severity", "huge", "--by", "gale-sorrel"),
            "'huge' is no severity",
            1,
        ),
        (
            ("silence", "add", "--for", "1d", "-r", "r", "--case", 1, "--by", "zoe"),
            "nobody of the team is called zoe",
            1,
        ),
        (("silence", "end", 9, "-r", "r", "--by", "gale-sorrel"), "no silence 9 is in force", 1),
        (("bounced", "nowhere.eml"), "nowhere.eml: No such file", 1),
    ],
)
def test_what_cannot_be_is_told_in_one_line_and_changes_nothing(house, alerts, arguments, words, code):
    run(house)

    def standing():
        return [said(alerts(*one, "--json")) for one in (("ledger",), ("silence", "list"))]

    before = standing()
    with session(house.engine, read_only=True) as db:
        head = audit.head(db)
    done = alerts(*arguments)
    refused(done, words, code)
    assert done.stdout == ""
    assert standing() == before
    with session(house.engine, read_only=True) as db:
        assert audit.head(db) == head


# Silences


def test_a_silence_of_low_reputation_keeps_them_out_till_it_is_ended(house, town, clock, redshank, alerts):
    by = ("--by", "Gale Sorrel")
    town.posts = []
    done = alerts(
        "silence",
        "add",
        "--for",
        "2d",
        "--label",
        "reputation",
        "--severity",
        "medium",
        "-r",
        "a campaign",
        *by,
    )
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("silence 1 until 04 Mar 12:00")
    raise_case(house, "1", verdict(Severity.medium, labels=("reputation",), ask=()))
    raise_case(house, "2", verdict(Severity.critical, labels=("reputation",), ask=()))
    for hours in (0, 21, 45):
        clock.now = NOON + timedelta(hours=hours, minutes=1)
        run(house)
    assert not any("case 1" in mail["subject"] for mail in about_cases(town, "gale"))
    assert any("case 2" in mail["subject"] for mail in about_cases(town, "sal") + about_cases(town, "gale"))
    digests = [" ".join(body(mail).split()) for mail in mails_to(town, "gale", "Digest")]
    assert len(digests) == 3
    assert all("Silence 1: 1 case kept quiet by governance" in digest for digest in digests)
    assert "Silence 1 over 1 case ends at 12:00 today" in digests[-1]
    (listed,) = said(alerts("silence", "list", "--json"))
    assert (listed["owner"], listed["reason"], listed["severity"]) == ("gale-sorrel", "a campaign", "medium")
    assert "labels reputation; up to medium" in alerts("silence", "list").stdout
    assert alerts("silence", "end", 1, "-r", "over", "--by", "Dee Fenwick").exit_code == 0
    clock.now += timedelta(minutes=1)
    assert said(alerts("silence", "list", "--json")) == []
    assert len(said(alerts("silence", "list", "--all", "--json"))) == 1
    clock.now += timedelta(days=1)
    run(house)
    assert any("case 1" in body(mail).casefold() for mail in about_cases(town, "gale"))


def test_silences_are_on_the_audit_log(house, alerts):
    alerts("silence", "add", "--for", "1h", "--platform", "reddit", "-r", "known", "--by", "dee-fenwick")
    alerts("silence", "end", 1, "-r", "over", "--by", "gale-sorrel")
    with session(house.engine, read_only=True) as db:
        told = [(entry.actor, entry.role, entry.action) for entry in audit.entries(db)]
    assert told == [("dee-fenwick", "deputy", "silence"), ("gale-sorrel", "governance", "end silence")]


# The record


def test_the_ledger_and_who_took_note_are_listed(house, clock, alerts):
    run(house)
    lines = said(alerts("ledger", "--json"))
    assert {one["status"] for one in lines} == {"accepted"}
    assert {one["kind"] for one in lines} == {"case", "digest"}
    of_case = said(alerts("ledger", "--case", 1, "--json"))
    assert {tuple(one["cases"]) for one in of_case} == {(1,)}
    assert len(said(alerts("ledger", "-n", 1, "--json"))) == 1
    assert said(alerts("ledger", "--case", 99, "--json")) == []
    assert said(alerts("acks", "--case", 1, "--json")) == []
    with session(house.engine) as db:
        acknowledgements.add(db, 1, role="governance", who="gale-sorrel", now=clock.now)
    (noted,) = said(alerts("acks", "--case", 1, "--json"))
    assert (noted["who"], noted["revision"], noted["at"]) == ("gale-sorrel", 1, clock.now.isoformat())
    assert "gale-sorrel" in alerts("acks", "--case", 1).stdout
    for shown in (alerts("ledger").stdout, alerts("ledger", "--json").stdout):
        assert "@oakfield.example" not in shown


# A case from a post to its end


def test_a_case_is_worked_from_a_post_to_its_end_and_reopened_by_a_new_copy(house, town, clock, redshank):
    by = ("--by", "gale-sorrel")
    run(house)

    def case(*arguments):
        done = redshank("case", *arguments)
        assert done.exit_code == 0, done.output
        return done

    refused(redshank("case", "decide", 1, "act", *DECIDED, *by), "`redshank case review 1` first")
    for hours, step in enumerate(
        (
            ("review", 1),
            ("decide", 1, "act", *DECIDED),
            ("act", 1, "--route", "platform_notice", "-r", "r"),
            ("sent", 1, "platform_notice", "--reference", "R-1"),
            ("outcome", 1, "removed_by_platform", "-r", "taken down"),
            ("gone", 1, "--mention", 1),
            ("close", 1, "removed_by_platform", "-r", "seen to be gone"),
        )
    ):
        clock.now = NOON + timedelta(hours=hours)
        case(*step, *by)
    assert said(redshank("case", "list", "--json")) == []
    before = len(about_cases(town, "sal"))
    clock.now = NOON + timedelta(days=3)
    run(house)
    assert len(about_cases(town, "sal")) == before, "of a closed case nobody hears again"
    town.posts.append(Post("b", THREAT))
    clock.now += timedelta(hours=1)
    run(house)
    (again,) = said(redshank("case", "list", "--json"))
    assert (again["id"], again["state"], len(again["copies"])) == (1, "reopened", 2)
    assert len(about_cases(town, "sal")) == before + 1, "told anew"
    steps = [one["to"] for one in said(redshank("case", "show", 1, "--json"))["steps"]]
    assert steps[0] == "raised"
    assert steps[-1] == "reopened"
    assert "closed" in steps
    assert said(redshank("audit", "verify", "--json"))["whole"]


def test_routes_against_a_worker_wait_until_speak_up_releases_them(house, town, redshank):
    town.posts = [Post("a", DISCLOSURE)]
    run(house)
    act = ("--by", "sal-thrift", "-r", "r")
    facts = [word if word != "threat" else "reputation" for word in DECIDED]
    for step in (("review", 1), ("decide", 1, "act", *facts)):
        assert redshank("case", *step, "--by", "sal-thrift").exit_code == 0
    locked = ("hr", "contact_poster")
    for route in locked:
        refused(redshank("case", "act", 1, "--route", route, "--approver", "gale-sorrel", *act), route)
    refused(redshank("case", "release", 1, "-r", "r", "--by", "gale-sorrel"), "may not release disclosure")
    done = redshank("case", "release", 1, "-r", "no disclosure", "--by", "una-birch")
    assert done.exit_code == 0, done.output
    done = redshank("case", "act", 1, "--route", "hr", "--approver", "gale-sorrel", *act)
    assert done.exit_code == 0, done.output
    refused(redshank("case", "act", 1, "--route", "contact_poster", *act), "criticism is free")


def test_the_link_of_a_sealed_case_opens_to_safeguarding_alone_and_on_record(house, town, redshank):
    town.posts = [
        Post(
            "pics", "Nude pictures of the children at Oakfield House, pics of a 9 year old girl, dm for link"
        )
    ]
    run(house)
    refused(redshank("case", "link", 1, "-r", "r", "--by", "gale-sorrel"), "safeguarding alone")
    done = redshank("case", "link", 1, "-r", "a report to the hotline", "--by", "sal-thrift")
    assert done.stdout == "1 http://town.example/pics\n"
    with session(house.engine, read_only=True) as db:
        (opened,) = [entry for entry in audit.entries(db) if entry.action == "unseal_link"]
    assert (opened.actor, opened.reason) == ("sal-thrift", "a report to the hotline")


# Every document is one


def test_with_json_every_command_prints_one_document(house, town, redshank, tmp_path):
    run(house)
    for arguments in (
        ("run",),
        ("collect",),
        ("triage",),
        ("tell",),
        ("watch",),
        ("check",),
        ("preview", "town"),
        ("case", "list"),
        ("case", "show", 1),
        ("case", "history", 1),
        ("case", "note", 1, "seen", "--by", "gale-sorrel"),
        ("case", "review", 1, "--by", "gale-sorrel"),
        ("alerts", "test", "--case", 1),
        ("alerts", "ledger"),
        ("alerts", "acks", "--case", 1),
        ("alerts", "silence", "list"),
        ("sample", "draw"),
        ("sample", "list"),
        ("export", "training", tmp_path / "x.jsonl", "--by", "gale-sorrel"),
        ("audit", "verify"),
        ("audit", "show"),
        ("report", "--month", "2026-03"),
        ("score", "hello"),
    ):
        done = redshank(*arguments, "--json")
        assert done.exit_code == 0, (arguments, done.output)
        json.loads(done.stdout)


def test_the_month_is_written_for_the_board(house, redshank, tmp_path):
    run(house)
    done = redshank("report", "--month", "2026-03", "--out", tmp_path / "board")
    assert done.exit_code == 0, done.output
    files = [Path(line) for line in done.stdout.splitlines()]
    assert [file.name for file in files] == ["report-2026-03.html", "report-2026-03.pdf"]
    page = files[0].read_text()
    assert "<html" in page
    assert "stab" not in page
    assert files[1].read_bytes().startswith(b"%PDF-")
    refused(redshank("report", "--month", "2026-04"), "has not begun")
    refused(redshank("report", "--month", "March"), "Invalid value for '--month'", 2)


def test_check_says_who_has_no_second_channel(house, town, redshank):
    done = said(redshank("check", "--json"))
    (people,) = [one for one in done["checks"] if one["name"] == "people"]
    assert people["ok"]
    assert people["detail"].startswith("6 with an address, for governance, deputy, safeguarding,")
    assert (
        "no second channel for governance, safeguarding: critical cases reach them by mail alone"
        in people["detail"]
    )


def test_check_names_the_line_of_a_person_who_cannot_be_told(town, tmp_path):
    staff(town, team=ROTA.replace('name = "Dee Fenwick"', 'name = "Dee Fenwick"\nchannels = ["pager"]'))
    done = CliRunner().invoke(app, ["-c", str(town.config), "check", "--json"])
    assert done.exit_code == 1
    (people,) = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "people"]
    assert not people["ok"]
    line = town.config.read_text().splitlines().index('channels = ["pager"]') + 1
    assert f"redshank.toml:{line}: no channel is named 'pager'" in people["detail"]


def test_a_log_that_was_altered_ends_verify_with_1(house, town, redshank):
    run(house)
    db = sqlite3.connect(town.folder / "redshank.db")
    with db:
        db.execute("UPDATE audit SET actor = 'nobody' WHERE id = 1")
    db.close()
    done = redshank("audit", "verify", "--json")
    assert done.exit_code == 1
    assert not json.loads(done.stdout)["whole"]
