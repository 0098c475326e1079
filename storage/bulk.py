"""Writing and asking for many rows at once, the same on both databases."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage.tables import Row

Item = TypeVar("Item")

AT_ONCE = 500  # well below the number of parameters that either database takes in one statement
_FIRST_PAUSE = timedelta(minutes=1)


def insert_unknown(session: Session, table: type[Row]) -> "sqlite.Insert | postgresql.Insert":
    """Start an INSERT that skips, without failing, the rows which another process has written meanwhile."""
    insert = postgresql.insert if on_postgresql(session) else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def on_postgresql(session: Session) -> bool:
    """Say which of the two databases this is."""
    return session.get_bind().dialect.name == "postgresql"


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut into pieces that fit into one statement."""
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))


def backoff(failures: int, longest: timedelta) -> timedelta:
    """Pause after that many failures in a row: a minute, then twice as long each time, up to ``longest``."""
    doublings = min(max(failures - 1, 0), 30)
    return min(_FIRST_PAUSE * (1 << doublings), longest)
