"""The page by which somebody takes note of a message: it shows nothing, changes nothing by itself, and serves once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW, mention, verdict

from core.links import Links
from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from redshank.site import site
from review.app import create
from storage import acknowledgements, audit, cases, deliveries, ledger, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

TEXT = "Doris in room 4 is off the catheter."
LINKS = Links("a key", "http://127.0.0.1", timedelta(days=3))


@pytest.fixture
def case_ids(engine: Engine) -> list[int]:
    """Two cases, told in one notice."""
    with session(engine) as write:
        ids = mentions.add_new(write, [mention("1", TEXT), mention("2", TEXT + " Again.")], NOW)
        stored = mentions.unassessed(write, NOW, 10, HOUR)
        found = [mentions.settle(write, one, verdict(), NOW) for one in stored]
        assert len(ids) == len(found) == 2
        numbers = [case.id for case in found if case]
        occasions = tuple(Occasion(key=f"case/{number}/first", case_id=number) for number in numbers)
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
    with site(create(engine, LINKS, lambda: NOW + MINUTE), "127.0.0.1", 0) as port:
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

    app = create(engine, LINKS, lambda: NOW)
    with (
        site(app, "127.0.0.1", 0) as port,
        pytest.raises(RedshankError, match="port taken"),
        site(app, "127.0.0.1", port),
    ):
        pass
