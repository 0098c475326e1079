"""The whole path on real HTTP, a real database, the real model and real mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from town import BREACH, HARMLESS, NAMESAKE, Post, open_town

from core.settings import load
from flows import collect, tell, triage
from flows.wiring import House
from storage import cases, cursors, ledger, mentions
from storage.engine import session

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def town(tmp_path):
    with open_town(
        tmp_path, [Post("a", BREACH, "nightowl"), Post("b", HARMLESS), Post("c", NAMESAKE)]
    ) as town:
        yield town


class Clock:
    """The house's clock, set by the test."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(town, clock):
    house = House(load(town.config), clock)
    yield house
    house.close()


def _pass(house):
    collected = collect.collect_all(house, list(house.readings))
    return collected, triage.triage_all(house), tell.tell_all(house)


def _read(path):
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def _open_cases(house):
    with session(house.engine) as db:
        return cases.open_(db)


def test_a_breach_becomes_a_case_and_a_mail_and_the_rest_does_not(house, town):
    collected, triaged, _ = _pass(house)
    assert [(one.new, one.known, one.error) for one in collected] == [(3, 0, "")]
    assert (triaged.assessed, triaged.dropped, triaged.failed) == (2, 1, 0)
    (case,) = _open_cases(house)
    assert "confidentiality" in case.labels
    assert case.clauses
    assert {_read(mail)["to"] for mail in town.mails} >= {"governance@oakfield.example"}


def test_a_second_pass_tells_nobody_anything_again(house, town):
    _pass(house)
    before = len(town.mails)
    collected, triaged, sent = _pass(house)
    assert [(one.new, one.known) for one in collected] in ([(0, 3)], [(0, 0)])
    assert (triaged.assessed, sent, len(town.mails)) == (0, 0, before)


def test_no_mail_holds_what_was_written_or_who_wrote_it(house, town):
    _pass(house)
    assert town.mails
    for path in town.mails:
        mail = _read(path)
        bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert len(bodies) == 2
        for body in (*bodies, str(mail)):
            for secret in ("Maureen", "Tibbs", "soiled", "screamed", "nightowl"):
                assert secret not in body


def test_an_edit_is_a_new_version_and_is_assessed_again(house, town):
    town.posts[1] = replace(town.posts[1], text=HARMLESS)
    _pass(house)
    assert len(_open_cases(house)) == 1
    town.posts[1] = replace(town.posts[1], text=BREACH.replace("Maureen Tibbs", "Doris Applegarth"))
    collected, triaged, _ = _pass(house)
    assert (collected[0].new, triaged.assessed, triaged.cases) == (1, 1, 1)
    assert len(_open_cases(house)) == 2


def test_a_failed_source_is_recorded_and_holds_up_nothing(house, town, clock):
    town.status = 503
    collected, _, _ = _pass(house)
    assert "503" in collected[0].error
    with session(house.engine) as db:
        state = cursors.state(db, "town")
    assert state.failing_since == NOON
    assert state.error_temporary
    town.status = 200
    clock.now += timedelta(hours=1)
    collected, triaged, _ = _pass(house)
    assert (collected[0].error, collected[0].new, triaged.cases) == ("", 3, 1)


def test_a_source_that_stays_broken_is_told_to_the_operator(house, town, clock):
    town.status = 404
    _pass(house)
    clock.now += timedelta(days=2)
    _pass(house)
    subjects = [_read(mail)["subject"] for mail in town.mails if "operator" in _read(mail)["to"]]
    assert any("town" in subject for subject in subjects)


def test_a_case_is_written_with_its_notices_or_not_at_all(house, monkeypatch):
    collect.collect_all(house, ["town"])

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(triage.deliveries, "enqueue", full)
    with pytest.raises(OSError, match="no space"):
        triage.triage_all(house)
    assert _open_cases(house) == []
    monkeypatch.undo()
    house.now.now += timedelta(hours=1)
    triage.triage_all(house)
    (case,) = _open_cases(house)
    with session(house.engine) as db:
        keys = ledger.told(db, NOON - timedelta(days=1))
    assert any(key.startswith(f"case/{case.id}/") for key in keys)


def test_a_mention_that_breaks_the_classifier_waits_and_is_told_in_time(house, town, clock, monkeypatch):
    town.posts = [Post("bad", "Oakfield House BREAK"), Post("a", BREACH)]
    honest = house.judgement.assess

    def fragile(texts, **_):
        if any("BREAK" in text for text in texts):
            raise RuntimeError("broken by " + texts[0])
        return honest(texts)

    monkeypatch.setattr(house.judgement, "assess", fragile)
    _, triaged, _ = _pass(house)
    assert (triaged.assessed, triaged.failed, triaged.cases) == (1, 1, 1)
    clock.now += timedelta(hours=3)
    _pass(house)
    with session(house.engine) as db:
        assert mentions.counts(db, clock.now).stuck == 1
    subjects = [_read(mail)["subject"] for mail in town.mails]
    assert any("assess" in subject for subject in subjects), subjects


def test_a_mention_that_breaks_the_classifier_again_and_again_goes_to_a_person(
    house, town, clock, monkeypatch
):
    town.posts = [Post("bad", "Oakfield House BREAK")]
    honest = house.judgement.assess

    def fragile(texts, **_):
        if any("BREAK" in text for text in texts):
            raise RuntimeError("broken")
        return honest(texts)

    monkeypatch.setattr(house.judgement, "assess", fragile)
    collect.collect_all(house, ["town"])
    outcomes = []
    for _ in range(triage.TRIES + 1):
        outcomes.append(triage.triage_all(house))
        clock.now += timedelta(hours=3)
    assert [(done.failed, done.cases) for done in outcomes] == [(1, 0)] * triage.TRIES + [(0, 1)]
    (case,) = _open_cases(house)
    assert case.reasons == (triage.BROKE,)
    assert case.recipients == ("safeguarding",)
    with session(house.engine) as db:
        assert mentions.counts(db, clock.now).stuck == 0


def test_a_mention_that_kills_its_workers_goes_to_a_person_untried(house, town, clock, monkeypatch):
    town.posts = [Post("bad", "Oakfield House BREAK")]
    collect.collect_all(house, ["town"])
    for _ in range(2 * triage.TRIES):  # each worker claims it and is never heard of again
        with session(house.engine) as db:
            assert len(mentions.unassessed(db, clock.now, 10, timedelta(minutes=15))) == 1
        clock.now += timedelta(hours=1)
    asked = []
    honest = house.judgement.assess
    monkeypatch.setattr(
        house.judgement, "assess", lambda texts, **more: asked.extend(texts) or honest(texts, **more)
    )
    assert triage.triage_all(house).cases == 1
    assert asked == [triage.READABLE]
    (case,) = _open_cases(house)
    assert case.reasons == (triage.BROKE,)


def test_while_the_classifier_reads_nothing_at_all_no_mention_is_given_up(house, town, clock, monkeypatch):
    town.posts = [Post("a", BREACH)]

    def broken(*_, **__):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(house.judgement, "assess", broken)
        collect.collect_all(house, ["town"])
        for _ in range(triage.TRIES + 2):
            assert triage.triage_all(house).cases == 0
            clock.now += timedelta(hours=3)
    clock.now += timedelta(days=1)
    assert triage.triage_all(house).cases == 1
    (case,) = _open_cases(house)
    assert "confidentiality" in case.labels


def test_a_mail_server_that_is_down_loses_no_message(house, town, clock, monkeypatch):
    collect.collect_all(house, ["town"])
    triage.triage_all(house)
    working = house.mail
    monkeypatch.setattr(house, "mail", working.model_copy(update={"port": 1}))
    assert tell.tell_all(house) == 0
    monkeypatch.setattr(house, "mail", working)
    clock.now += timedelta(hours=2)
    assert tell.tell_all(house) > 0
    assert any("case" in _read(mail)["subject"] for mail in town.mails)


def test_the_digest_goes_on_quiet_days_too(house, town, clock):
    town.posts.clear()
    _pass(house)
    digests = [mail for mail in town.mails if "Digest" in _read(mail)["subject"]]
    assert len(digests) == 3
    clock.now += timedelta(days=1)
    _pass(house)
    assert len([mail for mail in town.mails if "Digest" in _read(mail)["subject"]]) == 6


def test_no_digest_speaks_of_a_day_before_watching_began(house, town, clock):
    town.config.write_text(town.config.read_text().replace('digest_at = "00:00"', 'digest_at = "23:00"'))
    late = House(load(town.config), clock)
    for _ in range(2):
        _pass(late)
    assert [mail for mail in town.mails if "Digest" in _read(mail)["subject"]] == []
    clock.now += timedelta(hours=20)
    _pass(late)
    late.close()
    digests = [_read(mail)["subject"] for mail in town.mails if "Digest" in _read(mail)["subject"]]
    assert len(digests) == 3
    assert all("2 March" in subject for subject in digests)


def test_nothing_is_collected_without_an_impact_assessment(town):
    from core.errors import ConfigError

    town.config.write_text(town.config.read_text().replace('dpia = "TEST-1"', 'dpia = ""'))
    house = House(load(town.config))
    with pytest.raises(ConfigError, match="impact assessment"):
        collect.due(house)
