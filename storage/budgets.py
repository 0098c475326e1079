"""What the keys of platforms have spent, by windows of time: counted before the request, for all processes."""

from datetime import datetime

from sqlmodel import Session, col, delete, update

from storage.bulk import insert_unknown
from storage.tables_reach import BudgetRow


def spend(session: Session, key: str, window: datetime, units: int, limit: int) -> bool:
    """Take ``units`` from a key's budget in the window that began then; False, and nothing taken, where it is short."""
    session.exec(insert_unknown(session, BudgetRow), params=[{"key": key, "window_start": window, "used": 0}])
    taken = session.exec(
        update(BudgetRow)
        .where(
            col(BudgetRow.key) == key,
            col(BudgetRow.window_start) == window,
            col(BudgetRow.used) <= limit - units,
        )
        .values(used=col(BudgetRow.used) + units)
    )
    return bool(taken.rowcount)


def used(session: Session, key: str, window: datetime) -> int:
    """How many units were spent in the window that began then."""
    row = session.get(BudgetRow, (key, window))
    return row.used if row else 0


def forget(session: Session, before: datetime) -> None:
    """Drop the windows that began before."""
    session.exec(delete(BudgetRow).where(col(BudgetRow.window_start) < before))
