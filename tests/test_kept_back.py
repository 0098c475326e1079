"""What a queued message must not tell by the time it goes, and who is told when messages are lost, with a database."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from office_town import NOON, TEAM, Clock, raise_case
from storage_fixtures import mention, verdict
from typer.testing import CliRunner

from core.settings import load
from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from core.types import CaseState, Severity
from flows import tell, watch
from flows.situations import of_cases
from flows.wiring import House
from redshank.cli import app
from storage import acknowledgements, cases, deliveries, ledger, mentions
from storage.engine import session

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CONFIG = """
[organisation]
name = "Oakfield House"
[governance]
dpia = "TEST-1"
[fetch]
contact = "test@oakfield.example"
[mail]
host = "127.0.0.1"
port = 2525
security = "none"
from = "redshank@oakfield.example"
[review]
address = "https://redshank.example"
[storage]
url = "sqlite:///redshank.db"
"""
HARASSMENT = {"labels": ("harassment",), "ask": ("harassment",)}
NAMES_GALE = verdict(**HARASSMENT, guards=("conflict",), conflicts=("gale-sorrel",), recipients=("deputy",))
NAMES_OZZY = verdict(**HARASSMENT, guards=("conflict",), conflicts=("ozzy-larch",))
DISCLOSES = verdict(
    labels=("reputation",), ask=(), guards=("speak_up",), recipients=("governance", "speak_up")
)


class Sent:
    """Stands for the mail server's side: what was handed to it."""

    def __init__(self):
        self.mails = []

    def __call__(self, _options):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def send(self, message):
        self.mails.append(message)

    def to(self, name):
        return [one for one in self.mails if one.to.startswith(f"{name}@")]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(tmp_path, clock):
    houses = []

    def _opened(team=TEAM, config=CONFIG):
        path = tmp_path / "redshank.toml"
        path.write_text(config + team)
        houses.append(House(load(path), clock))
        return houses[-1]

    yield _opened
    for house in houses:
        house.close()


@pytest.fixture
def sent(monkeypatch):
    made = Sent()
    monkeypatch.setattr("flows.tell.Mailer", made)
    return made


def edited(house, key, judged, text="other words"):
    """The same post, edited: what becomes of its case."""
    with session(house.engine) as db:
        (id_,) = mentions.add_new(db, [mention(key, text, author=f"@{key}")], house.now())
        (stored,) = mentions.read(db, [id_])
        return mentions.settle(db, stored, judged, house.now())


def lines(house, **which):
    with session(house.engine, read_only=True) as db:
        return ledger.lines(db, **which)


# What waited


def test_a_message_that_waited_is_not_sent_to_whom_its_case_names_by_now(opened, clock, sent):
    house = opened()
    raise_case(house, "a", verdict(**HARASSMENT))
    tell.plan_all(house)
    clock.now += 20 * MINUTE
    edited(house, "a", NAMES_GALE)
    tell.tell_all(house)
    assert sent.to("gale") == []
    assert len(sent.to("dee")) == 1
    (kept,) = [line for line in lines(house) if line.notice.to.startswith("gale")]
    assert (kept.status, kept.error) == ("withdrawn", "no longer for this reader")
    # It is no fault of the mail server's, and nobody is told of one.
    clock.now += MINUTE
    tell.tell_all(house)
    assert not [line for line in lines(house) if line.notice.kind == "fault"]


def test_a_message_that_waited_tells_hr_nothing_of_what_became_a_disclosure(opened, clock, sent):
    house = opened()
    raise_case(house, "a", verdict(**HARASSMENT, recipients=("governance", "hr")))
    tell.plan_all(house)
    clock.now += 20 * MINUTE
    edited(house, "a", DISCLOSES)
    tell.tell_all(house)
    assert sent.to("hari") == []
    assert sent.to("una")


def test_of_several_cases_that_waited_only_what_the_reader_may_know_is_told_and_no_note_can_be_taken(
    opened, clock, sent
):
    house = opened()
    one, other = (raise_case(house, key, verdict(**HARASSMENT)) for key in ("a", "b"))
    tell.plan_all(house)
    clock.now += 20 * MINUTE
    edited(house, "a", NAMES_GALE)
    tell.tell_all(house)
    (mail,) = sent.to("gale")
    for form in (mail.subject, mail.text, mail.html, mail.short):
        assert f"ase {one.id}" not in form
        assert "2 case" not in form
        assert "/acknowledge/" not in form
    assert f"case {other.id}" in mail.subject
    assert any("/acknowledge/" in mail.text for mail in sent.to("dee"))


def test_whoever_is_told_in_the_last_resort_of_what_accuses_them_gets_no_link_to_take_note_by(opened, sent):
    house = opened()
    everybody = tuple(one.id for one in house.office.routes.roster.members)
    raise_case(house, "a", verdict(**HARASSMENT, guards=("conflict",), conflicts=everybody))
    raise_case(house, "b", verdict(**HARASSMENT))
    tell.tell_all(house)
    (mail,) = [one for one in sent.to("ozzy") if "case" in one.subject]
    assert "/acknowledge/" not in mail.text + mail.html + mail.short
    assert any("/acknowledge/" in mail.text for mail in sent.to("gale"))


def test_a_room_that_the_accused_reads_is_told_nothing_either(opened, sent):
    team = TEAM.replace('name = "Gale Sorrel"', 'name = "Gale Sorrel"\nchannels = ["room"]')
    house = opened(team, CONFIG + '[channels.room]\nkind = "webhook"\nurl = "https://hooks.example/x"\n')
    case = raise_case(house, "a", NAMES_GALE)
    key = f"case/{case.id}/r1/first/1/room/x"
    notice = Notice(
        key=key,
        kind="case",
        role="deputy",
        to="room",
        channel="room",
        why="",
        occasions=(Occasion(key=key, case_id=case.id),),
    )
    with pytest.raises(tell.SendError, match="no longer for this reader"):
        tell.write(house, notice)


def test_where_all_waited_for_the_accused_others_are_told_at_once(opened, clock, sent):
    house = opened()
    case = raise_case(house, "a", verdict(**HARASSMENT, recipients=("governance", "deputy")))
    tell.plan_all(house)
    # Only what was meant for one of them is left, and then the case names that one, with nobody new to tell.
    with session(house.engine) as db:
        for line in ledger.lines(db):
            if line.notice.to.startswith("dee"):
                deliveries.record(
                    db, Delivery(key=line.notice.key, status=DeliveryStatus.refused, at=clock.now)
                )
        row = cases.locked_row(db, case.id)
        row.conflicts, row.guards = ("gale-sorrel",), ("conflict",)
        db.add(row)
    assert tell.deliver_all(house) == 0
    clock.now += MINUTE
    tell.tell_all(house)
    assert {mail.to.partition("@")[0] for mail in sent.mails if "harassment" in mail.text} == {"sal"}


# Digests


def digest_of(house, role, to):
    notice = Notice(
        key="digest/2026-03-02/x/y", kind="digest", role=role, to=to, channel="mail", why="", day=NOON.date()
    )
    return tell.write(house, notice)


def test_the_digest_of_somebody_in_hr_shows_no_locked_disclosure_in_whatever_role(opened):
    house = opened(TEAM.replace('roles = ["hr"]', 'roles = ["hr", "deputy"]'))
    raise_case(house, "a", DISCLOSES)
    for role in ("hr", "deputy", "governance"):
        mail = digest_of(house, role, "hari@oakfield.example")
        assert not re.search(r"case \d", mail.text, re.IGNORECASE)
        assert "0 new, 0 open" in mail.subject
    assert "1 open" in digest_of(house, "governance", "gale@oakfield.example").subject


# What was lost


def test_a_message_that_came_back_told_nobody_and_others_are_told_at_once(opened, clock, sent):
    house = opened()
    case = raise_case(house, "a")
    tell.tell_all(house)
    clocks = {one.name: one for one in situation(house, case).clocks}
    assert clocks["owner_told"].met_at
    (line,) = lines(house, case_id=case.id)
    clock.now += MINUTE
    with session(house.engine) as db:
        deliveries.record(db, Delivery(key=line.notice.key, status=DeliveryStatus.bounced, at=clock.now))
    clocks = {one.name: one for one in situation(house, case).clocks}
    assert clocks["owner_told"].met_at is None
    tell.tell_all(house)
    (mail,) = [one for one in sent.to("dee") if "Digest" not in one.subject]
    assert "messages to governance do not arrive" in " ".join(mail.text.split())
    assert [fault.slug for fault in watch.examine(house)] == []


def situation(house, case):
    with session(house.engine, read_only=True) as db:
        return of_cases(house, db, [cases.get(db, case.id)])[0]


# What was held


def test_what_grows_grave_while_it_is_held_is_told_until_somebody_takes_note(opened, clock, sent):
    house = opened()
    case = raise_case(house, "a", verdict(Severity.medium))
    clock.now += MINUTE
    with session(house.engine) as db:
        row = cases.locked_row(db, case.id)
        row.state, row.moved_at, row.held_from = CaseState.on_hold, clock.now, CaseState.in_review
        db.add(row)
    clock.now += HOUR
    grown = edited(house, "a", verdict(Severity.critical, labels=("threat",), ask=()))
    assert (grown.state, grown.severity) == (CaseState.on_hold, Severity.critical)
    for minutes in (0, 15, 30):
        clock.now = NOON + HOUR + MINUTE + minutes * MINUTE
        tell.tell_all(house)
    told = [one.subject for one in sent.to("gale") if "Digest" not in one.subject]
    assert len(told) == 3
    assert told[0].startswith("[Redshank] Critical: privacy, threat")
    assert told[1].startswith("[Redshank] Again: critical")
    assert sent.to("dee")
    assert watch.examine(house) == []
    with session(house.engine) as db:
        acknowledgements.add(db, case.id, role="governance", who="gale-sorrel", now=clock.now)
    before = len(sent.mails)
    clock.now += 20 * MINUTE
    tell.tell_all(house)
    assert len(sent.mails) == before


# Silences


def test_an_operator_neither_silences_nor_ends_a_silence(opened, monkeypatch):
    house = opened()
    raise_case(house, "a", NAMES_OZZY)
    monkeypatch.setattr("flows.wiring.House", lambda _settings: house)

    def silence(*words):
        config = str(house.settings.folder / "redshank.toml")
        return CliRunner().invoke(app, ["-c", config, "alerts", "silence", *words])

    asked = ("add", "--case", "1", "--for", "30d", "-r", "noise", "--by")
    done = silence(*asked, "Ozzy Larch")
    assert done.exit_code == 1
    assert "the role operator neither begins nor ends a silence" in " ".join(done.stderr.split())
    assert silence(*asked, "Gale Sorrel").exit_code == 0
    assert silence("end", "1", "-r", "mine", "--by", "Ozzy Larch").exit_code == 1
    # What names somebody of the house is told all the same, whoever silenced it.
    assert tell.plan_all(house) > 0


# What is recommended


def test_a_mail_offers_only_what_no_guard_forbids(opened, sent):
    house = opened()
    routes = ("platform_notice", "hr", "answer", "police")
    locked = raise_case(house, "a", replace(DISCLOSES, routes=routes))
    press = raise_case(
        house, "b", verdict(labels=("reputation",), ask=("reputation",), guards=("criticism",), routes=routes)
    )
    tell.tell_all(house)
    titles = {route.id: route.title for route in house.office.books.routes}
    told = {case.id: _mail_about(house, case) for case in (locked, press)}
    assert f"waits for the speak-up guardian: {titles['platform_notice']}" in told[locked.id]
    assert not re.search(rf"\d\. {re.escape(titles['platform_notice'])}", told[locked.id])
    assert titles["platform_notice"] not in told[press.id]
    assert f"1. {titles['answer']}" in told[press.id]


def _mail_about(house, case):
    key = f"case/{case.id}/r1/first/1/mail/x"
    notice = Notice(
        key=key,
        kind="case",
        role="governance",
        to="gale@oakfield.example",
        channel="mail",
        why="",
        occasions=(Occasion(key=key, case_id=case.id),),
    )
    return " ".join(tell.write(house, notice).text.split())
