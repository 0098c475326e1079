"""What is searched and tried on what is stored: nobody sees by it what a case would keep from them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from office_town import NOON, Clock, open_house, raise_case, staff
from storage_fixtures import mention, verdict
from town import open_town
from typer.testing import CliRunner

from core.types import CaseState, Severity
from redshank.cli import app
from storage import audit, cases, mentions
from storage.engine import session

WORDS = "Oakfield House and its heron"


@pytest.fixture
def house(tmp_path):
    with open_town(tmp_path, []) as town:
        staff(town)
        made = open_house(town, Clock(NOON))
        yield made
        made.close()


@pytest.fixture
def redshank(house, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    monkeypatch.setattr("getpass.getuser", lambda: "sal-thrift")

    def run(*words: str):
        done = CliRunner().invoke(app, ["-c", str(house.settings.path), *words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


@pytest.fixture
def asked(redshank):
    def ask(by: str = "sal-thrift") -> list[list[dict]]:
        """What a search finds, and what a trial says that a query without any of it would lose."""
        found = redshank("search", "heron", "--reason", "to look", "--words", "--by", by)
        return [found, redshank("query", "goose", "--stored", "--by", by)["stored"]["lost"]]

    return ask


def close(house, number: int) -> None:
    with session(house.engine) as db:
        case = cases.get(db, number)
        assert case is not None
        cases.write(db, cases.locked_row(db, number), replace(case, state=CaseState.closed))


@pytest.mark.parametrize("closed", [False, True])
def test_whom_a_case_accuses_finds_nothing_of_it(house, asked, closed: bool) -> None:
    case = raise_case(house, "k", verdict(conflicts=("sal-thrift",)), text=WORDS)
    if closed:
        close(house, case.id)
    assert asked() == [[], []]
    assert [[one["case"] for one in found] for found in asked("dee-fenwick")] == [[case.id]] * 2


def test_of_a_case_whose_text_is_not_for_them_nobody_gets_the_link(house, asked) -> None:
    raise_case(house, "k", verdict(labels=("safeguarding",), guards=("conflict",)), text=WORDS)
    assert [[one["url"] for one in found] for found in asked("ozzy-larch")] == [[""]] * 2
    assert [[one["url"] for one in found] for found in asked()] == [["https://news.example/k"]] * 2


def test_a_disclosure_that_nobody_has_released_is_not_found_by_hr(house, asked) -> None:
    raise_case(house, "k", verdict(guards=("speak_up",), recipients=("speak_up",)), text=WORDS)
    assert asked("hari-moss") == [[], []]


def test_what_is_sealed_is_found_by_nobody(house, asked) -> None:
    raise_case(house, "k", verdict(Severity.critical, guards=("sealed",)), text=WORDS)
    assert asked() == [[], []]


def test_what_was_not_assessed_is_found_by_nobody(house, asked) -> None:
    with session(house.engine) as db:
        mentions.add_new(db, [mention("w", WORDS)], NOON)
    assert asked() == [[], []]


def test_a_trial_on_what_is_stored_goes_on_record(house, asked) -> None:
    asked()
    with session(house.engine, read_only=True) as db:
        entries = [one for one in audit.entries(db) if one.action in ("search", "try query")]
    assert [(one.action, one.actor) for one in entries] == [
        ("search", "sal-thrift"),
        ("try query", "sal-thrift"),
    ]


def test_a_search_holds_up_nobody_who_writes(house, redshank, monkeypatch) -> None:
    """On SQLite one writes at a time."""
    from storage import lookup

    def every(db, **_rest):
        with session(house.engine) as other:
            mentions.add_new(other, [mention("meanwhile", WORDS)], NOON + timedelta(hours=1))
        return iter(())

    monkeypatch.setattr(lookup, "every", every)
    assert redshank("search", "heron", "--reason", "to look") == []


def test_whoever_raises_what_accuses_them_learns_of_no_case(house, redshank) -> None:
    raise_case(house, "k", verdict(conflicts=("sal-thrift",)), text=WORDS)
    raised = ("raise", "https://news.example/k", "--text", WORDS, "--author", "@k")
    (row,) = redshank(*raised)
    assert (row["case"], row["settled"]) == (None, False)
    assert redshank(*raised, "--by", "dee-fenwick")[0]["case"]
