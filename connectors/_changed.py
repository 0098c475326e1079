"""Lists in the order of their items' last change: how far one was read is the state of its mark.

When an item was posted says nothing there: an old one that is edited stands first.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from connectors._dates import from_iso
from connectors._walk import OVERLAP, Mark


def read_from(mark: Mark, since: datetime, late: timedelta = OVERLAP) -> datetime:
    """From when on changes are asked for: ``late`` before the last one seen, on a first visit as the walk says."""
    seen = from_iso(mark.state)
    return since if seen is None else seen - late


def read_to(times: Iterable[datetime | None], token: str, now: datetime) -> str:
    """The state after a page whose items changed then: that of the first page counts, as it is the newest."""
    known = [when for when in times if when is not None]
    return min(max(known), now).isoformat() if known and not token else ""
