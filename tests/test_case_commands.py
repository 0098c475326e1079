"""`redshank case` and `redshank audit`, as somebody at a terminal or a script meets them."""

import hashlib
import json
import sqlite3
import stat
from pathlib import Path

import pytest
import typer
from storage_fixtures import NOW, mention, verdict
from typer.testing import CliRunner

from core.types import Severity
from redshank import auditing, terminal
from redshank.cli import app
from storage import mentions
from storage.engine import open_engine, session, upgrade

CONFIG = """\
[organisation]
name = "Oakfield House"
[governance]
dpia = "TEST-1"
[fetch]
contact = "test@oakfield.example"
[storage]
url = "sqlite:///redshank.db"
"""
TEAM = """
[[team]]
name = "Jo Ann O'Neil"
roles = ["governance"]
mail = "jo@oakfield.example"
[[team]]
name = "Sal"
roles = ["safeguarding", "deputy"]
mail = "sal@oakfield.example"
"""
DECIDED = (
    *("--ours", "--not-known", "--not-own-breach", "--standing", "affected_person", "--balance", "none"),
    *("--upheld", "privacy", "--reason", "a resident is told on"),
)
audits = typer.Typer()


@audits.callback()
def _audits(config: Path) -> None:
    pass


audits.add_typer(auditing.app, name="audit")


@pytest.fixture
def house(tmp_path, monkeypatch):
    for name in ("REDSHANK_ACTOR", "REDSHANK_ROLE"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "redshank.toml"
    config.write_text(CONFIG + TEAM)
    engine = open_engine(f"sqlite:///{tmp_path}/redshank.db")
    upgrade(engine)
    with session(engine) as db:
        for number, rest in enumerate(
            (
                {},
                {"guards": ("sealed",)},
                {"guards": ("speak_up",), "routes": ("hr", "speak_up_guardian")},
                {"labels": ("safeguarding",), "severity": Severity.critical},
            ),
            1,
        ):
            said = mention(str(number), text=f"Maureen, words of {number}", author=f"@{number}")
            (id_,) = mentions.add_new(db, [said], NOW)
            (stored,) = mentions.read(db, [id_])
            mentions.settle(db, stored, verdict(**rest), NOW)
    engine.dispose()
    return config


@pytest.fixture
def case(house):
    def _run(*arguments, by="Jo Ann O'Neil"):
        options = ["--by", by] if by else []
        return CliRunner().invoke(app, ["--config", str(house), "case", *map(str, arguments), *options])

    return _run


@pytest.fixture
def audit(house):
    def _run(*arguments):
        return CliRunner().invoke(audits, [str(house), "audit", *map(str, arguments)])

    return _run


def said(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(done, words):
    assert done.exit_code == 1, done.output
    assert words in " ".join(done.stderr.split())
    assert "Maureen" not in done.output
    return done


def test_a_case_is_worked_from_end_to_end(case, audit):
    refused(case("decide", 1, "act", *DECIDED), "case 1 is raised: `redshank case review 1` first")
    case("assign", 1, "Sal")
    assert case("review", 1).stdout == "case 1: in review\n"
    refused(case("decide", 1, "act", "--reason", "r"), "say whether somebody of ours is really meant")
    assert case("decide", 1, "act", *DECIDED).stdout == "case 1: decided\n"
    refused(case("act", 1, "--route", "police", "-r", "r"), "needs a second person")
    case("act", 1, "--route", "platform_notice", "--route", "police", "--approver", "sal", "-r", "r")
    refused(case("sent", 1, "police", "--reference", "R"), "is drafted: it cannot be sent now")
    approved = case("approve", 1, "police", "--as", "deputy", by="sal")
    assert approved.stdout == "case 1: police is approved\n"
    assert case("sent", 1, "platform_notice", "--reference", "R-1").exit_code == 0
    assert case("answer", 1, "platform_notice", "answered", "--words", "taken down").exit_code == 0
    refused(case("answer", 1, "answer", "answered"), "has no action answer")
    case("outcome", 1, "removed_by_platform", "-r", "r")
    refused(case("close", 1, "removed_by_platform", "-r", "r"), "`redshank case gone 1` first")
    case("gone", 1, "--mention", 1)
    done = said(case("close", 1, "removed_by_platform", "-r", "r", "--json"))
    assert (done["state"], done["work"]["outcome"]) == ("closed", "removed_by_platform")
    assert [one["state"] for one in done["actions"]] == ["answered", "approved"]
    assert done["actions"][0]["answer_due_at"]
    assert said(audit("verify", "--json"))["whole"]
    assert len(said(case("history", 1, "--json", by=""))) > len(done["steps"])
    assert [one["id"] for one in said(case("list", "--state", "closed", "--json", by=""))] == [1]


def test_every_simple_step_has_its_command(case):
    steps = (
        ("triage", 1),
        ("aware", 1),
        ("aware", 1, "--own-breach"),
        ("note", 1, "rang the manager"),
        ("hand-over", 1, "legal", "-r", "r"),
        ("review", 1, "--conflict", "sal"),
    )
    for step in steps:
        assert case(*step).exit_code == 0, step
    ours = [word.replace("--not-own-breach", "--own-breach") for word in DECIDED]
    assert case("decide", 1, "act", *ours).stdout == "case 1: decided\n"  # the only deputy is touched by it
    for step in (
        ("hold", 4, "--asked-by", "lado", "--until", "2026-04-01", "-r", "r"),
        ("resume", 4, "-r", "r"),
        ("divert", 4, "incident", "-r", "r"),
        ("close", 4, "handed_over", "-r", "r"),
        ("reopen", 4, "-r", "r"),
        ("dismiss", 4, "no_ground", "-r", "r"),
    ):
        assert case(*step).exit_code == 0, step
    shown = said(case("show", 1, "--json", by=""))
    assert shown["work"]["own_breach"] is True
    assert {"own_breach", "first_eyes"} <= {clock["name"] for clock in shown["clocks"]}
    assert (shown["guards"], shown["conflicts"]) == (["conflict"], ["sal"])
    assert shown["recipients"] == ["governance", "dpo", "legal"]
    assert [one["id"] for one in said(case("list", "--json", by="sal"))] == [2, 3]


def test_joining_and_splitting_by_number(case):
    assert case("join", 1, 4, "-r", "one story").stdout == "case 4: raised\n"
    refused(case("join", 1, 4, "-r", "r"), "was joined to case 4")
    assert case("split", 4, "--mention", 1, "-r", "two").stdout == "case 5 made of case 4\n"
    refused(case("split", 4, "--mention", 4, "-r", "r"), "must keep at least one")


def test_who_may_read_what(case, house):
    assert "words of 1" in case("show", 1, "--text", by="").stdout
    refused(case("show", 2, "--text", "--as", "safeguarding", by="sal"), "nobody reads it here")
    refused(case("show", 3, "--text"), "opens to safeguarding or speak_up only")
    assert "words of 3" in case("show", 3, "--text", "--as", "safeguarding", by="sal").stdout
    refused(case("show", 4, "--text", by=""), "opens to safeguarding only")
    assert said(case("show", 4, "--text", "--as", "safeguarding", "--json", by="sal"))["texts"]
    assert "read_text" in case("history", 4, by="").stdout
    for number in (1, 2, 3, 4):
        assert "Maureen" not in case("show", number, by="").output
        assert "Maureen" not in case("history", number, by="").output


def test_whoever_a_case_accuses_is_not_shown_it(case, house, monkeypatch):
    case("review", 1, "--conflict", "sal")
    neutral = "there is no case 1 that you may open"
    for words in (
        ("show", 1),
        ("history", 1),
        ("note", 1, "x", "--as", "deputy"),
        ("show", 1, "--as", "deputy"),
    ):
        refused(case(*words, by="Sal"), neutral)
    refused(case("answer", 1, "police", "answered", "--as", "deputy", by="sal"), neutral)
    for number in (1, 99):
        explained = CliRunner().invoke(
            app, ["--config", str(house), "policy", "explain", str(number), "--by", "sal"]
        )
        refused(explained, f"there is no case {number} that you may open")
    assert case("show", 1).exit_code == case("history", 1).exit_code == 0
    monkeypatch.setattr("getpass.getuser", lambda: "sal")  # known by the login
    assert [one["id"] for one in said(case("list", "--json", by=""))] == [4, 2, 3]
    refused(case("show", 1, by=""), neutral)
    monkeypatch.setenv("REDSHANK_ACTOR", "Jo Ann O'Neil")
    assert [one["id"] for one in said(case("list", "--json", by=""))] == [4, 1, 2, 3]
    assert case("show", 1, by="").exit_code == 0


def test_a_sealed_case_shows_no_link_and_gives_it_once_it_is_on_record(case):
    shown = case("show", 2, by="").stdout
    assert "news.example" not in shown
    assert "copy: 2 news sealed" in shown
    assert "do: " in shown
    refused(case("link", 2, "-r", "r"), "safeguarding alone")
    done = case("link", 2, "-r", "report", "--as", "safeguarding", by="sal")
    assert done.stdout == "2 https://news.example/2\n"
    assert "do not open" in done.stderr
    assert said(case("link", 2, "-r", "r", "--as", "safeguarding", "--json", by="sal"))[0]["mention"] == 2
    assert case("history", 2, by="").stdout.count("unseal_link") == 2


def test_locked_routes_and_guards_are_shown(case):
    shown = case("show", 3, by="").stdout
    assert "locked routes: hr" in shown
    assert "routes: speak_up_guardian" in shown
    assert "guard: Perhaps a worker's disclosure" in shown
    refused(case("release", 3, "-r", "r"), "role governance may not release disclosure")


def test_sealing_by_hand_is_quick(case):
    assert case("seal", 1).exit_code == 0
    assert "news.example" not in case("show", 1, by="").output


def test_who_acts_is_a_member_in_a_role_they_hold(case, monkeypatch, house):
    refused(case("review", 1, by="Zoe"), "nobody of the team is called Zoe: one of jo-ann-o-neil, sal")
    refused(case("review", 1, by="Sal"), "say in which role you act (--as): one of safeguarding, deputy")
    refused(case("review", 1, "--role", "hr"), "does not hold the role hr")
    monkeypatch.setenv("REDSHANK_ACTOR", "sal@oakfield.example")
    monkeypatch.setenv("REDSHANK_ROLE", "deputy")
    assert case("review", 1, by="").exit_code == 0
    assert said(case("show", 1, "--json", by=""))["steps"][-1]["actor"] == "sal"
    house.write_text(CONFIG + '[people]\ngovernance = ["g@oakfield.example"]\n')
    monkeypatch.setattr("getpass.getuser", lambda: "operator7")
    monkeypatch.delenv("REDSHANK_ACTOR")
    assert case("note", 1, "seen", "--as", "hr", by="").exit_code == 0
    assert said(case("show", 1, "--json", by=""))["steps"][-1]["actor"] == "operator7"


def test_cases_are_listed_by_what_is_asked(case):
    def listed(*options, by=""):
        return [one["id"] for one in said(case("list", *options, "--json", by=by))]

    case("assign", 1, "sal")
    assert listed() == [4, 1, 2, 3]
    assert listed("--severity", "critical") == [4]
    assert listed("--mine", by="SAL") == [1]
    assert listed("--overdue") == [4, 2, 3]  # found in March 2026; somebody has seen the first
    assert listed("--state", "closed") == []
    assert case("list", "--severity", "huge", by="").exit_code == terminal.MISUSED
    assert case("list", "--state", "asleep", by="").exit_code == terminal.MISUSED
    assert "sal" in case("list", by="").stdout


def test_words_that_are_no_choice_are_told(case):
    assert case("answer", 1, "hr", "maybe").exit_code == terminal.MISUSED
    assert case("decide", 1, "act", *DECIDED, "--nothing-upheld").exit_code == terminal.MISUSED
    refused(case("show", 99, by=""), "there is no case 99")
    refused(case("note", 99, "x"), "there is no case 99")


def test_the_log_is_shown_exported_and_found_broken(audit, case, house, tmp_path):
    case("note", 1, "a “note”")
    assert "(governance) note case 1: a “note”" in audit("show", "--case", 1).stdout
    assert said(audit("show", "--since", "2099-01-01", "--json")) == []
    out = tmp_path / "log.jsonl"
    assert "nobody of the team is called" in str(audit("export", out).exception)
    assert audit("export", out, "--by", "jo@oakfield.example").exit_code == 0
    assert audit("export", out, "--by", "jo-ann-o-neil").exit_code == 1
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    before = ""
    for line in map(json.loads, out.read_text().splitlines()):
        digest, _ = line.pop("digest"), line.pop("id")
        assert line["previous"] == before
        canonical = json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(canonical.encode()).hexdigest()
        assert digest == before
    *_, exported = said(audit("show", "--json"))
    lines = len(out.read_text().splitlines())
    assert (exported["action"], exported["actor"], exported["details"]["lines"]) == (
        "export audit",
        "jo-ann-o-neil",
        lines,
    )
    assert exported["previous"] == before
    whole = said(audit("verify", "--known", before, "--json"))
    assert (whole["whole"], whole["lines"], whole["head"]) == (True, lines + 1, exported["digest"])
    assert f"{lines + 1} lines; its last digest is {exported['digest']}" in audit("verify").stdout
    with sqlite3.connect(house.with_name("redshank.db")) as db:
        db.execute("UPDATE audit SET reason = 'x' WHERE id = 2")
    db.close()
    done = audit("verify")
    assert done.exit_code == 1
    assert "line 2 was altered" in done.stdout
