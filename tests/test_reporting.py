"""The month as it is gathered from the database, and the command that writes it down."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import typer
from storage_fixtures import HARMLESS, mention, verdict
from typer.testing import CliRunner

from alerts.board.report import compose
from core.errors import FetchError
from core.settings import load
from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from core.types import Batch, Severity, Verdict
from core.work import Silence
from flows.reporting import month_facts
from flows.triage import NOT_OURS
from flows.wiring import House
from redshank import reporting
from storage import cursors, deliveries, mentions, silences
from storage.engine import session

MONTH = date(2026, 11, 1)
FOUND = datetime(2026, 11, 3, 9, tzinfo=UTC)
MADE = datetime(2026, 12, 1, 7, tzinfo=UTC)
CONFIG = """\
[organisation]
name = "Oakfield House"
[governance]
dpia = "TEST-1"
[fetch]
contact = "test@oakfield.example"
[storage]
url = "DATABASE"
[[sources]]
name = "news"
kind = "rss"
first_run = "tell"
url = "http://news.example/feed"
[[sources]]
name = "never"
kind = "rss"
first_run = "tell"
url = "http://never.example/feed"
"""


pytest_plugins = ["storage_fixtures"]


@pytest.fixture
def house(tmp_path, engine_url):
    config = tmp_path / "redshank.toml"
    config.write_text(CONFIG.replace("DATABASE", engine_url))
    house = House(load(config), now=lambda: MADE)
    yield house
    house.close()


def add(house: House, key: str, judged: Verdict, at: datetime = FOUND) -> int | None:
    """Settle a mention; returns the number of its case, if it has one."""
    with session(house.engine) as db:
        mentions.add_new(db, [mention(key)], at)
        (stored,) = mentions.unassessed(db, at, 1, timedelta(hours=1))
        case = mentions.settle(db, stored, judged, at)
    return case.id if case else None


def test_the_month_is_gathered_by_local_days(house):
    add(house, "a", verdict(severity=Severity.high))
    add(house, "b", HARMLESS)
    add(house, "c", NOT_OURS)
    add(house, "d", verdict(severity=Severity.low), at=FOUND - timedelta(days=9))
    facts = month_facts(house, MONTH)
    (day,) = [day for day in facts.days if day.read]
    assert (day.day, day.read, day.about_us, day.flagged) == (FOUND.date(), 3, 2, {Severity.high: 1})
    assert len(facts.days) == 30
    report = compose(facts)
    assert (report.found, report.opened_before, report.still_open) == (1, 1, 2)
    assert [row.clock for row in report.responses if row.late] == ["first_eyes", "owner_told"]


def test_the_owner_was_told_when_a_message_of_the_case_went_out(house):
    number = add(house, "a", verdict(severity=Severity.high))
    occasion = Occasion(key="case/1", case_id=number)
    notice = Notice(
        key="k",
        kind="case",
        role="governance",
        to="g@oakfield.example",
        channel="mail",
        why="x",
        occasions=(occasion,),
    )
    with session(house.engine) as db:
        deliveries.enqueue(db, [notice], FOUND)
        sent = Delivery(key="k", status=DeliveryStatus.sent, at=FOUND + timedelta(minutes=30))
        deliveries.record(db, sent)
    rows = {row.clock: row for row in compose(month_facts(house, MONTH)).responses}
    assert (rows["owner_told"].met_in_time, rows["owner_told"].median) == (1, 0.5)
    assert rows["first_eyes"].late == 1


def test_a_source_that_fails_was_not_watched_since_and_one_never_visited_not_at_all(house):
    half = datetime(2026, 11, 16, tzinfo=UTC)
    with session(house.engine) as db:
        cursors.succeeded(db, "news", Batch(), 0, FOUND - timedelta(days=30))
        cursors.failed(db, "news", FetchError("the server answered 503", temporary=True), half)
    rows = {source.name: source for source in compose(month_facts(house, MONTH)).sources}
    assert rows["news"].watched == 0.5
    assert rows["news"].kinds == (("failed", 1),)
    assert rows["never"].watched == 0


def test_outages_that_are_over_count_too_and_a_source_counts_from_its_own_first_visit(house):
    start = datetime(2026, 11, 1, tzinfo=UTC)
    days = timedelta(days=1)
    down, gone = (FetchError("x", temporary=False, gone=gone) for gone in (False, True))
    with session(house.engine) as db:
        cursors.succeeded(db, "news", Batch(), 0, start - 30 * days)
        cursors.failed(db, "news", down, start - days)
        cursors.succeeded(db, "news", Batch(), 0, start + 3 * days)
        cursors.failed(db, "news", gone, start + 27 * days)
        cursors.succeeded(db, "never", Batch(), 0, start + 20 * days)
    rows = {source.name: source for source in compose(month_facts(house, MONTH)).sources}
    assert rows["news"].watched == 0.8
    assert (rows["news"].outages, rows["news"].longest) == (2, 72)
    assert sorted(rows["news"].kinds) == [("refused", 1), ("retired by the other side", 1)]
    assert (rows["never"].watched, rows["never"].outages) == (1, 0)


def test_cases_are_counted_that_a_silence_kept_from_being_told_at_once(house):
    def silence(label: str, since: datetime) -> None:
        ends = since + timedelta(days=20)
        with session(house.engine) as db:
            made = Silence(id=0, owner="jo", reason="x", starts_at=since, ends_at=ends, labels=(label,))
            silences.add(db, made, role="governance", now=since)

    assert month_facts(house, MONTH).silenced == 0
    silence("privacy", FOUND - timedelta(days=9))
    silence("reputation", FOUND + timedelta(hours=1))
    reputation = {"labels": ("reputation",), "ask": ("reputation",)}
    add(house, "kept quiet", verdict())
    add(house, "never told at once", verdict(severity=Severity.low))
    add(house, "found before", verdict(), at=FOUND - timedelta(days=8))
    add(house, "told before the silence", verdict(**reputation))
    add(house, "critical", verdict(severity=Severity.critical))
    assert month_facts(house, MONTH).silenced == 1


def test_messages_are_counted_by_what_became_of_them(house):
    notices = [
        Notice(key=key, kind="fault", role="operator", to="op@oakfield.example", channel="mail", why="x")
        for key in ("at once", "late", "refused", "waiting")
    ]
    with session(house.engine) as db:
        deliveries.enqueue(db, notices, FOUND)
        for key, status, after in (
            ("at once", DeliveryStatus.sent, 1),
            ("late", DeliveryStatus.sent, 90),
            ("refused", DeliveryStatus.refused, 1),
        ):
            deliveries.record(db, Delivery(key=key, status=status, at=FOUND + timedelta(minutes=after)))
    told = month_facts(house, MONTH).messages
    assert (told.sent, told.late, told.refused, told.bounced, told.waiting) == (2, 1, 1, 0, 1)


def test_the_month_before_stands_beside_it_once_there_was_one(house):
    assert month_facts(house, MONTH).before is None
    with session(house.engine) as db:
        cursors.succeeded(db, "news", Batch(), 0, FOUND - timedelta(days=9))
    add(house, "a", verdict(), at=FOUND - timedelta(days=9))
    before = month_facts(house, MONTH).before
    assert before
    assert (before.read, before.flagged, before.cases) == (1, 1, 1)


@pytest.fixture
def command(house, monkeypatch):
    monkeypatch.setattr(reporting, "open_house", lambda _ctx: house)
    app = typer.Typer()
    app.registered_commands += reporting.app.registered_commands
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_writes_both_papers_of_the_last_month(command, tmp_path):
    done = command("--out", tmp_path / "board")
    assert done.exit_code == 0
    assert sorted(file.name for file in (tmp_path / "board").iterdir()) == [
        "report-2026-11.html",
        "report-2026-11.pdf",
    ]
    assert (tmp_path / "board" / "report-2026-11.pdf").read_bytes().startswith(b"%PDF-")


def test_json_gives_the_numbers_and_writes_nothing_unasked(command, tmp_path):
    done = command("--json", "--out", tmp_path / "board", "--month", "2026-11")
    told = json.loads(done.stdout)
    assert (told["month"], told["found"], told["files"]) == ("2026-11-01", 0, [])
    assert not (tmp_path / "board").exists()


def test_a_month_to_come_is_refused(command):
    done = command("--month", "2027-01")
    assert done.exit_code == 1
    assert "January 2027 has not begun" in str(done.exception)
