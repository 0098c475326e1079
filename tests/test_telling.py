"""From a post to whoever must know, over real mail, a real webhook and the real site, with the clock moved on."""

import re
import socket
from base64 import b64encode
from datetime import timedelta

import pytest
import requests
from office_town import (
    DISCLOSURE,
    GRUMBLE,
    NOON,
    TEAM,
    THREAT,
    Clock,
    about_cases,
    body,
    mails_to,
    open_cases,
    open_house,
    raise_case,
    run,
    staff,
)
from standardwebhooks import Webhook
from storage_fixtures import verdict
from town import Post, open_town

from core.errors import ConfigError
from core.types import Severity
from core.work import Silence
from flows import tell
from flows.wiring import House
from redshank.site import site
from review.app import create
from storage import acknowledgements, ledger, silences
from storage.engine import session

KEY = "whsec_" + b64encode(b"a key of the house, 32 bytes long").decode()
MINUTE = timedelta(minutes=1)
DESK = """
[channels.desk]
kind = "webhook"
"""


@pytest.fixture
def town(tmp_path):
    with open_town(tmp_path, [Post("a", THREAT)]) as town:
        yield town


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(town, clock):
    """A house of this town, opened when it is asked for: after the test has written the configuration."""
    houses: list[House] = []

    def _opened(*parts: str, team: str = TEAM) -> House:
        staff(town, *parts, team=team)
        houses.append(open_house(town, clock))
        return houses[-1]

    yield _opened
    for house in houses:
        house.close()


def with_desk(name: str) -> str:
    return TEAM.replace(f'name = "{name}"', f'name = "{name}"\nchannels = ["desk"]')


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def people(mails) -> list[str]:
    return sorted(mail["to"].partition("@")[0] for mail in mails)


def sent_now(town, house, clock, minutes) -> list:
    """Who was mailed of cases by what fell due at this many minutes after noon."""
    clock.now = NOON + minutes * MINUTE
    before = {name: len(about_cases(town, name)) for name in ("gale", "dee", "sal", "una", "hari", "ozzy")}
    run(house)
    return [mail for name, count in before.items() for mail in about_cases(town, name)[count:]]


# Critical cases


def test_a_critical_case_is_told_by_mail_and_webhook_within_the_same_pass(
    town, opened, httpserver, monkeypatch
):
    httpserver.expect_request("/hook", method="POST").respond_with_data("ok")
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__URL", httpserver.url_for("/hook"))
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__KEY", KEY)
    house = opened(DESK, team=with_desk("Gale Sorrel"))
    run(house)
    (case,) = open_cases(house)
    assert case.severity is Severity.critical
    assert people([*about_cases(town, "gale"), *about_cases(town, "sal")]) == ["gale", "sal"]
    [(request, _)] = httpserver.log
    told = Webhook(KEY).verify(request.get_data(), dict(request.headers))
    assert f"ase {case.id}" in told["text"] + told["subject"]
    assert not any(word in request.get_data(as_text=True) for word in ("kill", "stab", "town.example"))


def test_a_lesser_case_goes_by_mail_alone_or_with_the_digest(town, opened, httpserver, monkeypatch):
    town.posts = [Post("b", GRUMBLE)]
    httpserver.expect_request("/hook").respond_with_data("ok")
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__URL", httpserver.url_for("/hook"))
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__KEY", KEY)
    house = opened(DESK, team=with_desk("Gale Sorrel"))
    run(house)
    assert [case.severity for case in open_cases(house)] == [Severity.medium]
    assert about_cases(town, "gale") == []
    assert "1 open" in mails_to(town, "gale", "Digest")[0]["subject"]
    assert httpserver.log == []


def test_it_is_told_again_after_15_minutes_and_to_the_next_role_after_30(town, opened, clock):
    house = opened()
    assert people(sent_now(town, house, clock, 0)) == ["gale", "sal"]
    assert sent_now(town, house, clock, 14) == []
    again = sent_now(town, house, clock, 15)
    assert people(again) == ["gale", "sal"]
    assert all(mail["subject"].startswith("[Redshank] Again:") for mail in again)
    assert sent_now(town, house, clock, 29) == []
    later = {mail["to"].partition("@")[0]: mail["subject"] for mail in sent_now(town, house, clock, 30)}
    assert set(later) == {"gale", "sal", "dee"}
    assert later["dee"].startswith("[Redshank] Now for you too:")


def test_taking_note_by_the_link_of_a_mail_stops_the_repeats(town, opened, clock):
    port = free_port()
    house = opened(f'[review]\naddress = "http://127.0.0.1:{port}"\n')
    (mail, _) = sent_now(town, house, clock, 0)
    (link,) = set(re.findall(r"http://127\.0\.0\.1:\d+/acknowledge/\S+", body(mail)))
    assert link in body(mail, "html")
    reviews = create(house.engine, house.office.links, clock, house.office.routes.roster)
    with site(reviews, "127.0.0.1", port):
        assert requests.get(link, timeout=10).status_code == 200
        assert people(sent_now(town, house, clock, 15)) == ["gale", "sal"], "opening a link notes nothing"
        assert requests.post(link, timeout=10).status_code == 200
        assert requests.post(link, timeout=10).status_code == 410
    for minutes in (30, 44):
        assert sent_now(town, house, clock, minutes) == []
    with session(house.engine, read_only=True) as db:
        (noted,) = acknowledgements.of(db, [1])[1]
        assert (noted.role, noted.revision, noted.at) == ("governance", 1, NOON + 15 * MINUTE)
        assert "acknowledged" in [line.status for line in ledger.lines(db, case_id=1)]
    # Who took note and leaves it lying is reminded.
    assert people(sent_now(town, house, clock, 45)) == ["gale"]


def test_ten_copies_are_one_case_and_one_message_each(town, opened, clock):
    town.posts = [Post(f"copy-{number}", THREAT) for number in range(10)]
    house = opened()
    assert people(sent_now(town, house, clock, 0)) == ["gale", "sal"]
    (case,) = open_cases(house)
    assert len(case.copies) == 10
    town.posts.append(Post("copy-10", THREAT))
    assert sent_now(town, house, clock, 5) == []


def test_critical_cases_are_news_one_by_one_and_repeated_together(town, opened, clock):
    town.posts = [Post(f"by-{number}", THREAT, f"@{number}") for number in range(5)]
    house = opened()
    assert people(sent_now(town, house, clock, 0)) == ["gale"] * 5 + ["sal"] * 5
    assert len(open_cases(house)) == 5
    assert people(sent_now(town, house, clock, 15)) == ["gale", "sal"]


def test_a_changed_rota_tells_nothing_again(town, opened, clock):
    house = opened()
    assert len(sent_now(town, house, clock, 0)) == 2
    other = TEAM.replace("gale@", "gale.sorrel@").replace('name = "Sal Thrift"', 'name = "Sol Thrift"')
    changed = opened(team=other.replace('roles = ["safeguarding"]', 'roles = ["safeguarding", "legal"]'))
    clock.now = NOON + MINUTE
    assert [mail for mail in (mails_to(town, "gale.sorrel")) if "Digest" not in mail["subject"]] == []
    before = len(town.mails)
    run(changed)
    told = [mail for mail in mails_to(town, "gale.sorrel") if "Digest" not in mail["subject"]]
    assert told == []
    assert len(town.mails) - before <= 1, "the digest of the new address at most"


def test_whoever_is_on_leave_is_not_told_and_somebody_else_is(town, opened, clock):
    away = TEAM.replace('name = "Gale Sorrel"', 'name = "Gale Sorrel"\nleave = ["2026-03-01..2026-03-05"]')
    house = opened(team=away)
    told = sent_now(town, house, clock, 0)
    assert people(told) == ["dee", "sal"]
    assert mails_to(town, "gale") == []
    (deputy,) = about_cases(town, "dee")
    assert "everybody who is governance is on leave" in " ".join(body(deputy).split())


def test_whom_a_post_names_hears_nothing_of_it_and_the_deputy_does(town, opened, clock):
    town.posts = [Post("a", THREAT.replace("the manager", "Gale Sorrel, the manager"))]
    house = opened()
    told = sent_now(town, house, clock, 0)
    (case,) = open_cases(house)
    assert case.conflicts == ("gale-sorrel",)
    assert "dee" in people(told)
    assert about_cases(town, "gale") == []
    for minutes in (15, 30, 60, 24 * 60):
        assert "gale" not in people(sent_now(town, house, clock, minutes))
    digests = mails_to(town, "gale", "Digest")
    assert len(digests) == 2
    for digest in digests:
        assert not re.search(r"\b[Cc]ase \d", body(digest)), body(digest)
        assert "0 open" in digest["subject"]
        assert "town.example" not in body(digest, "html")
    assert "Case 1" in body(mails_to(town, "sal", "Digest")[0])


def test_hr_hears_nothing_of_what_may_be_a_workers_disclosure(town, opened, clock):
    town.posts = [Post("a", DISCLOSURE)]
    line = 'digest_roles = ["governance", "speak_up", "hr"]'
    town.config.write_text(town.config.read_text().replace("[alerts]", f"[alerts]\n{line}"))
    house = opened()
    for days in range(4):
        clock.now = NOON + timedelta(days=days)
        run(house)
    (case,) = open_cases(house)
    assert "speak_up" in case.guards
    assert about_cases(town, "hari") == []
    digests = mails_to(town, "hari", "Digest")
    assert len(digests) == 4
    assert not any(re.search(r"\b[Cc]ase \d", body(digest)) for digest in digests)
    assert "Case 1" in body(mails_to(town, "una", "Digest")[0])


def test_a_sealed_case_is_told_without_a_link_to_it(town, opened, clock):
    town.posts = [
        Post(
            "pics", "Nude pictures of the children at Oakfield House, pics of a 9 year old girl, dm for link"
        )
    ]
    house = opened()
    told = sent_now(town, house, clock, 0)
    (case,) = open_cases(house)
    assert "sealed" in case.guards
    assert told
    for mail in [*told, *mails_to(town, "gale", "Digest")]:
        assert "town.example" not in body(mail) + body(mail, "html")


# The mail server


def test_while_the_mail_server_is_down_messages_wait_and_are_one_when_it_is_back(
    town, opened, clock, monkeypatch
):
    house = opened()
    working = house.mail
    monkeypatch.setattr(house, "mail", working.model_copy(update={"port": free_port()}))
    for minutes in (0, 15, 30, 90, 150, 210):
        assert sent_now(town, house, clock, minutes) == []
    monkeypatch.setattr(house, "mail", working)
    told = sent_now(town, house, clock, 211)
    assert len([mail for mail in told if mail["to"].startswith("sal")]) == 1
    assert {"gale", "sal", "dee"} <= set(people(told))
    # All at once: what was put off for up to an hour does not wait out its pause.
    with session(house.engine, read_only=True) as db:
        assert {line.status for line in ledger.lines(db)} <= {"accepted", "replaced"}
        assert ledger.undelivered(db) == []
    assert sent_now(town, house, clock, 212) == []


def test_a_webhook_that_is_down_holds_up_no_mail(town, opened, clock, monkeypatch):
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__URL", f"http://127.0.0.1:{free_port()}/")
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__KEY", KEY)
    house = opened(DESK, team=with_desk("Gale Sorrel"))
    assert people(sent_now(town, house, clock, 0)) == ["gale", "sal"]
    with session(house.engine, read_only=True) as db:
        (waiting,) = ledger.undelivered(db)
    assert (waiting.notice.channel, waiting.refused) == ("desk", False)


def test_a_channel_that_was_taken_out_refuses_what_waits_for_it(town, opened, clock, monkeypatch):
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__URL", f"http://127.0.0.1:{free_port()}/")
    monkeypatch.setenv("REDSHANK_CHANNELS__DESK__KEY", KEY)
    run(opened(DESK, team=with_desk("Gale Sorrel")))
    monkeypatch.delenv("REDSHANK_CHANNELS__DESK__URL")
    monkeypatch.delenv("REDSHANK_CHANNELS__DESK__KEY")
    clock.now = NOON + 10 * MINUTE
    text = town.config.read_text().replace(DESK, "").replace('channels = ["desk"]\n', "")
    town.config.write_text(text)
    house = open_house(town, clock)
    run(house)
    with session(house.engine, read_only=True) as db:
        (lost,) = ledger.undelivered(db)
    house.close()
    assert lost.refused
    assert "no channel is named desk any more" in lost.error


# Silences, in the digest


def test_a_silence_keeps_a_case_out_and_is_counted_until_it_ends(town, opened, clock):
    town.posts = []
    town.config.write_text(town.config.read_text().replace("[alerts]", '[alerts]\nimmediate_from = "low"'))
    house = opened()
    silence = Silence(
        id=0,
        owner="gale-sorrel",
        reason="a campaign that is known",
        starts_at=NOON,
        ends_at=NOON + timedelta(days=2),
        labels=("reputation",),
        severity=Severity.low,
    )
    with session(house.engine) as db:
        made = silences.add(db, silence, role="governance", now=NOON)
    quiet = verdict(Severity.low, labels=("reputation",), ask=())
    loud = verdict(Severity.low, labels=("reputation",), ask=("threat",))
    raise_case(house, "quiet", quiet)
    second = raise_case(house, "loud", loud)
    clock.now = NOON + MINUTE
    run(house)
    (mail,) = about_cases(town, "gale")
    assert f"case {second.id}" in mail["subject"], "a doubt is not silenced"
    digest = " ".join(body(mails_to(town, "gale", "Digest")[0]).split())
    assert f"Silence {made.id}: 1 case kept quiet by governance" in digest
    with session(house.engine) as db:
        silences.end(
            db, made.id, actor="gale-sorrel", role="governance", reason="over", now=NOON + 2 * MINUTE
        )
    told = sent_now(town, house, clock, 3)
    assert any("case 1" in mail["subject"] for mail in told)


def test_nobody_to_tell_is_found_at_the_start_and_not_when_it_matters(town, clock):
    staff(town, team="")
    house = open_house(town, clock)
    with pytest.raises(ConfigError, match="nobody has an address"):
        house.require_all()
    with pytest.raises(ConfigError):
        tell.tell_all(house)
    house.close()
