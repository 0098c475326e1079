"""What people raise by hand: on the same path as everything else, known again, and always read by a person."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_town import Clock, open_house
from town import BREACH, HARMLESS, Post, open_town
from typer.testing import CliRunner

from core.errors import ConfigError, RedshankError
from flows import collect, triage
from flows.concerns import read
from flows.intake import Concern, check, take_in
from redshank.cli import app
from storage import audit, cases, lookup, mentions
from storage.engine import session

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LINK = "https://www.facebook.com/groups/marsh/posts/77/"


@pytest.fixture
def house(tmp_path):
    with open_town(tmp_path, [Post("x", "Nothing of ours.")]) as town:
        made = open_house(town, Clock(NOW))
        yield made
        made.close()


@pytest.fixture
def redshank(house, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)
    monkeypatch.setattr("getpass.getuser", lambda: "sal-thrift")
    return lambda *words: CliRunner().invoke(app, ["-c", str(house.settings.path), *map(str, words)])


def standing(house, number: int) -> lookup.Standing:
    with session(house.engine, read_only=True) as db:
        return lookup.standing(db, [number])[number]


def test_what_is_raised_is_read_by_a_person_even_where_the_machine_sees_nothing(house) -> None:
    (receipt,) = take_in(house, [Concern(by="sal", link=LINK, text=HARMLESS)])
    triage.triage_all(house)
    number = standing(house, receipt.mention_id).case
    assert number is not None
    with session(house.engine, read_only=True) as db:
        case = cases.get(db, number)
        (entry,) = [one for one in audit.entries(db) if one.action == "raise by hand"]
    assert case is not None
    assert case.reasons == (triage.RAISED_BY_HAND,)
    assert case.copies[0].platform == "facebook"
    assert (entry.actor, entry.details["mention"]) == ("sal", receipt.mention_id)
    assert HARMLESS not in str(entry)


def test_what_the_machine_sees_in_it_is_judged_as_anything_else(house) -> None:
    (receipt,) = take_in(house, [Concern(by="sal", text=BREACH, author="nightowl")])
    triage.triage_all(house)
    with session(house.engine, read_only=True) as db:
        case = cases.get(db, standing(house, receipt.mention_id).case or 0)
    assert case is not None
    assert "confidentiality" in case.labels


def test_the_query_is_not_asked_of_what_a_person_raised(house) -> None:
    (receipt,) = take_in(house, [Concern(by="sal", text="She told everybody about my tablets.")])
    triage.triage_all(house)
    assert standing(house, receipt.mention_id).case is not None


def test_the_same_link_raised_again_is_one_mention(house) -> None:
    spelt = [LINK, "https://m.facebook.com/groups/marsh/posts/77?fbclid=abc", LINK.rstrip("/")]
    receipts = [take_in(house, [Concern(by="sal", link=link)])[0] for link in spelt]
    assert {one.mention_id for one in receipts} == {receipts[0].mention_id}
    assert [one.known for one in receipts] == [False, True, True]


def test_a_link_that_a_source_has_brought_is_a_copy_in_the_same_case(tmp_path) -> None:
    with open_town(tmp_path, [Post("x", BREACH)]) as town:
        house = open_house(town, Clock(NOW))
        collect.collect_all(house, ["town"])
        triage.triage_all(house)
        with session(house.engine, read_only=True) as db:
            (before,) = cases.open_(db)
        (receipt,) = take_in(house, [Concern(by="sal", link=before.copies[0].url, text=BREACH)])
        triage.triage_all(house)
        if before.copies[0].url:
            assert standing(house, receipt.mention_id).case == before.id
        house.close()


def test_i_posted_it_myself_is_kept(house) -> None:
    take_in(house, [Concern(by="sal", text=BREACH, own_post=True)])
    with session(house.engine, read_only=True) as db:
        (entry,) = [one for one in audit.entries(db) if one.action == "raise by hand"]
    assert entry.details["own_post"] is True


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "give a link, a text, or both"),
        ({"text": "x", "by": " "}, "by:"),
        ({"link": "www.facebook.com/x"}, "link:"),
        ({"link": "javascript:alert(1)"}, "link:"),
        ({"link": "https://a.example/" + "x" * 2000}, "link:"),
        ({"text": "x" * 100_001}, "text:"),
        ({"text": "x", "platform": "pigeon"}, "platform:"),
        ({"text": "x", "posted_at": NOW.replace(tzinfo=None)}, "posted_at: it has no time zone"),
        ({"text": "x", "posted_at": NOW + timedelta(days=1)}, "posted_at: it lies in the future"),
    ],
)
def test_what_cannot_be_taken_in_names_its_field(changes, field: str) -> None:
    with pytest.raises(RedshankError, match=field):
        check(Concern(**{"by": "sal", **changes}), NOW)


def test_one_bad_concern_keeps_none_of_the_others(house) -> None:
    with pytest.raises(RedshankError, match="concern 2: link"):
        take_in(house, [Concern(by="sal", text="one"), Concern(by="sal", link="nowhere")])
    with session(house.engine, read_only=True) as db:
        assert list(lookup.every(db)) == []


def test_a_text_with_half_a_surrogate_pair_is_taken_in(house) -> None:
    (receipt,) = take_in(house, [Concern(by="sal", text="half \ud800 a pair")])
    assert receipt.mention_id


CSV = """\
link,text,raised_by,own_post,posted_at
https://a.example/1,"Two lines,
one concern",jo,no,2026-03-01T10:00:00Z
https://a.example/2,,,yes,
"""


def file(tmp_path: Path, text: str, name: str = "concerns.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_of_concerns_is_read(tmp_path) -> None:
    one, two = read(file(tmp_path, CSV), "sal", NOW)
    assert one == Concern(
        by="jo",
        link="https://a.example/1",
        text="Two lines,\none concern",
        posted_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    )
    assert (two.by, two.own_post, two.posted_at) == ("sal", True, None)


def test_json_lines_of_concerns_are_read(tmp_path) -> None:
    lines = [{"text": "one", "author": "robin"}, {"link": "https://a.example/2", "own_post": True}]
    path = file(tmp_path, "\n\n".join(map(json.dumps, lines)), "concerns.jsonl")
    one, two = read(path, "sal", NOW)
    assert (one.text, one.author, two.own_post) == ("one", "robin", True)


@pytest.mark.parametrize(
    ("text", "name", "line", "words"),
    [
        ("link,colour\nhttps://a.example,red\n", "x.csv", 1, "'colour' is none: link, text"),
        ("link,link\nhttps://a.example,https://a.example\n", "x.csv", 1, "names link twice"),
        ("link,text,\nhttps://a.example,x,\n", "x.csv", 1, "'' is none"),
        ('link,text\nhttps://a.example,x\nhttps://b.example,"open\n\n', "x.csv", 3, "is no CSV"),
        ("link,text\nhttps://a.example\n", "x.csv", 2, "more or fewer fields"),
        ("link,own_post\nhttps://a.example,perhaps\n", "x.csv", 2, "own_post: write yes or no"),
        ("text,posted_at\nx,27/11/2025 10:00\n", "x.csv", 2, "posted_at: write 2026-03-01"),
        ("link\nhttps://a.example\nnowhere\n", "x.csv", 3, "link: write the whole address"),
        ('{"text": "a"}\n{"text"', "x.jsonl", 2, "is no JSON"),
        ('{"text": "a"}\n[1]', "x.jsonl", 2, "must be an object"),
        ('{"text": 7}', "x.jsonl", 1, "text"),
        ('{"colour": "red"}', "x.jsonl", 1, "colour: there is no such field"),
        ("link,text\n", "x.txt", 1, "a file whose name ends in .csv"),
        ("", "x.csv", None, "no concerns"),
        ("link,text\n", "x.csv", None, "no concerns"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, text, name, line, words) -> None:
    path = file(tmp_path, text, name)
    with pytest.raises(ConfigError, match=words) as caught:
        read(path, "sal", NOW)
    assert caught.value.line == line
    assert caught.value.path == path


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_from_a_spreadsheet_is_read(tmp_path, mark: str) -> None:
    rows = ["Link,Text ", 'https://a.example/1,"one, and; more"', ",", "https://a.example/2,two", ","]
    text = "\r\n".join(row.replace(",", mark, 1) for row in rows)
    found = read(file(tmp_path, "\ufeff" + text), "sal", NOW)
    assert [one.text for one in found] == ["one, and; more", "two"]


def test_what_is_no_utf8_says_how_to_save_it(tmp_path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("text\ncafé\n".encode("latin-1"))
    with pytest.raises(ConfigError, match='save it as "CSV UTF-8"'):
        read(path, "sal", NOW)


@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.jsonl"]))
def test_no_file_breaks_the_reader(tmp_path_factory, content: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    with suppress(ConfigError):
        assert read(path, "sal", NOW)


def test_raise_takes_in_and_assesses_at_once(redshank, house) -> None:
    done = redshank("raise", LINK, "--text", BREACH, "--json")
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)
    assert (row["known"], row["settled"]) == (False, True)
    assert row["case"]
    assert json.loads(redshank("raise", LINK, "--text", BREACH, "--json").stdout)[0]["known"]


def test_raise_later_leaves_it_to_the_next_pass(redshank) -> None:
    (row,) = json.loads(redshank("raise", "--text", "My file is on the web.", "--later", "--json").stdout)
    assert (row["settled"], row["case"]) == (False, None)


def test_raise_without_anything_says_what_is_missing(redshank) -> None:
    done = redshank("raise")
    assert done.exit_code == 1
    assert "give a link, a text, or both" in done.stderr


def test_an_import_keeps_nothing_twice(redshank, tmp_path) -> None:
    path = file(tmp_path, CSV)
    first = redshank("import", path)
    assert first.exit_code == 0, first.output
    assert "2 taken in, 0 known already" in first.stderr
    assert "0 taken in, 2 known already" in redshank("import", path).stderr


def test_a_bad_import_keeps_nothing(redshank, house, tmp_path) -> None:
    done = redshank("import", file(tmp_path, CSV + "nowhere,,,,\n"))
    assert done.exit_code == 2
    assert "concerns.csv:5: link" in done.stderr
    with session(house.engine, read_only=True) as db:
        assert list(lookup.every(db)) == []


@pytest.mark.parametrize("by", ["sal\0", "sal\ud800", "s" * 201])
def test_a_name_that_no_database_takes_is_refused(by: str) -> None:
    with pytest.raises(RedshankError, match="by:"):
        check(Concern(by=by, text="x"), NOW)


def test_a_day_before_anything_was_posted_is_refused() -> None:
    east = timezone(timedelta(hours=14))
    with pytest.raises(RedshankError, match="posted_at"):
        check(Concern(by="sal", text="x", posted_at=datetime(1, 1, 1, tzinfo=east)), NOW)


def test_a_login_in_a_link_is_kept_nowhere(house) -> None:
    (receipt,) = take_in(house, [Concern(by="sal", link="https://jo:hunter2@a.example/p@1")])
    with session(house.engine, read_only=True) as db:
        (stored,) = mentions.read(db, [receipt.mention_id])
    assert stored.mention.url == "https://a.example/p@1"
    assert "hunter2" not in str(stored)


def test_a_link_raised_again_without_words_leaves_the_words_and_tells_nobody_anew(house) -> None:
    (first,) = take_in(house, [Concern(by="sal", link=LINK, text=BREACH)])
    triage.triage_all(house)
    assert take_in(house, [Concern(by="jo", link=LINK)])[0].known
    assert triage.triage_all(house).handled == 0
    with session(house.engine, read_only=True) as db:
        (case,) = cases.open_(db)
        assert mentions.read(db, [first.mention_id])[0].mention.text == BREACH
    assert case.revision == 1


def test_two_links_by_one_author_are_two_cases(house) -> None:
    links = ("https://a.example/1", "https://a.example/2")
    receipts = take_in(house, [Concern(by="sal", link=link, author="Jo Bloggs") for link in links])
    triage.triage_all(house)
    assert len({standing(house, one.mention_id).case for one in receipts}) == 2
