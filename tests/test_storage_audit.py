"""The audit log: whole, or saying which line is not; in order under many writers; checkable by any program."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session
from storage_fixtures import NOW

from core.errors import StorageError
from core.work import Entry
from storage import audit
from storage.engine import open_engine, session

pytest_plugins = ["storage_fixtures"]
_MISSING = "the line with the digest that you gave is missing: the log was cut off or begun anew"


def write(db: Session, number: int, **rest) -> Entry:
    values = {
        "at": NOW + timedelta(microseconds=number),
        "actor": "gale",
        "role": "governance",
        "action": "note",
        "case_id": number % 3,
        "reason": f"line {number} “naïve” \n",
        "details": {"n": number, "list": ["a", None, True], "object": {"b": "é", "a": 1}},
    }
    return audit.append(db, **(values | rest))


@pytest.fixture
def ten(engine: Engine) -> Engine:
    with session(engine) as db:
        for number in range(10):
            write(db, number)
    return engine


def spoil(engine: Engine, *statements: str) -> list[str]:
    with session(engine) as db:
        for statement in statements:
            db.connection().execute(text(statement))
    with session(engine, read_only=True) as db:
        return audit.verify(db)


def since(engine: Engine, known: Entry) -> list[str]:
    with session(engine, read_only=True) as db:
        return audit.verify(db, known.id, known.digest)


def number(engine: Engine, place: int) -> int:
    with session(engine, read_only=True) as db:
        return audit.entries(db)[place].id


def test_an_untouched_log_is_whole_and_reads_back(ten: Engine) -> None:
    with session(ten, read_only=True) as db:
        assert audit.verify(db) == []
        lines = audit.entries(db)
        assert [one.details["n"] for one in lines] == list(range(10))
        assert [one.details["n"] for one in audit.entries(db, case_id=0)] == [0, 3, 6, 9]
        assert len(audit.entries(db, since=NOW + timedelta(microseconds=8))) == 2
        assert lines[0].previous == ""
        assert audit.head(db) == lines[-1].digest


def test_an_empty_log_is_whole(engine: Engine) -> None:
    with session(engine, read_only=True) as db:
        assert (audit.verify(db), audit.head(db), audit.entries(db)) == ([], "", [])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "'better'"),
        ("actor", "'dee'"),
        ("details", "'{}'"),
        ("case_id", "NULL"),
        ("before", "'raised'"),
        ("at", "'2026-03-02 09:30:00.000099'"),
    ],
)
def test_an_altered_line_is_named(ten: Engine, column: str, value: str) -> None:
    line = number(ten, 4)
    assert spoil(ten, f"UPDATE audit SET {column} = {value} WHERE id = {line}") == [
        f"line {line} was altered: it no longer has the digest it was written with"
    ]


def test_an_altered_line_with_a_new_digest_breaks_the_chain_after_it(ten: Engine) -> None:
    line = number(ten, 4)
    faults = spoil(ten, f"UPDATE audit SET digest = 'forged' WHERE id = {line}")
    assert faults[0].startswith(f"line {line} was altered")
    assert faults[1].startswith(f"missing: one or more lines after line {line}")


def test_a_line_taken_out_is_missed(ten: Engine) -> None:
    assert spoil(ten, f"DELETE FROM audit WHERE id = {number(ten, 0)}") == [
        f"missing: one or more lines at the beginning, before line {number(ten, 0)}"
    ]


def test_two_lines_that_changed_places_are_out_of_order(ten: Engine) -> None:
    one, two = number(ten, 4), number(ten, 5)
    faults = spoil(
        ten,
        f"UPDATE audit SET id = 9999 WHERE id = {one}",
        f"UPDATE audit SET id = {one} WHERE id = {two}",
        f"UPDATE audit SET id = {two} WHERE id = 9999",
    )
    assert any(
        fault.startswith(f"missing: one or more lines after line {number(ten, 3)}") for fault in faults
    )
    assert any(fault.startswith(f"line {two} is out of order") for fault in faults)


def test_an_end_cut_off_shows_by_a_digest_noted_before(ten: Engine) -> None:
    with session(ten, read_only=True) as db:
        noted = audit.head(db)
        assert audit.verify(db, known=noted) == []
        nine = audit.entries(db)[8].digest
    spoil(
        ten,
        f"DELETE FROM audit WHERE id = {number(ten, 9)}",
        f"UPDATE audit_end SET line = 9, digest = '{nine}'",
    )
    with session(ten, read_only=True) as db:
        assert audit.verify(db) == [], (
            "whoever can write there too is found out by what was noted elsewhere alone"
        )
        assert audit.verify(db, known=noted) == [_MISSING]


def test_an_end_cut_off_shows_by_itself_also_once_the_log_has_gone_on(ten: Engine) -> None:
    assert spoil(ten, f"DELETE FROM audit WHERE id > {number(ten, 7)}") == [
        "missing: the end of the log, which reached to line 10 and now reaches to 8"
    ]
    with session(ten) as db:
        assert write(db, 11).id == 11, "no number is given again"
    assert spoil(ten) == ["missing: one or more lines after line 8, before line 11"]


def test_a_log_that_was_emptied_shows(ten: Engine) -> None:
    assert spoil(ten, "DELETE FROM audit") == [
        "missing: the end of the log, which reached to line 10 and now reaches to 0"
    ]
    assert spoil(ten, "DELETE FROM audit_end") == [], (
        "as if nothing had ever been written: see the digest noted"
    )


def test_a_log_without_its_end_on_record_says_so_and_goes_on(ten: Engine) -> None:
    assert spoil(ten, "DELETE FROM audit_end") == ["where the log ends is no longer on record"]
    with session(ten) as db:
        write(db, 11)
    assert spoil(ten) == []


def test_a_line_put_in_at_the_end_stops_nobody_from_writing(ten: Engine) -> None:
    spoil(
        ten,
        "INSERT INTO audit (id, at, actor, role, action, before, after, reason, details, previous, digest) "
        "SELECT 11, at, actor, role, action, before, after, reason, details, digest, 'x' FROM audit WHERE id = 10",
    )
    with session(ten) as db:
        write(db, 12)
    assert spoil(ten) == ["line 11 was altered: it no longer has the digest it was written with"]


def test_a_transaction_that_failed_leaves_no_gap(ten: Engine) -> None:
    def interrupted() -> None:
        with session(ten) as db:
            write(db, 11)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()
    assert spoil(ten) == []
    with session(ten) as db:
        assert write(db, 12).id == 11
        assert audit.count(db) == 11


def test_only_what_follows_a_known_line_is_read_again(ten: Engine) -> None:
    with session(ten) as db:
        known = audit.entries(db)[4]
    spoil(ten, f"UPDATE audit SET reason = 'better' WHERE id = {number(ten, 2)}")
    assert since(ten, known) == [], "what was whole then is not read again"
    spoil(ten, f"UPDATE audit SET reason = 'better' WHERE id = {number(ten, 8)}")
    assert since(ten, known) == ["line 9 was altered: it no longer has the digest it was written with"]
    spoil(ten, f"DELETE FROM audit WHERE id = {number(ten, 6)}")
    assert since(ten, known)[0] == "missing: one or more lines after line 6, before line 8"


def test_from_the_last_line_on_there_is_nothing_new_unless_it_was_cut_off(ten: Engine) -> None:
    with session(ten) as db:
        last, before = audit.entries(db)[9], audit.entries(db)[8]
    assert since(ten, last) == []
    spoil(ten, "DELETE FROM audit WHERE id = 10")
    assert since(ten, before) == [
        "missing: the end of the log, which reached to line 10 and now reaches to 9"
    ]
    assert since(ten, last)[0] == _MISSING


def test_no_second_line_follows_the_same_line(ten: Engine) -> None:
    with pytest.raises(StorageError):
        spoil(
            ten,
            "INSERT INTO audit (at, actor, role, action, before, after, reason, details, previous, digest) "
            "SELECT at, actor, role, action, before, after, reason, details, previous, 'x' FROM audit "
            f"WHERE id = {number(ten, 3)}",
        )


def test_another_program_verifies_an_export(ten: Engine) -> None:
    with session(ten, read_only=True) as db:
        lines = audit.entries(db)
    before = ""
    for line in lines:
        canonical = json.dumps(
            {
                "action": line.action,
                "actor": line.actor,
                "after": line.after,
                "at": line.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{line.at.microsecond:06}Z",
                "before": line.before,
                "case_id": line.case_id,
                "details": line.details,
                "previous": before,
                "reason": line.reason,
                "role": line.role,
            },
            ensure_ascii=False,
            separators=(",", ":"),
            sort_keys=True,
        )
        before = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
        assert line.digest == before


def test_many_writers_make_one_chain(engine_url: str, engine: Engine) -> None:
    start = Barrier(4)

    def run(worker: int) -> None:
        own = open_engine(engine_url)
        try:
            start.wait()
            for n in range(10):
                with session(own) as db:
                    write(db, worker * 100 + n)
        finally:
            own.dispose()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run, worker) for worker in range(4)]:
            done.result()
    with session(engine, read_only=True) as db:
        assert audit.verify(db) == []
        assert len(audit.entries(db)) == 40


def test_a_line_is_there_only_if_what_it_tells_of_is(engine: Engine) -> None:
    def interrupted() -> None:
        with session(engine) as db:
            write(db, 1)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()
    with session(engine) as db:
        write(db, 2)
        assert audit.verify(db) == []
        assert [one.details["n"] for one in audit.entries(db)] == [2]


@pytest.mark.parametrize("details", [{"x": 0.5}, {"x": [b"y"]}, {"é": 1}, {"x": {1: 2}}])
def test_details_that_programs_write_differently_are_refused(engine: Engine, details: dict) -> None:
    with pytest.raises(TypeError), session(engine) as db:
        write(db, 1, details=details)


@given(st.datetimes(timezones=st.sampled_from([timezone(timedelta(hours=h)) for h in (-5, 0, 9)])))
def test_one_moment_has_one_digest_in_every_zone(at) -> None:
    row = dict.fromkeys(("actor", "role", "action", "before", "after", "reason", "previous"), "")
    row |= {"case_id": None, "details": {}}
    try:
        other = at.astimezone(timezone(timedelta(hours=3)))
        at.astimezone(timezone.utc)  # noqa: UP017
    except OverflowError:
        return
    assert audit.digest(row | {"at": at}) == audit.digest(row | {"at": other})
