"""A mail that came back, piped to `redshank alerts bounced -`: told as undelivered, and a forged one does no harm."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from office_town import THREAT, Clock, about_cases, body, mails_to, open_house, run, staff
from town import Post, open_town
from typer.testing import CliRunner

from core.errors import RedshankError
from flows.returns import take_in
from redshank.cli import app
from storage import ledger
from storage.engine import session

SAMPLES = Path(__file__).parent / "samples" / "bounces"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, [Post("a", THREAT)]) as town:
        staff(town)
        yield town


@pytest.fixture
def house(town, clock):
    house = open_house(town, clock)
    run(house)
    yield house
    house.close()


@pytest.fixture
def bounced(house, town, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)

    def _run(*arguments, raw=None):
        return CliRunner().invoke(
            app, ["-c", str(town.config), "alerts", "bounced", *map(str, arguments)], input=raw
        )

    return _run


def returned(mail, sample: str = "postfix.eml") -> bytes:
    """The recorded return of a mail server, as if it were of this mail."""
    raw = (SAMPLES / sample).read_bytes()
    return re.sub(rb"<[0-9a-f]{32}@[^>]+>", mail["Message-ID"].encode(), raw)


def statuses(house) -> dict:
    with session(house.engine, read_only=True) as db:
        return {(line.notice.kind, line.notice.role): line.status for line in ledger.lines(db)}


def test_a_returned_mail_is_bounced_in_the_ledger_and_told_to_the_operator(house, town, bounced, clock):
    (mail,) = about_cases(town, "gale")
    done = bounced("-", raw=returned(mail))
    assert done.exit_code == 0, done.output
    assert done.stdout == "recorded: the operator and governance are told of it\n"
    assert statuses(house)["case", "governance"] == "bounced"
    assert statuses(house)["case", "safeguarding"] == "accepted"
    clock.now += timedelta(minutes=1)
    run(house)
    (told,) = mails_to(town, "ozzy", "refused for good")
    assert "gale" not in body(told)
    with session(house.engine, read_only=True) as db:
        (lost,) = ledger.undelivered(db)
    assert lost.error == "it came back (5.1.1)"


def test_it_may_come_from_a_file_and_is_said_as_json(house, town, bounced, tmp_path):
    file = tmp_path / "return.eml"
    file.write_bytes(returned(about_cases(town, "sal")[0], "qmail.eml"))
    done = bounced(file, "--json")
    assert json.loads(done.stdout)["outcome"].startswith("recorded")
    assert statuses(house)["case", "safeguarding"] == "bounced"


def test_the_same_return_twice_changes_nothing(house, town):
    raw = returned(about_cases(town, "gale")[0])
    take_in(house, raw)
    before = statuses(house)
    take_in(house, raw)
    assert statuses(house) == before


def test_what_is_only_delayed_stays_accepted(house, town):
    said = take_in(house, returned(about_cases(town, "gale")[0], "delayed.eml"))
    assert said.startswith("only delayed")
    assert statuses(house)["case", "governance"] == "accepted"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out-of-office.eml", "no mail that came back"),
        ("of-somebody-else.eml", "not one of ours"),
        ("postfix.eml", "no message of ours went out under the identifier"),
    ],
)
def test_what_is_no_return_of_ours_is_refused_and_changes_nothing(house, name, words):
    before = statuses(house)
    with pytest.raises(RedshankError, match=words):
        take_in(house, (SAMPLES / name).read_bytes())
    assert statuses(house) == before


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 50, b"From: x\n\nhello"])
def test_whatever_is_piped_in_is_told_in_one_line(bounced, raw):
    done = bounced("-", raw=raw)
    assert done.exit_code == 1
    assert "no mail that came back" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("name", ["nowhere.eml", ""])
def test_a_file_that_cannot_be_read_is_told_in_one_line(bounced, tmp_path, name):
    done = bounced(tmp_path / name)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"error: {tmp_path}")
    assert len(done.stderr.splitlines()) == 1
