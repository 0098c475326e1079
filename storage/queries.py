"""The versions of the queries that mentions were caught with: what was asked for, and since when."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from sqlmodel import Session, col, select, update

from core.query import Query
from storage.bulk import insert_unknown
from storage.tables_reach import QueryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryVersion:
    """One version: as it was written, and ``expanded`` with its aliases written out."""

    version: str
    text: str
    expanded: str
    first_used: datetime

    @classmethod
    def of(cls, query: Query, now: datetime) -> Self:
        """A query that is used from now on, unless it is known already."""
        return cls(version=query.version, text=query.text, expanded=query.expanded, first_used=now)


def note(session: Session, version: QueryVersion) -> None:
    """Keep a version; one that is known keeps the day of its first use."""
    session.exec(insert_unknown(session, QueryRow), params=[asdict(version)])


def all_(session: Session) -> list[QueryVersion]:
    """Every version that was ever used, oldest first."""
    rows = session.exec(select(QueryRow).order_by(col(QueryRow.first_used), col(QueryRow.version)))
    return [QueryVersion(**row.model_dump(exclude={"in_force_at"})) for row in rows]


def in_force(session: Session) -> str:
    """The version that what is stored was last tried with; "" before any was."""
    put = select(QueryRow.version).where(col(QueryRow.in_force_at).is_not(None))
    return session.exec(put.order_by(col(QueryRow.in_force_at).desc()).limit(1)).one_or_none() or ""


def put_in_force(session: Session, version: QueryVersion, now: datetime) -> None:
    """Note that what is stored was tried with a version."""
    note(session, version)
    session.exec(update(QueryRow).where(col(QueryRow.version) == version.version).values(in_force_at=now))
