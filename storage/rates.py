"""How many new mentions each source brings, hour by hour: what silence is judged by."""

from collections import defaultdict
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from storage.bulk import insert_unknown
from storage.tables_reach import HourRow


def note(session: Session, name: str, new: int, now: datetime) -> None:
    """Add so many new mentions to the hour of ``now``; an hour with none needs no row."""
    if not new:
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    session.exec(insert_unknown(session, HourRow), params=[{"name": name, "hour": hour, "new": 0}])
    session.exec(
        update(HourRow)
        .where(col(HourRow.name) == name, col(HourRow.hour) == hour)
        .values(new=col(HourRow.new) + new)
    )


def since(session: Session, moment: datetime) -> dict[str, dict[datetime, int]]:
    """The new mentions of each hour that began at or after a moment, by source; hours with none are left out."""
    found: dict[str, dict[datetime, int]] = defaultdict(dict)
    # Columns and not rows: there are a thousand for each source.
    these = select(HourRow.name, HourRow.hour, HourRow.new).where(col(HourRow.hour) >= moment)
    for name, hour, new in session.exec(these.order_by(col(HourRow.hour))):
        found[name][hour] = new
    return dict(found)


def forget(session: Session, before: datetime) -> None:
    """Drop the hours that began before."""
    session.exec(delete(HourRow).where(col(HourRow.hour) < before))
