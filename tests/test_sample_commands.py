"""`redshank sample`: what was not flagged, read and answered at a terminal."""

import json
from datetime import datetime

import pytest
from office_town import Clock, open_house, raise_case, staff
from storage_fixtures import HARMLESS, an_assessment, mention
from town import Post, open_town
from typer.testing import CliRunner

from redshank.cli import app
from storage import mentions
from storage.engine import session

WEDNESDAY = datetime.fromisoformat("2026-03-04T12:00+00:00")
STEERING = "The garden \x1b[2Jis [red]open[/red] at Oakfield House"


@pytest.fixture
def clock():
    return Clock(datetime.fromisoformat("2026-03-10T09:00+00:00"))


@pytest.fixture
def house(tmp_path, clock):
    with open_town(tmp_path, [Post("x", "Nothing of ours.")]) as town:
        staff(town)
        house = open_house(town, clock)
        with session(house.engine) as db:
            for key in "abc":
                (id_,) = mentions.add_new(db, [mention(key, f"{STEERING} {key}")], WEDNESDAY)
                (stored,) = mentions.read(db, [id_])
                mentions.record_assessment(db, stored, an_assessment(scores={"threat": 0.01}), WEDNESDAY)
                mentions.settle(db, stored, HARMLESS, WEDNESDAY)
        now, clock.now = clock.now, WEDNESDAY
        raise_case(house, "flagged")
        clock.now = now
        yield house
        house.close()


@pytest.fixture
def sample(house, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")

    def _run(*arguments):
        return CliRunner().invoke(app, ["-c", str(house.settings.path), "sample", *map(str, arguments)])

    return _run


def said(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_week_is_drawn_read_answered_and_estimated(sample):
    assert "no sample waits" in sample("list").stderr
    assert said(sample("draw", "--json")) == {"drawn": 3}
    assert "drawn before" in sample("draw").stdout
    waiting = said(sample("list", "--json"))
    assert [(one["week"], one["labels"]) for one in waiting] == [("2026-03-02", None)] * 3
    assert "text" not in waiting[0]
    done = sample("estimate")
    assert (done.exit_code, "no estimate yet" in done.stderr) == (1, True)
    first, second, third = (one["id"] for one in waiting)
    assert said(sample("answer", first, "--none", "--by", "sal-thrift", "--json")) == {
        "id": first,
        "labels": [],
        "waiting": 2,
    }
    shown = sample("answer", second, "-l", "threat", "-l", "confidentiality", "--by", "sal-thrift").stdout
    assert shown.index("confidentiality:") < shown.index("threat:"), "in the order of the labels"
    assert "noted; 1 of its week wait" in shown
    sample("answer", third, "--none", "--by", "sal-thrift")
    assert said(sample("list", "--json")) == []
    every = {one["id"]: one["labels"] for one in said(sample("list", "--all", "--json"))}
    assert every == {first: [], second: ["confidentiality", "threat"], third: []}
    assert "rightly left alone" in sample("list", "--all").stdout
    found = said(sample("estimate", "--json"))
    assert (found["read"], found["missed"]) == (3, 1)
    assert 0 <= found["low"] <= found["estimate"] <= found["high"] <= 1
    assert "95 % interval" in sample("estimate").stdout


def test_texts_are_shown_when_asked_for_and_cannot_steer_a_terminal(sample):
    sample("draw")
    assert "garden" not in sample("list").stdout
    shown = sample("list", "--text", "--by", "sal-thrift").stdout
    assert "\x1b" not in shown
    assert "[red]open[/red]" in shown
    assert all(
        "garden" in one["text"] for one in said(sample("list", "--text", "--by", "sal-thrift", "--json"))
    )


def test_any_day_of_a_week_names_it(sample):
    assert said(sample("draw", "--week", "2026-03-08", "--json")) == {"drawn": 3}
    assert said(sample("draw", "--week", "2026-03-02", "--json")) == {"drawn": 0}
    assert said(sample("draw", "--week", "2026-02-20", "--json")) == {"drawn": 0}


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("draw", "--week", "2026-03-10"), "the week of 9 March 2026 is not over", 1),
        (("draw", "--week", "soon"), "Invalid value for '--week'", 2),
        (("answer", 1, "--by", "sal-thrift"), "say either --none or at least one --label", 2),
        (
            ("answer", 1, "--none", "-l", "threat", "--by", "sal-thrift"),
            "say either --none or at least one --label",
            2,
        ),
        (("answer", 1, "-l", "rude", "--by", "sal-thrift"), "unknown label 'rude'; the labels are", 2),
        (("answer", 1, "--none"), "nobody of the team is called somebody", 1),
        (("answer", 1, "--none", "--by", "hari-moss"), "hari-moss does not hold the role safeguarding", 1),
        (("list", "--text", "--by", "hari-moss", "--as", "hr"), "role hr reads no samples", 1),
        (("answer", 99, "--none", "--by", "sal-thrift"), "there is no sample 99", 1),
        (("answer", 0, "--none", "--by", "sal-thrift"), "greater than or equal to 1", 2),
    ],
)
def test_what_cannot_be_is_told_with_what_to_do(sample, arguments, words, code):
    sample("draw")
    done = sample(*arguments)
    assert done.exit_code == code
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.output
    assert all(one["labels"] is None for one in said(sample("list", "--all", "--json")))
