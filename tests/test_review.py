"""The page by which somebody takes note of a message: it shows nothing, changes nothing by itself, and serves once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW, mention, verdict

from alerts.roster import Roster
from core.links import Links
from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from core.types import Severity, Verdict
from core.work import Member
from redshank.site import site
from review.app import create
from storage import acknowledgements, audit, cases, deliveries, ledger, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

TEXT = "Doris in room 4 is off the catheter."
LINKS = Links("a key", "http://127.0.0.1", timedelta(days=3))
HBG = Member(id="hbg", name="Hebe Gage", roles=("governance",), mail="HBG@oakfield.example")
DEE = Member(id="dee", name="Dee Fenwick", roles=("deputy",), mail="dee@oakfield.example", channels=("desk",))
ROSTER = Roster((HBG, DEE), ZoneInfo("Europe/London"))


@pytest.fixture
def case_ids(engine: Engine) -> list[int]:
    """Two cases, told in one notice."""
    with session(engine) as write:
        ids = mentions.add_new(write, [mention("1", TEXT), mention("2", TEXT + " Again.")], NOW)
        stored = mentions.unassessed(write, NOW, 10, HOUR)
        found = [mentions.settle(write, one, verdict(), NOW) for one in stored]
        assert len(ids) == len(found) == 2
        numbers = [case.id for case in found if case]
        occasions = tuple(Occasion(key=f"case/{number}/r1/first/1/x", case_id=number) for number in numbers)
        told = Notice(
            key="told",
            kind="case",
            role="governance",
            to="hbg@oakfield.example",
            channel="mail",
            why="two cases",
            occasions=occasions,
        )
        deliveries.enqueue(write, [told], NOW)
    return numbers


@pytest.fixture
def at(engine: Engine) -> Iterator[str]:
    with site(create(engine, LINKS, lambda: NOW + MINUTE, ROSTER), "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


def link(engine: Engine, at: str) -> str:
    with session(engine) as write:
        number = deliveries.due(write, NOW + 9 * HOUR, 1)[0].id
        deliveries.record(write, Delivery(key="told", status=DeliveryStatus.sent, at=NOW))
    assert number is not None
    return at + "/acknowledge/" + LINKS.make(number).rsplit("/", 1)[1]


def test_opening_the_link_shows_nothing_and_changes_nothing(
    engine: Engine, case_ids: list[int], at: str
) -> None:
    url = link(engine, at)
    for _ in range(3):
        page = requests.get(url, timeout=10)
        assert page.status_code == 200
        assert f"cases {case_ids[0]}, {case_ids[1]}" in page.text
        assert not any(word in page.text for word in ("Doris", "privacy", "hbg@", "news.example", "high"))
    with session(engine, read_only=True) as read:
        assert acknowledgements.of(read, case_ids) == {number: [] for number in case_ids}
        found = cases.get(read, case_ids[0])
        assert found is not None
        assert found.work.seen_at is None


def test_the_button_takes_note_of_every_case_once_and_on_record(
    engine: Engine, case_ids: list[int], at: str
) -> None:
    url = link(engine, at)
    first = requests.post(url, timeout=10)
    assert first.status_code == 200
    assert "on record" in first.text
    again = requests.post(url, timeout=10)
    assert again.status_code == 410
    assert "serves once" in again.text
    assert "used" in requests.get(url, timeout=10).text
    with session(engine, read_only=True) as read:
        noted = acknowledgements.of(read, case_ids)
        assert [[(one.role, one.revision, one.at) for one in noted[number]] for number in case_ids] == [
            [("governance", 1, NOW + MINUTE)]
        ] * 2
        assert [case.work.seen_at for number in case_ids if (case := cases.get(read, number))] == [
            NOW + MINUTE
        ] * 2
        assert [line.status for line in ledger.lines(read)] == ["acknowledged"]
        assert [entry.action for entry in audit.entries(read)].count("acknowledge") == 2
        assert audit.verify(read) == []


def edit(engine: Engine, key: str, judged: Verdict) -> None:
    """The post with this key says something else by now."""
    with session(engine) as write:
        (id_,) = mentions.add_new(write, [mention(key, "Doris, again and worse.")], NOW + MINUTE)
        (stored,) = mentions.read(write, [id_])
        assert mentions.settle(write, stored, judged, NOW + MINUTE) is not None


def test_an_older_link_says_that_the_case_has_changed_since_and_stops_no_clock(
    engine: Engine, case_ids: list[int], at: str
) -> None:
    url = link(engine, at)
    edit(engine, "1", verdict(Severity.critical))
    changed = f"Case {case_ids[0]} has changed since: a newer message"
    assert changed in " ".join(requests.get(url, timeout=10).text.split())
    assert changed in " ".join(requests.post(url, timeout=10).text.split())
    with session(engine, read_only=True) as read:
        noted = acknowledgements.of(read, case_ids)
        assert [[one.revision for one in noted[number]] for number in case_ids] == [[1], [1]]
        assert [case.work.seen_at for number in case_ids if (case := cases.get(read, number))] == [
            None,
            NOW + MINUTE,
        ]


def test_a_link_takes_note_of_nothing_that_accuses_its_reader_by_now(
    engine: Engine, case_ids: list[int], at: str
) -> None:
    url = link(engine, at)
    edit(engine, "1", verdict(guards=("conflict",), conflicts=("hbg",)))
    for ask in (requests.get, requests.post):
        page = " ".join(ask(url, timeout=10).text.split())
        assert f"case {case_ids[1]}" in page
        assert not re.search(rf"case {case_ids[0]}\b|cases {case_ids[0]}", page)
    with session(engine, read_only=True) as read:
        assert [len(found) for found in acknowledgements.of(read, case_ids).values()] == [0, 1]
        accused = cases.get(read, case_ids[0])
        assert accused is not None
        assert accused.work.seen_at is None


@pytest.mark.parametrize("judged", [verdict(conflicts=("hbg",)), verdict(conflicts=("hbg", "dee"))])
def test_where_everything_accuses_its_reader_the_link_is_no_longer_theirs(
    engine: Engine, case_ids: list[int], at: str, judged: Verdict
) -> None:
    url = link(engine, at)
    for key in ("1", "2"):
        edit(engine, key, judged)
    for ask in (requests.get, requests.post):
        page = ask(url, timeout=10)
        assert page.status_code == 410
        assert "no longer for you" in page.text
    with session(engine, read_only=True) as read:
        assert not any(acknowledgements.of(read, case_ids).values())


def test_the_link_in_a_room_is_shut_to_all_where_it_accuses_one_who_reads_there(
    engine: Engine, case_ids: list[int], at: str
) -> None:
    occasion = Occasion(key=f"case/{case_ids[0]}/r1/first/1/room", case_id=case_ids[0])
    told = Notice(
        key="room", kind="case", role="deputy", to="desk", channel="desk", why="w", occasions=(occasion,)
    )
    with session(engine) as write:
        deliveries.enqueue(write, [told], NOW)
        (number,) = [one.id for one in deliveries.due(write, NOW, 10) if one.key == "room"]
    assert number is not None
    url = at + "/acknowledge/" + LINKS.make(number).rsplit("/", 1)[1]
    assert requests.get(url, timeout=10).status_code == 200
    edit(engine, "1", verdict(conflicts=("dee",)))
    assert requests.post(url, timeout=10).status_code == 410


@pytest.mark.parametrize("ticket", ["", "nonsense", "../health", "%00", LINKS.make(999).rsplit("/", 1)[1]])
def test_what_is_no_link_of_ours_notes_nothing(
    engine: Engine, case_ids: list[int], at: str, ticket: str
) -> None:
    for ask in (requests.get, requests.post):
        page = ask(f"{at}/acknowledge/{ticket}", timeout=10)
        assert page.status_code in {200, 404, 405, 410}
        assert "Traceback" not in page.text
    with session(engine, read_only=True) as read:
        assert not any(acknowledgements.of(read, case_ids).values())


def test_every_page_is_closed_to_others(engine: Engine, case_ids: list[int], at: str) -> None:
    for path in (link(engine, at).removeprefix(at), "/nothing", "/health", "/review.css"):
        headers = requests.get(at + path, timeout=10).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
    assert requests.get(at + "/health", timeout=10).text.startswith("ok")
    assert requests.get(at + "/docs", timeout=10).status_code == 404


def test_a_taken_port_is_told_in_words(engine: Engine) -> None:
    from core.errors import RedshankError

    app = create(engine, LINKS, lambda: NOW, ROSTER)
    with (
        site(app, "127.0.0.1", 0) as port,
        pytest.raises(RedshankError, match="port taken"),
        site(app, "127.0.0.1", port),
    ):
        pass
