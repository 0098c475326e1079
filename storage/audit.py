"""The audit log: what was done, appended and never changed, each line chained to the one before.

A line's digest is the SHA-256 (hex) of its canonical JSON, in UTF-8: one object with the members ``action``,
``actor``, ``after``, ``at``, ``before``, ``case_id`` (a number or null), ``details`` (an object), ``previous`` (the
digest of the line before; "" in the first), ``reason`` and ``role``, in the order of their names, without
spaces, nothing escaped that need not be, ``at`` as ``2026-03-02T09:30:00.000000Z``. That is RFC 8785 for what may
stand here: no fractions, and names of plain ASCII. So any other program can verify an export.

What the chain cannot show by itself is that its end was cut off: keep the digest of its last line elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from core.work import Entry
from storage.bulk import on_postgresql
from storage.tables_work import AuditRow

_WRITER = 7_230_004  # the advisory lock under which the log is written, the last that any transaction takes
_PAGE = 1000
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
        "previous": head(session),
    }
    row = AuditRow.model_validate(values | {"digest": digest(values)})
    session.add(row)
    session.flush()
    return _entry(row)


def head(session: Session) -> str:
    """The digest of the last line; "" where there is none."""
    last = select(AuditRow.digest).order_by(col(AuditRow.id).desc()).limit(1)
    return session.exec(last).one_or_none() or ""


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
    found = select(AuditRow).order_by(col(AuditRow.id))
    if case_id is not None:
        found = found.where(AuditRow.case_id == case_id)
    if since is not None:
        found = found.where(AuditRow.at >= since)
    return [_entry(row) for row in session.exec(found)]


def verify(session: Session, known: str = "") -> list[str]:
    """Say what is wrong with the log, one sentence a fault; nothing where it is whole.

    ``known`` is the digest of a line that somebody noted earlier: a log that was cut off before it lacks it.
    """
    faults: list[str] = []
    seen: dict[str, int] = {"": 0}
    before, number, met = "", 0, not known
    for entry in _all(session):
        if digest({name: getattr(entry, name) for name in _FIELDS}) != entry.digest:
            faults.append(f"line {entry.id} was altered: it no longer has the digest it was written with")
        if entry.previous != before:
            faults.append(_broken(entry, seen, number))
        seen[entry.digest] = entry.id
        before, number, met = entry.digest, entry.id, met or entry.digest == known
    if not met:
        faults.append("the line with the digest that you gave is missing: the log was cut off or begun anew")
    return faults


def _broken(entry: Entry, seen: Mapping[str, int], before: int) -> str:
    """What a line says whose predecessor is not the one it was written after."""
    after = seen.get(entry.previous)
    where = f"after line {before}" if before else "at the beginning"
    if after is None:
        return f"missing: one or more lines {where}, before line {entry.id}"
    true = f"line {after}" if after else "the beginning"
    return f"line {entry.id} is out of order, or the line before it was put in: it was written after {true}"


def _all(session: Session) -> Iterator[Entry]:
    """Every line in order, a page at a time: the log outgrows memory."""
    last = -1
    while page := session.exec(
        select(AuditRow).where(col(AuditRow.id) > last).order_by(col(AuditRow.id)).limit(_PAGE)
    ).all():
        for row in page:
            yield _entry(row)
        last = page[-1].id or last
        session.expunge_all()


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


def _entry(row: AuditRow) -> Entry:
    return Entry(id=row.id or 0, **row.model_dump(exclude={"id"}))
