"""Who took note of which case, as it is stored: once for each link, at the revision that was told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW, mention, verdict

from core.errors import RedshankError
from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from core.types import Case, Severity
from storage import acknowledgements, audit, cases, deliveries, ledger, mentions
from storage.engine import open_engine, session

pytest_plugins = ["storage_fixtures"]


def settle(engine: Engine, key: str, severity: Severity = Severity.high, text: str = "") -> int:
    with session(engine) as db:
        (id_,) = mentions.add_new(db, [mention(key, text or f"words of {key}", author="@jo")], NOW)
        (stored,) = mentions.read(db, [id_])
        case = mentions.settle(db, stored, verdict(severity), NOW)
        assert case is not None
        return case.id


def tell(engine: Engine, *numbers: int, key: str = "told", revision: int = 1) -> int:
    """A notice that speaks of these cases; gives its number."""
    occasions = tuple(Occasion(key=f"case/{number}/r{revision}/{key}", case_id=number) for number in numbers)
    notice = Notice(
        key=key,
        kind="case",
        role="dpo",
        to="dpo@oakfield.example",
        channel="mail",
        why="x",
        occasions=occasions,
    )
    with session(engine) as db:
        deliveries.enqueue(db, [notice], NOW)
        (claimed,) = deliveries.due(db, NOW, 1)
        deliveries.record(db, Delivery(key=key, status=DeliveryStatus.sent, at=NOW))
    assert claimed.id is not None
    return claimed.id


def note(engine: Engine, number: int, at=NOW + MINUTE) -> acknowledgements.Noted:
    with session(engine) as db:
        return acknowledgements.by_link(db, number, "dpo-print", at)


def of(engine: Engine, *numbers: int) -> dict:
    with session(engine, read_only=True) as db:
        return acknowledgements.of(db, numbers)


def test_one_link_takes_note_of_all_its_cases_at_their_revisions(engine: Engine) -> None:
    one, two = settle(engine, "1"), settle(engine, "2")
    number = tell(engine, one, two)
    assert note(engine, number).cases == (one, two)
    for case, (noted,) in of(engine, one, two).items():
        assert (noted.case_id, noted.role, noted.who, noted.revision, noted.at) == (
            case,
            "dpo",
            "dpo-print",
            1,
            NOW + MINUTE,
        )
    with session(engine, read_only=True) as db:
        assert acknowledgements.used(db, number)
        assert not acknowledgements.used(db, number + 1)
        assert [line.acknowledged_at for line in ledger.lines(db)] == [NOW + MINUTE]


def test_a_link_serves_once_and_a_second_try_writes_nothing(engine: Engine) -> None:
    case = settle(engine, "1")
    number = tell(engine, case)
    note(engine, number)
    with pytest.raises(RedshankError, match="each serves once"):
        note(engine, number)
    assert len(of(engine, case)[case]) == 1


def test_a_link_whose_notice_is_gone_says_so(engine: Engine) -> None:
    with pytest.raises(RedshankError, match="no longer there"):
        note(engine, 99)
    with session(engine, read_only=True) as db:
        assert acknowledgements.notice(db, 99) is None


def test_the_first_to_take_note_stops_the_first_clock_for_good(engine: Engine) -> None:
    case = settle(engine, "1")
    note(engine, tell(engine, case, key="a"), NOW + MINUTE)
    note(engine, tell(engine, case, key="b"), NOW + HOUR)
    with session(engine, read_only=True) as db:
        found = cases.get(db, case)
        assert [entry.action for entry in audit.entries(db, case)].count("acknowledge") == 2
        assert audit.verify(db) == []
    assert found is not None
    assert found.work.seen_at == NOW + MINUTE
    assert [one.at for one in of(engine, case)[case]] == [NOW + MINUTE, NOW + HOUR]


def test_note_taken_by_hand_needs_no_link_and_a_case_that_is_there(engine: Engine) -> None:
    case = settle(engine, "1")
    with session(engine) as db:
        first = acknowledgements.add(db, case, role="governance", who="gale", now=NOW)
        acknowledgements.add(db, case, role="governance", who="gale", now=NOW + HOUR)
    assert of(engine, case)[case][0] == first
    with pytest.raises(RedshankError, match="there is no case 99"), session(engine) as db:
        acknowledgements.add(db, 99, role="governance", who="gale", now=NOW)
    assert of(engine) == {}
    assert of(engine, 99) == {99: []}


def test_a_case_that_grew_is_noted_at_its_new_revision(engine: Engine) -> None:
    text = "the very same words about the garden of the house on Sunday"
    case = settle(engine, "1", Severity.low, text)
    note(engine, tell(engine, case, key="a"))
    assert settle(engine, "2", Severity.critical, text) == case
    late = note(engine, tell(engine, case, key="b"), NOW + HOUR)
    assert late.grown == (case,), "its message spoke of the case as it was before"
    assert note(engine, tell(engine, case, key="c", revision=2), NOW + HOUR).grown == ()
    assert [one.revision for one in of(engine, case)[case]] == [1, 1, 2]


def test_an_older_link_takes_note_of_what_its_message_told_and_of_no_more(engine: Engine) -> None:
    text = "the very same words about the garden of the house on Sunday"
    case, other = settle(engine, "1", Severity.low, text), settle(engine, "other")
    old = tell(engine, case, other, key="old")
    assert settle(engine, "2", Severity.critical, text) == case
    assert note(engine, old) == acknowledgements.Noted((case, other), grown=(case,))
    with session(engine, read_only=True) as db:
        seen = {one.id: one.work.seen_at for one in cases.open_(db)}
        (line,) = [one for one in audit.entries(db, case) if one.action == "acknowledge"]
    assert seen == {case: None, other: NOW + MINUTE}
    assert line.details == {"revision": 1}
    assert [one.revision for one in of(engine, case)[case]] == [1]
    note(engine, tell(engine, case, key="new", revision=2), NOW + HOUR)
    with session(engine, read_only=True) as db:
        found = cases.get(db, case)
    assert found is not None
    assert found.work.seen_at == NOW + HOUR


def test_of_what_was_gathered_the_newest_revision_was_told(engine: Engine) -> None:
    text = "the very same words about the garden of the house on Sunday"
    case = settle(engine, "1", Severity.low, text)
    assert settle(engine, "2", Severity.critical, text) == case
    occasions = tuple(Occasion(key=f"case/{case}/r{n}/first/1/x", case_id=case) for n in (1, 2))
    told = Notice(
        key="both", kind="case", role="dpo", to="d@x.example", channel="mail", why="w", occasions=occasions
    )
    assert acknowledgements.revisions(told) == {case: 2}
    no_revision = replace(told, occasions=(Occasion(key="by hand", case_id=case),))
    assert acknowledgements.revisions(no_revision) == {case: 1}


def test_whoever_is_barred_by_now_takes_note_of_nothing(engine: Engine) -> None:
    mine, theirs = settle(engine, "1"), settle(engine, "2")
    both, alone = tell(engine, mine, theirs, key="both"), tell(engine, theirs, key="alone")

    def barred(case: Case) -> bool:
        return case.id == theirs

    with session(engine) as db:
        assert acknowledgements.by_link(db, both, "x", NOW, barred=barred).cases == (mine,)
    with pytest.raises(RedshankError, match="no longer for you"), session(engine) as db:
        acknowledgements.by_link(db, alone, "x", NOW, barred=barred)
    assert [len(found) for found in of(engine, mine, theirs).values()] == [1, 0]
    with session(engine, read_only=True) as db:
        assert not acknowledgements.used(db, alone)


def test_of_two_who_press_the_button_at_once_one_is_on_record(engine: Engine, engine_url: str) -> None:
    one, two = settle(engine, "1"), settle(engine, "2")
    number = tell(engine, one, two)
    barrier = Barrier(2)

    def press(_: int) -> bool:
        own = open_engine(engine_url)
        try:
            barrier.wait(10)
            note(own, number)
        except RedshankError:
            return False
        finally:
            own.dispose()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [False, True]
    assert [len(found) for found in of(engine, one, two).values()] == [1, 1]
