"""The auditor at work: it finds whom nobody told, tells it, and gives a sign of life only if all is well."""

import json
import sqlite3
from datetime import timedelta

import pytest
from office_town import (
    NOON,
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
from flows import watch
from flows.tell import tell_all
from redshank.cli import app
from storage import ledger
from storage.engine import session

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, [Post("a", THREAT)]) as town:
        staff(town)
        yield town


@pytest.fixture
def heartbeat(httpserver, monkeypatch):
    """What asked for the heartbeat's address so far."""
    httpserver.expect_request("/beat").respond_with_data("ok")
    monkeypatch.setenv("REDSHANK_ALERTS__HEARTBEAT", httpserver.url_for("/beat?token=s3cret"))
    return httpserver.log


@pytest.fixture
def house(town, clock, heartbeat):
    house = open_house(town, clock)
    yield house
    house.close()


def sql(town, *statements):
    """What somebody with hands on the database may do."""
    db = sqlite3.connect(town.folder / "redshank.db")
    with db:
        for statement in statements:
            db.execute(statement)
    db.close()


def next_day(house, clock):
    """The first pass of another day: all of the log is read again."""
    file = house.var / "audit.head"
    _, rest = file.read_text().split(" ", 1)
    file.write_text(f"{clock.now - timedelta(days=1):%Y-%m-%d} {rest}")


def slugs(house):
    return [fault.slug for fault in watch.examine(house)]


def test_where_all_were_told_nothing_is_found_and_the_heartbeat_is_asked(house, heartbeat):
    run(house)
    assert watch.watch_all(house) == 0
    [(request, _)] = heartbeat
    assert (request.method, request.args["token"]) == ("GET", "s3cret")
    assert request.headers["User-Agent"].startswith("Redshank/")


def test_an_installation_that_has_read_nothing_yet_misses_nothing(town, clock, heartbeat):
    clock.now = NOON + timedelta(hours=8)
    house = open_house(town, clock)
    assert slugs(house) == []
    assert watch.watch_all(house) == 0
    assert len(heartbeat) == 1
    house.close()


def test_a_message_that_was_deleted_is_found_and_told_after_all(house, town, clock):
    run(house)
    sql(
        town,
        "DELETE FROM occasion WHERE case_id IS NOT NULL",
        "DELETE FROM outbox WHERE kind = 'case'",
    )
    assert slugs(house) == []
    clock.now += 6 * MINUTE
    assert slugs(house) == ["audit/untold-1"]
    before = len(about_cases(town, "gale"))
    watch.watch_all(house)
    assert len(about_cases(town, "gale")) == before + 1
    assert slugs(house) == []


def test_a_digest_that_was_refused_is_found_told_elsewhere_and_stops_the_heartbeat(house, town, heartbeat):
    run(house)
    sql(
        town,
        "UPDATE outbox SET status = 'refused', refused_at = sent_at, sent_at = NULL "
        "WHERE kind = 'digest' AND role = 'governance'",
    )
    assert watch.watch_all(house) == 1
    assert slugs(house) == ["audit/digest"]
    told = [
        mail for name in ("ozzy", "dee") for mail in mails_to(town, name, "igest") if "not sent" in body(mail)
    ]
    assert told
    assert heartbeat == []


def test_what_only_people_have_left_undone_is_told_and_the_machine_gives_its_sign(
    house, town, clock, heartbeat
):
    run(house)
    watch.watch_all(house)
    seen = NOON + timedelta(hours=1)
    sql(town, f"UPDATE cases SET seen_at = '{seen:%Y-%m-%d %H:%M:%S.%f}'")
    clock.now += timedelta(hours=73)
    run(house)
    found = watch.examine(house)
    assert [fault.slug for fault in found] == ["audit/unconfirmed"]
    before = len(heartbeat)
    assert watch.watch_all(house) == 1
    assert mails_to(town, "gale", "nobody has confirmed")
    assert len(heartbeat) == before + 1


def test_a_log_that_was_altered_is_found_and_told_to_governance_too(house, town, heartbeat):
    run(house)
    sql(town, "UPDATE audit SET reason = 'another' WHERE id = 1")
    assert watch.watch_all(house) == 1
    assert slugs(house) == ["audit/log"]
    for name in ("ozzy", "gale"):
        (mail,) = mails_to(town, name, "log of decisions")
        assert "line 1 was altered" in body(mail)
    assert watch.watch_all(house) == 1
    assert len(mails_to(town, "ozzy", "log of decisions")) == 1, "a fault is told once"
    assert heartbeat == []


def test_what_was_found_whole_is_read_again_once_a_day(house, town, clock, heartbeat):
    run(house)
    assert watch.watch_all(house) == 0
    day, line, _ = (house.var / "audit.head").read_text().split()
    assert (day, int(line) > 0) == ("2026-03-02", True)
    sql(town, "UPDATE audit SET reason = 'another' WHERE id = 1")
    assert slugs(house) == [], "on the same day only what was written since is read"
    next_day(house, clock)
    for _ in range(2):
        assert "audit/log" in slugs(house), "and it is found at every pass from then on"


def test_what_was_written_since_is_read_at_every_pass(house, town, heartbeat):
    run(house)
    assert watch.watch_all(house) == 0
    raise_case(house, "later")
    sql(town, "UPDATE audit SET reason = 'another' WHERE id = (SELECT max(id) FROM audit)")
    assert "audit/log" in slugs(house)


def test_a_log_that_was_begun_anew_is_found_by_what_was_noted_outside_the_database(house, town, heartbeat):
    run(house)
    assert watch.watch_all(house) == 0
    sql(town, "DELETE FROM audit", "DELETE FROM audit_end")
    (fault,) = [fault for fault in watch.examine(house) if fault.slug == "audit/log"]
    assert "remove audit.head from var" in fault.words
    (house.var / "audit.head").unlink()
    assert "audit/log" not in slugs(house)


def test_messages_that_wait_too_long_are_found(house, town, clock, monkeypatch, heartbeat):
    monkeypatch.setattr(house, "mail", house.mail.model_copy(update={"port": 1}))
    run(house)
    clock.now += 7 * MINUTE
    assert watch.watch_all(house) >= 1
    assert "audit/unsent-1" in slugs(house)
    assert heartbeat == []


def test_that_messages_wait_is_no_news_once_they_go_again(house, town, clock, monkeypatch):
    """Whoever hears of it when it is over looks for a fault that is not there."""
    works = house.mail
    monkeypatch.setattr(house, "mail", works.model_copy(update={"port": 1}))
    run(house)
    clock.now += 7 * MINUTE
    watch.watch_all(house)
    monkeypatch.setattr(house, "mail", works)
    clock.now += timedelta(hours=1)
    tell_all(house)
    assert about_cases(town, "gale")
    for name in ("gale", "ozzy"):
        assert mails_to(town, name, "to be sent") == []
    with session(house.engine, read_only=True) as db:
        faults = [line for line in ledger.lines(db) if line.notice.key.startswith("fault/audit/unsent")]
    assert faults
    assert {(line.status, line.error) for line in faults} == {("withdrawn", "messages go again")}


def test_a_case_of_which_every_message_came_back_reached_nobody(house, town):
    run(house)
    sql(town, "UPDATE outbox SET status = 'bounced', refused_at = sent_at WHERE kind = 'case'")
    assert slugs(house) == ["audit/reached-nobody-1"]


def test_after_a_long_silence_of_the_machine_the_auditor_plans_before_it_complains(house, clock):
    run(house)
    clock.now += timedelta(hours=30)
    raise_case(house, judged=verdict(Severity.critical))
    clock.now += timedelta(hours=30)
    assert slugs(house)
    assert watch.watch_all(house) == 0


@pytest.mark.parametrize("status", [500, 404])
def test_a_heartbeat_that_is_refused_is_logged_without_its_address(house, httpserver, status, capsys):
    httpserver.clear()
    httpserver.expect_request("/beat").respond_with_data("no", status=status)
    assert watch.beat(house) is False
    said = capsys.readouterr()
    assert str(status) in said.out + said.err
    assert "s3cret" not in said.out + said.err


def test_a_heartbeat_that_cannot_be_reached_fails_nothing(town, clock, monkeypatch, capsys):
    monkeypatch.setenv("REDSHANK_ALERTS__HEARTBEAT", "http://127.0.0.1:1/s3cret")
    house = open_house(town, clock)
    run(house)
    capsys.readouterr()
    assert watch.watch_all(house) == 0
    said = capsys.readouterr()
    assert "heartbeat_not_sent" in said.out + said.err
    assert "s3cret" not in said.out + said.err
    house.close()


def test_without_an_address_nobody_is_asked(town, clock):
    house = open_house(town, clock)
    assert watch.beat(house) is False
    house.close()


def test_the_flow_examines_with_its_own_house(house, town, prefect_database, heartbeat, monkeypatch):
    monkeypatch.setattr("flows.watch.wiring.house", lambda _config: house)
    run(house)
    assert watch.watch(str(town.config)) == {"faults": 0}
    assert len(heartbeat) == 1


def test_the_command_says_what_is_wrong(house, town, clock, monkeypatch):
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)

    def command(*options):
        return CliRunner().invoke(app, ["-c", str(town.config), "watch", *options])

    run(house)
    assert "everybody was told" in command().stdout
    assert json.loads(command("--json").stdout) == {"faults": []}
    next_day(house, clock)
    sql(town, "UPDATE audit SET reason = 'another' WHERE id = 1")
    done = command("--json")
    (fault,) = json.loads(done.stdout)["faults"]
    assert fault["what"] == "audit/log"
    assert command().stdout.strip() == "The log of decisions is not whole"


def test_telling_after_the_auditor_says_nothing_twice(house, town):
    run(house)
    watch.watch_all(house)
    before = len(town.mails)
    assert tell_all(house) == 0
    assert len(town.mails) == before
    with session(house.engine, read_only=True) as db:
        assert {line.status for line in ledger.lines(db)} == {"accepted"}
