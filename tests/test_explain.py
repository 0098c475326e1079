"""The explanation of a case: why, who, by when, what may be done and what not, and the law with its day."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer
from hypothesis import given
from typer.testing import CliRunner
from verdicts import FOCUS, any_pack, assessment, assessments, mention, mentions

from core.types import Assessment, Case, Mention, Severity, Work
from core.work import Clock
from policies.books import books
from policies.clauses import Clause
from policies.explain import as_case, document, explain, lines
from policies.judge import judge
from policies.shape import Pack
from redshank import policy
from storage import mentions as stored_mentions
from storage.engine import open_engine, session, upgrade

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
BOOKS = books()
CLOCK = Clock(
    name="first_eyes",
    owner="governance",
    starts_at=NOW,
    half_at=NOW + timedelta(hours=2),
    most_at=NOW + timedelta(hours=3),
    due_at=NOW + timedelta(hours=4),
    allowance="4 working hours",
)


def case_of(*labels: str, text: str = "", **found: object) -> Case:
    return as_case(judge(mention(text), assessment(*labels, **found), FOCUS), NOW)  # type: ignore[arg-type]


def told(case: Case, *clocks: Clock) -> str:
    return "\n".join(lines(explain(case, FOCUS, BOOKS, clocks), LONDON))


@given(mentions, assessments(), any_pack)
def test_every_flagged_mention_can_be_explained(said: Mention, found: Assessment, pack: Pack) -> None:
    verdict = judge(said, found, pack)
    if verdict.flagged:
        explained = explain(as_case(verdict, NOW), pack, BOOKS, (CLOCK,))
        assert [one.id for one in explained.clauses] == list(verdict.clauses)
        assert all(one.sure or one.perhaps for one in explained.clauses)
        assert {way.id for way in explained.ways} >= set(verdict.routes)
        assert len(list(lines(explained, LONDON))) >= len(verdict.clauses)
        assert json.loads(json.dumps(document(explained)))["told"] == list(verdict.recipients)


def test_it_says_which_clause_why_who_is_told_and_by_when() -> None:
    text = told(case_of("privacy", ask=("harassment",), severity=Severity.high), CLOCK)
    assert "clause 004/9.2/3, privacy; perhaps harassment: Governance may ask a lawyer" in text
    assert "told: governance, legal" in text
    assert (
        "clock: read by a person by Fri 27 Nov 2026 14:00 (4 working hours), governance answers for it"
        in text
    )
    assert "route legal_advice: Take legal advice (legal, with a second approver)." in text


def test_law_is_told_with_statute_maximum_and_the_day_it_was_checked_and_only_where_it_fits() -> None:
    said = explain(case_of("threat", severity=Severity.critical), FOCUS, BOOKS)
    assert "oapa-1861-s16" in {law.id for law in said.law}
    assert "soa-2003-s15" not in {law.id for law in said.law}
    text = "\n".join(lines(said, LONDON))
    assert "Offences Against the Person Act 1861, section 16" in text
    assert "maximum 10 years" in text
    assert "Checked on 2026-11-27" in text


def test_a_law_that_only_its_clause_ties_to_the_case_is_told() -> None:
    clause = Clause(
        id="own/1", paraphrase="Numbers.", labels=("privacy",), severity=Severity.low, recipients=("dpo",),
        law=("fraud-2006-s2",),
    )  # fmt: skip
    pack = FOCUS.model_copy(update={"clauses": (clause,)})
    said = explain(as_case(judge(mention(), assessment("privacy"), pack), NOW), pack, BOOKS)
    assert [law.id for law in said.law] == ["fraud-2006-s2"]


def test_a_locked_route_says_why_until_it_is_released() -> None:
    case = case_of("internal", author_role="staff", severity=Severity.high)
    shut = {way.id: way.shut for way in explain(case, FOCUS, BOOKS).ways if way.shut}
    assert set(shut) == {"contact_poster", "platform_notice", "hr"}
    assert "independent reviewer" in shut["hr"]
    released = replace(case, work=Work(released_at=NOW))
    assert not any(way.shut for way in explain(released, FOCUS, BOOKS).ways)


def test_what_a_guard_withholds_is_told_too() -> None:
    press = as_case(judge(mention(platform="news"), assessment("privacy"), FOCUS), NOW)
    assert "locked platform_notice: Report it to the platform; criticism is free" in told(press)
    child = case_of("safeguarding", tags=("child_images",))
    assert "locked platform_notice: Report it to the platform; sealed" in told(child)


def test_a_sealed_case_opens_with_what_to_do() -> None:
    text = told(case_of(tags=("child_images",)))
    assert text.index("guard sealed") < text.index("do now:") < text.index("told:")
    assert "999" in text


def test_a_clause_of_an_older_edition_is_named_and_breaks_nothing() -> None:
    case = replace(case_of("privacy"), clauses=("004/old",))
    assert "clause 004/old, of another edition: The pack has no such clause any more." in told(case)


def test_a_clock_that_was_met_or_is_paused_says_so() -> None:
    case = case_of("privacy")
    assert "read by a person met (" in told(case, replace(CLOCK, met_at=NOW))
    assert "read by a person paused (" in told(case, replace(CLOCK, paused=True))


# At the command line.


@pytest.fixture
def run(tmp_path, monkeypatch):
    from redshank.cli import _Door

    door = typer.Typer(cls=_Door)
    door.callback()(lambda config=Path("redshank.toml"): None)
    door.add_typer(policy.app, name="policy")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(door, ["policy", *words])


def test_the_packs_are_listed_with_what_becomes_of_their_clauses(run) -> None:
    rows = json.loads(run("list", "--json").stdout)
    focus = next(row for row in rows if row["name"] == "focus")
    assert (focus["in_use"], focus["detected"]) == (True, len(FOCUS.detected))
    assert "read again by" in run("list").stdout


def test_a_pack_that_keeps_its_promises_passes_and_one_that_does_not_fails(run, tmp_path) -> None:
    assert run("check").exit_code == 0
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: focus\nexamples:\n  - case: a calm threat\n    given: {labels: [threat]}\n"
        "    expect: {flagged: true, severity: low}\n"
    )
    found = run("check", str(own))
    assert found.exit_code == 1
    assert "(a calm threat): severity should be low, is high" in found.stdout
    own.write_text("extends: focus\noverride:\n  004/x: {severity: low}\n")
    wrong = run("check", str(own))
    assert wrong.exit_code == 2
    assert "own.yaml:3: no clause '004/x'" in wrong.stderr


def test_the_tables_of_a_pack_are_printed(run) -> None:
    assert "| 004/9.2/3 |" in run("table", "focus").stdout


def test_a_text_is_explained_as_if_it_were_found_now_and_is_not_repeated(run) -> None:
    text = "I will find that nurse from Oakfield care home tonight and I will kill her."
    said = json.loads(run("explain", text, "--json").stdout)
    assert "004/1.2" in {clause["id"] for clause in said["clauses"]}
    assert {"governance", "safeguarding"} <= set(said["told"])
    assert {clock["name"] for clock in said["clocks"]} >= {"first_eyes", "owner_told"}
    plain = run("explain", text)
    assert plain.exit_code == 0
    assert "nurse" not in plain.stdout


def test_a_text_that_is_not_flagged_says_why(run) -> None:
    said = run("explain", "Bingo on Thursday at the village hall, all welcome.")
    assert said.stdout.startswith("not flagged")
    assert run("explain", "Bingo", "--platform", "tavern").exit_code == 2


SETTINGS = """\
[organisation]
name = "Oakfield House"
[clocks.high]
first_eyes = "2h clock"
[storage]
url = "sqlite:///redshank.db"
"""


def test_a_stored_case_is_explained_by_its_number_with_the_clocks_of_the_house(run, tmp_path) -> None:
    (tmp_path / "redshank.toml").write_text(SETTINGS)
    engine = open_engine(f"sqlite:///{tmp_path / 'redshank.db'}")
    upgrade(engine)
    with session(engine) as db:
        stored_mentions.add_new(db, [mention("A post.")], NOW)
        (waiting,) = stored_mentions.unassessed(db, NOW, 1, timedelta(minutes=1))
        verdict = judge(
            waiting.mention, assessment("internal", author_role="staff", severity=Severity.high), FOCUS
        )
        case = stored_mentions.settle(db, waiting, verdict, NOW)
    engine.dispose()
    said = json.loads(run("explain", str(case.id), "--json").stdout)
    assert [clause["id"] for clause in said["clauses"]] == list(verdict.clauses)
    assert {way["id"] for way in said["locked"]} == {"contact_poster", "platform_notice", "hr"}
    assert said["clocks"][0]["due_at"] == (NOW + timedelta(hours=2)).isoformat()
    assert run("explain", "99").exit_code == 1
