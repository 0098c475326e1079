"""The audit log: what was done, appended and never changed, each line chained to the one before.

A line's digest is the SHA-256 (hex) of its canonical JSON, in UTF-8: one object with the members ``action``,
``actor``, ``after``, ``at``, ``before``, ``case_id`` (a number or null), ``details`` (an object), ``previous`` (the
digest of the line before; "" in the first), ``reason`` and ``role``, in the order of their names, without
spaces, nothing escaped that need not be, ``at`` as ``2026-03-02T09:30:00.000000Z``. That is RFC 8785 for what may
stand here: no fractions, and names of plain ASCII. So any other program can verify an export.

What the chain cannot show by itself is that its end was cut off. So where it ends stands in a table of its own,
which no transaction that fails leaves ahead, as a sequence of PostgreSQL would be: an end cut off shows, also once
the log has gone on. Whoever can write there too is found out by a digest that was noted elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, text, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from core.work import Entry
from storage.bulk import on_postgresql
from storage.tables_work import AuditEndRow, AuditRow

_WRITER = 7_230_004  # the advisory lock under which the log is written, the last that any transaction takes
_PAGE = 1000
_ONLY = 1  # the one row of audit_end
_ENTRY = tuple(one.name for one in fields(Entry))
_FIELDS = (
    "action",
    "actor",
    "after",
    "at",
    "before",
    "case_id",
    "details",
    "previous",
    "reason",
    "role",
)


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    role: str,
    action: str,
    case_id: int | None = None,
    before: str = "",
    after: str = "",
    reason: str = "",
    details: Mapping[str, object] | None = None,
) -> Entry:
    """Write one line in the caller's transaction: it is there if what it tells of is there.

    ``details`` may hold strings, whole numbers, booleans, None, and lists and objects of them. Other writers wait
    until the transaction ends, so write to the log last. Raises TypeError for other details.
    """
    if on_postgresql(session):
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER})
    number, previous = _end(session)
    values: dict[str, Any] = {
        "at": at,
        "actor": actor,
        "role": role,
        "action": action,
        "case_id": case_id,
        "before": before,
        "after": after,
        "reason": reason,
        "details": dict(details or {}),
        "previous": previous,
    }
    row = AuditRow.model_validate(values | {"id": number + 1, "digest": digest(values)})
    session.add(row)
    session.flush()
    _note_end(session, number + 1, row.digest)
    return Entry(**row.model_dump())


def head(session: Session) -> str:
    """The digest of the last line; "" where there is none."""
    return end(session)[1]


def count(session: Session) -> int:
    """How many lines the log holds."""
    return session.exec(select(func.count()).select_from(AuditRow)).one()


def _end(session: Session) -> tuple[int, str]:
    """The number and the digest of the line that the next one follows: as is on record, else the last there is."""
    noted, last = _noted(session), end(session)
    return noted if noted and noted[0] >= last[0] else last


def _noted(session: Session) -> tuple[int, str] | None:
    return session.exec(select(AuditEndRow.line, AuditEndRow.digest)).one_or_none()


def _note_end(session: Session, line: int, digest_: str) -> None:
    noted = update(AuditEndRow).values(line=line, digest=digest_)
    if not session.exec(noted.execution_options(synchronize_session=False)).rowcount:
        session.add(AuditEndRow(id=_ONLY, line=line, digest=digest_))
        session.flush()


def end(session: Session) -> tuple[int, str]:
    """The number and the digest of the last line; 0 and "" where there is none."""
    last = select(AuditRow.id, AuditRow.digest).order_by(col(AuditRow.id).desc()).limit(1)
    number, digest_ = session.exec(last).one_or_none() or (0, "")
    return number or 0, digest_


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical JSON of a line; the members are those named above."""
    row = {name: values[name] for name in _FIELDS} | {"at": moment(values["at"])}
    _check(row["details"])
    canonical = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def moment(at: datetime) -> str:
    """A moment as the digest knows it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entries(session: Session, case_id: int | None = None, since: datetime | None = None) -> list[Entry]:
    """The lines of one case, or all of them, in the order in which they were written."""
    found = _lines()
    if case_id is not None:
        found = found.where(col(AuditRow.case_id) == case_id)
    if since is not None:
        found = found.where(col(AuditRow.at) >= since)
    return [_entry(row) for row in session.exec(found)]


def verify(session: Session, since_id: int = 0, known: str = "") -> list[str]:
    """Say what is wrong with the log, one sentence a fault; nothing where it is whole.

    ``known`` is the digest of a line that somebody noted earlier: a log that was cut off before it lacks it. With the
    number of that line as ``since_id`` only what follows it is read, and the rest is taken to be as it was then.
    """
    # First, as others may write on meanwhile.
    end = _noted(session)
    faults: list[str] = []
    before, number = (known, since_id) if since_id else ("", 0)
    seen = {before: number}
    for entry in _all(session, since_id):
        if digest({name: getattr(entry, name) for name in _FIELDS}) != entry.digest:
            faults.append(f"line {entry.id} was altered: it no longer has the digest it was written with")
        if entry.previous != before:
            faults.append(_broken(entry, seen, number))
        seen[entry.digest] = entry.id
        before, number = entry.digest, entry.id
    if not (_stands(session, since_id, known) if since_id else not known or known in seen):
        faults.append("the line with the digest that you gave is missing: the log was cut off or begun anew")
    return faults + _cut_off(end, seen, number)


def _stands(session: Session, number: int, known: str) -> bool:
    """Whether a line still has the digest that it had."""
    return session.exec(select(AuditRow.digest).where(AuditRow.id == number)).one_or_none() == known


def _cut_off(end: tuple[int, str] | None, seen: Mapping[str, int], number: int) -> list[str]:
    """What is wrong with the end of the log, whose last line is ``number``."""
    if end is None:
        return ["where the log ends is no longer on record"] if number else []
    line, digest_ = end
    if seen.get(digest_) == line:
        return []
    return [f"missing: the end of the log, which reached to line {line} and now reaches to {number}"]


def _broken(entry: Entry, seen: Mapping[str, int], before: int) -> str:
    """What a line says whose predecessor is not the one it was written after."""
    after = seen.get(entry.previous)
    where = f"after line {before}" if before else "at the beginning"
    if after is None:
        return f"missing: one or more lines {where}, before line {entry.id}"
    true = f"line {after}" if after else "the beginning"
    return f"line {entry.id} is out of order, or the line before it was put in: it was written after {true}"


def _all(session: Session, since_id: int) -> Iterator[Entry]:
    """Every line after this one in order, a page at a time: the log outgrows memory."""
    last = since_id
    while page := session.exec(_lines().where(col(AuditRow.id) > last).limit(_PAGE)).all():
        for row in page:
            yield _entry(row)
        last = page[-1][0]


def _lines() -> Any:
    """Columns and not rows: half the time, and nothing stays in the session."""
    columns = [col(getattr(AuditRow, name)) for name in _ENTRY]
    return select_columns(*columns).order_by(col(AuditRow.id))


def _check(value: object) -> None:
    """Raise TypeError on what two programs may write differently."""
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) and key.isascii() for key in value):
            raise TypeError("the names in an audit line's details are plain ASCII")
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            _check(one)
    elif value is not None and not isinstance(value, str | bool | int):
        raise TypeError("an audit line's details hold strings, whole numbers, booleans and None only")


def _entry(row: Any) -> Entry:
    return Entry(**dict(zip(_ENTRY, row, strict=True)))
