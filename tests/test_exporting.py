"""Decisions as labelled examples: masked, without what is sealed, and on record."""

import json
import stat
from dataclasses import replace

import pytest
from office_town import Clock, open_house, raise_case, run, staff
from sqlalchemy import text
from storage_fixtures import HARMLESS, HOUR, mention, verdict
from town import Post, open_town
from typer.testing import CliRunner

from core.errors import RedshankError
from core.types import Severity
from core.vocabulary import LABELS
from flows.exporting import training
from policies.moves import Facts
from redshank.cli import app
from review.desk import Desk, Who
from storage import audit, mentions, samples
from storage.engine import session
from storage.samples import Candidate

NAMED = (
    "Maureen Tibbs in room 9 at Oakfield House has dementia and soiled herself twice. Her number is 01632 960123, "
    "ask for maureen.tibbs@post.example."
)
GALE, SAL = Who("gale-sorrel", "governance"), Who("sal-thrift", "safeguarding")
UPHELD = Facts(
    ours=True,
    known=False,
    own_breach=False,
    standing="affected_person",
    balance="none",
    decision="monitor_only",
    upheld=("privacy",),
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    with open_town(tmp_path, [Post("x", "Nothing of ours.")]) as town:
        staff(town)
        house = open_house(town, clock)
        yield house
        house.close()


@pytest.fixture
def desk(house):
    return Desk(house.engine, house.office.books.route, now=house.now, members=house.office.members)


def decide(desk, number, who=GALE, **facts):
    desk.take(number, "review", who, "r")
    desk.take(number, "decide", who, "r", replace(UPHELD, **facts))


def sampled(house, key, text, labels, version=1):
    with session(house.engine) as db:
        (id_,) = mentions.add_new(db, [mention(key, text)], house.now())
        (stored,) = mentions.read(db, [id_])
        mentions.settle(db, stored, HARMLESS, house.now())
        drawn = Candidate(mention_id=id_, version=version, scores={}, relevant=True)
        week = house.now().date().replace(day=len(samples.drawn(db)) + 1)
        samples.write(db, week, {"near": [drawn]}, {"near": 1}, house.now())
        if labels is not None:
            (one,) = samples.drawn(db, week)
            samples.answer(db, one.id, labels, actor="sal", role="safeguarding", now=house.now())
    return id_


def lines(house):
    return training(house, actor="gale", role="governance")


def test_nobody_has_judged_anything_yet(house):
    raise_case(house)
    assert lines(house) == []


def test_what_was_upheld_is_an_example_without_names_or_numbers(house, desk):
    case = raise_case(house, "1", verdict(Severity.high, labels=("privacy", "reputation")), NAMED)
    decide(desk, case.id)
    (line,) = lines(house)
    assert (line["labels"], line["severity"], line["case"]) == (["privacy"], "high", "flagged and upheld")
    for secret in ("960123", "maureen.tibbs@", "Maureen", "Tibbs"):
        assert secret not in json.dumps(line)
    assert "dementia" in line["text"]
    assert "news.example" not in json.dumps(line), "the source and the key are not told"


@pytest.mark.parametrize("outcome", ["no_ground", "irrelevant"])
def test_what_was_dismissed_bears_no_label(house, desk, outcome):
    case = raise_case(house)
    desk.take(case.id, "dismiss", GALE, "r", Facts(outcome=outcome))
    (line,) = lines(house)
    assert (line["labels"], line["severity"], line["case"]) == ([], "none", "flagged and dismissed")
    assert line["relevant"] is (outcome == "no_ground")


def test_a_duplicate_says_nothing_of_the_labels(house, desk):
    case = raise_case(house)
    desk.take(case.id, "dismiss", GALE, "r", Facts(outcome="duplicate"))
    assert lines(house) == []


def test_what_was_decided_without_a_label_is_dismissed_too(house, desk):
    decide(desk, raise_case(house).id, upheld=())
    (line,) = lines(house)
    assert (line["labels"], line["case"]) == ([], "flagged and dismissed")


def test_what_is_sealed_never_leaves(house, desk):
    text = "a text that must stay shut"
    case = raise_case(house, "1", verdict(guards=("sealed",), labels=("safeguarding",)), text)
    decide(desk, case.id, SAL, upheld=("safeguarding",))
    later = raise_case(house, "2", text="open at first")
    decide(desk, later.id)
    desk.take(later.id, "seal", SAL, "r")
    assert lines(house) == []


def test_a_sample_that_was_sealed_after_it_was_answered_never_leaves(house):
    id_ = sampled(house, "s", "shut afterwards", ["threat"])
    assert len(lines(house)) == 1
    with session(house.engine) as db:
        db.connection().execute(text("UPDATE mention SET sealed = TRUE WHERE id = :id"), {"id": id_})
    assert lines(house) == []


def test_what_was_found_in_a_sample_is_an_example_and_what_waits_is_none(house):
    sampled(house, "missed", "I will burn Oakfield House", ["threat"])
    sampled(house, "rightly", "The garden is open", [])
    sampled(house, "waits", "Nobody has read this", None)
    sampled(house, "edited", "Answered at another version", ["threat"], version=2)
    found = {tuple(line["labels"]): line["severity"] for line in lines(house)}
    assert found == {("threat",): "low", (): "none"}


def edit(house, key, words, judged=HARMLESS):
    """The post with this key says something else, which is judged."""
    with session(house.engine) as db:
        (id_,) = mentions.add_new(db, [mention(key, words, author=f"@{key}")], house.now())
        (stored,) = mentions.read(db, [id_])
        mentions.settle(db, stored, judged, house.now())


def test_the_words_that_were_decided_upon_are_exported_whatever_they_became(house, desk, clock):
    case = raise_case(house, "1", text="the words decided upon")
    clock.now += HOUR
    decide(desk, case.id)
    clock.now += HOUR
    edit(house, "1", "The summer fete was lovely.")
    (line,) = lines(house)
    assert (line["text"], line["labels"]) == ("the words decided upon", ["privacy"])


def test_words_edited_before_the_decision_are_those_that_were_read(house, desk, clock):
    case = raise_case(house, "1", text="the first words")
    clock.now += HOUR
    edit(house, "1", "the words that were read", verdict())
    clock.now += HOUR
    decide(desk, case.id)
    clock.now += HOUR
    edit(house, "1", "words nobody has judged", verdict())
    with session(house.engine) as db:
        mentions.add_new(db, [mention("late", "the words that were read", author="@1")], house.now())
    assert [line["text"] for line in lines(house)] == ["the words that were read"]


def test_the_words_that_were_dismissed_are_those_of_then(house, desk, clock):
    case = raise_case(house, "1", text="the words dismissed")
    desk.take(case.id, "dismiss", GALE, "r", Facts(outcome="no_ground"))
    clock.now += HOUR
    with session(house.engine) as db:
        mentions.add_new(db, [mention("1", "what waits to be read", author="@1")], house.now())
    assert [line["text"] for line in lines(house)] == ["the words dismissed"]


def test_a_disclosure_never_leaves_and_safeguarding_only_when_that_role_says_so(house, desk):
    disclosed = verdict(guards=("speak_up",), labels=("reputation",))
    decide(desk, raise_case(house, "1", disclosed, "what a worker told").id, upheld=("reputation",))
    child = verdict(Severity.critical, labels=("safeguarding",))
    decide(desk, raise_case(house, "2", child, "a child is hurt").id, SAL, upheld=("safeguarding",))
    decide(desk, raise_case(house, "3", text="an address").id)
    sampled(house, "s", "a resident is beaten", ["safeguarding"])
    sal = {"actor": "sal-thrift", "role": "safeguarding"}
    assert [line["text"] for line in lines(house)] == ["an address"]
    assert [line["text"] for line in training(house, **sal)] == ["an address"]
    every = [line["text"] for line in training(house, **sal, with_safeguarding=True)]
    assert every == ["a child is hurt", "an address", "a resident is beaten"]
    with session(house.engine, read_only=True) as db:
        told = [one.details for one in audit.entries(db) if one.action == "export training"]
    assert told[-1] == {"lines": 3, "safeguarding": True}


def test_a_sample_that_became_a_disclosure_stays_in_the_house(house):
    sampled(house, "s", "the garden is lovely", [])
    assert len(lines(house)) == 1
    edit(house, "s", "I work there and they hurt people", verdict(guards=("speak_up",)))
    assert lines(house) == []


@pytest.mark.parametrize("role", ["hr", "comms", "operator", "speak_up"])
def test_other_roles_take_nothing_out(house, role):
    with pytest.raises(RedshankError, match=f"role {role} takes no examples out"):
        training(house, actor="x", role=role)


def test_no_other_role_takes_out_safeguarding(house):
    with pytest.raises(RedshankError, match="role safeguarding alone"):
        training(house, actor="gale", role="governance", with_safeguarding=True)


def test_a_case_that_was_joined_to_another_is_exported_once(house, desk):
    one, two = raise_case(house, "1"), raise_case(house, "2")
    desk.take(one.id, "join", GALE, "r", Facts(into=two.id))
    decide(desk, two.id)
    assert len(lines(house)) == 2
    assert len({line["id"] for line in lines(house)}) == 2


def test_the_export_is_on_record(house):
    lines(house)
    with session(house.engine, read_only=True) as db:
        (entry,) = [one for one in audit.entries(db) if one.action == "export training"]
        assert audit.verify(db) == []
    assert (entry.actor, entry.role, entry.details) == (
        "gale",
        "governance",
        {"lines": 0, "safeguarding": False},
    )


def test_the_command_writes_what_evaluate_reads(house, desk, tmp_path, monkeypatch):
    case = raise_case(house, "1", text=NAMED)
    decide(desk, case.id)
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    config = str(house.settings.path)

    def command(*arguments):
        return CliRunner().invoke(app, ["-c", config, *map(str, arguments)])

    out = tmp_path / "examples.jsonl"
    done = command("export", "training", out, "--by", "gale-sorrel", "--json")
    assert json.loads(done.stdout) == {"lines": 1, "file": str(out)}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (line,) = map(json.loads, out.read_text().splitlines())
    assert set(line["labels"]) <= set(LABELS)
    assert (
        command("export", "training", out, "--by", "gale-sorrel").stdout == f"1 examples written to {out}\n"
    )
    measured = command("evaluate", out, "--json")
    assert measured.exit_code == 0, measured.output
    assert json.loads(measured.stdout)["n"] == 1


def test_the_command_says_what_it_needs(house, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    config = str(house.settings.path)
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")
    done = CliRunner().invoke(app, ["-c", config, "export", "training", str(tmp_path / "x.jsonl")])
    assert done.exit_code == 1
    assert "nobody of the team is called somebody" in done.stderr
    done = CliRunner().invoke(
        app, ["-c", config, "export", "training", str(tmp_path / "no" / "x.jsonl"), "--by", "gale-sorrel"]
    )
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr


def test_a_whole_pass_leaves_nothing_to_export(house):
    run(house)
    assert lines(house) == []
