"""`redshank query` and `search`: a query explained and tried, and what is stored found with one."""

import json

import pytest
from office_town import NOON, THREAT, Clock, open_house, staff
from town import HARMLESS, Post, open_town
from typer.testing import CliRunner

from flows import collect, triage
from redshank.cli import app
from storage import audit
from storage.engine import session

STEERING = "Cricket \u202ein the [red]park[/red] of Oakfield."


@pytest.fixture
def town(tmp_path):
    posts = [Post("threat", THREAT), Post("fair", HARMLESS), Post("cricket", STEERING)]
    with open_town(tmp_path, posts) as town:
        staff(town)
        yield town


@pytest.fixture
def house(town):
    house = open_house(town, Clock(NOON))
    yield house
    house.close()


@pytest.fixture
def read(house):
    """The house once all of the town was read and assessed."""
    collect.collect_all(house, ["town"])
    triage.triage_all(house)
    return house


@pytest.fixture
def redshank(house, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    monkeypatch.setattr("getpass.getuser", lambda: "ozzy-larch")
    return lambda *words: CliRunner().invoke(app, ["-c", str(house.settings.path), *map(str, words)])


def asked(town, *words: str, old: str = "", new: str = ""):
    """The answer of a house of its own, after a change to the file."""
    town.config.write_text(town.config.read_text().replace(old, new, 1))
    return CliRunner().invoke(app, ["-c", str(town.config), *words])


def said(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def line(done) -> str:
    assert "Traceback" not in done.output
    return " ".join(done.output.split())


def test_the_query_of_the_file_is_explained(redshank, house):
    found = said(redshank("query", "--json"))
    assert (found["query"], found["version"]) == ('"Oakfield House"', house.query.version)
    assert found["asks"]["bluesky"] == ['"oakfield house"', "oakfieldhouse"]
    assert found["person"] is False
    lines = redshank("query").stdout.splitlines()
    assert '  bluesky, mastodon: "oakfield house"; oakfieldhouse' in lines, (
        "what is asked the same stands once"
    )


def test_a_query_is_tried_on_a_text(redshank):
    done = redshank("query", "oakfield NEAR/3 (care OR nurs*)", "--text", "nurses of [red]Oakfield[/red]")
    assert done.exit_code == 0
    assert "      yes nurs*" in done.stdout
    assert "      no  care" in done.stdout
    done = redshank("query", "oakfield", "--text", "nurses of Elmstead", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)["text"]
    assert (found["kept"], found["parts"]["matched"]) == (False, False)


@pytest.mark.parametrize("command", [("query",), ("search", "--reason", "A visit of the inspector")])
def test_what_is_wrong_in_a_query_is_marked_below_its_column(redshank, command):
    done = redshank(*command, "oakfield -cricket")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "error: query, column 10: a hyphen does not take away: write NOT",
        "oakfield -cricket",
        "         ^",
    ]


def test_what_is_wrong_in_the_query_of_the_file_names_its_line_too(town):
    done = asked(town, "query", old="query = '\"Oakfield House\"'", new='query = "oakfield -cricket"')
    assert done.exit_code == 2
    assert "redshank.toml:3: query, column 10: a hyphen" in line(done)
    assert done.stderr.splitlines()[-2:] == ["oakfield -cricket", "         ^"]


def test_without_any_query_it_says_so(town):
    done = asked(town, "query", old="query = '\"Oakfield House\"'\n")
    assert (done.exit_code, "give a query, or one in organisation.query" in line(done)) == (2, True)


def test_a_query_for_a_person_alone_is_said_to_need_a_permit(redshank):
    assert said(redshank("query", '"Maureen Tibbs"', "--json"))["person"]
    assert "it asks for a person by name and for nothing else" in redshank("query", '"Maureen Tibbs"').stdout


def test_a_query_that_no_platform_can_be_asked_says_why(redshank):
    assert "no word that Reddit could be asked for" in redshank("query", "NOT oakfield").stdout


def test_examples_that_a_query_gets_wrong_are_all_named(town):
    examples = (
        '\nmust_match = ["Oakfield House [red]", "Elm"]\nmust_not_match = ["Oakfield House FC"]\n[governance]'
    )
    done = asked(town, "query", old="\n[governance]", new=examples)
    assert done.exit_code == 1
    assert "examples: 1 of 3 are right" in done.stdout
    assert "  must match: 'Elm'" in done.stdout
    assert "  must not match: 'Oakfield House FC'" in done.stdout


def test_a_query_is_tried_on_what_is_stored(read, redshank):
    found = said(redshank("query", "oakfield NOT fair", "--stored", "--json"))["stored"]
    assert (found["tried"], found["matched"]) == (3, 2)
    assert [one["url"] for one in found["lost"]] == ["http://town.example/fair"]
    assert [one["url"] for one in found["gained"]] == ["http://town.example/cricket"]
    shown = redshank("query", "oakfield NOT fair", "--stored").stdout
    assert "of 3 stored mentions it would have matched 2, would have lost 1 and gained 1" in shown
    (version,) = found["versions"]
    assert f"version {version['version']}, {version['query']}" in shown
    assert "from town  http://town.example/fair" in shown
    assert HARMLESS[:20] not in shown


def search(redshank, *words: str, by: str = "sal-thrift"):
    return redshank("search", *words, "--reason", "A visit of the inspector", "--by", by)


def test_a_search_finds_what_is_stored_and_goes_on_record(read, redshank):
    found = said(search(redshank, "oakfield", "--json"))
    assert {(one["url"][20:], one["relevant"], bool(one["case"])) for one in found} == {
        ("threat", True, True),
        ("fair", True, False),
        ("cricket", False, False),
    }
    assert all("words" not in one for one in found)
    done = search(redshank, "oakfield")
    assert " from town, not about us  http://town.example/cricket" in done.stdout
    assert "3 mentions; this search is on record" in done.stderr
    with session(read.engine, read_only=True) as db:
        noted = [(one.actor, one.role, one.reason, one.details) for one in audit.entries(db)]
    version = said(redshank("query", "oakfield", "--json"))["version"]
    entry = ("sal-thrift", "safeguarding", "A visit of the inspector", {"query": version, "found": 3})
    assert noted[-2:] == [entry, entry]


def test_a_search_shows_words_when_asked_but_of_no_case_and_steers_no_terminal(read, redshank):
    shown = search(redshank, "oakfield", "--words").stdout
    assert HARMLESS in shown
    assert "in the [red]park[/red]" in shown
    assert "\u202e" not in shown
    assert "stab" not in shown
    found = said(search(redshank, "oakfield", "--words", "--json"))
    words = {one["url"][20:]: one["words"] for one in found}
    assert (words["threat"], HARMLESS in words["fair"]) == ("", True)


def test_a_search_that_finds_nothing_says_so(read, redshank):
    assert said(search(redshank, "zebra", "--json")) == []
    done = search(redshank, "zebra")
    assert (done.exit_code, done.stdout, "0 mentions" in done.stderr) == (0, "", True)


@pytest.mark.parametrize(
    ("words", "problem", "code"),
    [
        (("oakfield", "--by", "sal-thrift"), "Missing option '--reason'", 2),
        (("oakfield", "--reason", " x ", "--by", "sal-thrift"), "--reason: say why in a few words", 1),
        (("oakfield", "--reason", "An inspection", "--by", "zoe"), "nobody of the team is called zoe", 1),
        (("oakfield", "--reason", "An inspection", "--days", "0"), "greater than or equal to 1", 2),
    ],
)
def test_a_search_that_cannot_be_says_why_and_is_not_made(read, redshank, words, problem, code):
    done = redshank("search", *words)
    assert done.exit_code == code
    assert problem in line(done)
    with session(read.engine, read_only=True) as db:
        assert [one for one in audit.entries(db) if one.action == "search"] == []
