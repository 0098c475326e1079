"""The versions of the queries that mentions were caught with: what was asked for, and since when."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage.bulk import insert_unknown
from storage.tables_reach import QueryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryVersion:
    """One version: as it was written, and ``expanded`` with its aliases written out."""

    version: str
    text: str
    expanded: str
    first_used: datetime


def note(session: Session, version: QueryVersion) -> None:
    """Keep a version; one that is known keeps the day of its first use."""
    session.exec(insert_unknown(session, QueryRow), params=[asdict(version)])


def all_(session: Session) -> list[QueryVersion]:
    """Every version that was ever used, oldest first."""
    rows = session.exec(select(QueryRow).order_by(col(QueryRow.first_used), col(QueryRow.version)))
    return [QueryVersion(**row.model_dump()) for row in rows]
