"""When the organisation's query has changed: what an earlier one dropped and this one keeps is judged after all.

the version in force -> another one? -> what was dropped and matches now -> requeue -> triage, as anything else
"""

import structlog

from flows.reach import NOT_ABOUT_US
from flows.wiring import House
from storage import lookup, queries
from storage.engine import session

_LOG = structlog.get_logger(__name__)


def follow_query(house: House) -> int:
    """Put the mentions back into the queue that a new version of the query keeps; returns how many they are.

    Once for each change; nothing where there is no query, or before any was in force: then nothing was dropped by
    another. Only words that are still kept can be read again, which is thirty days.
    """
    query = house.query
    if query is None:
        return 0
    with session(house.engine, read_only=True) as db:
        before = queries.in_force(db)
    if before == query.version:
        return 0
    gained = _gained(house) if before else []
    now = house.now()
    with session(house.engine) as db:
        again = lookup.requeue(db, gained, now)
        queries.put_in_force(db, queries.QueryVersion.of(query, now), now)
    if before:
        _LOG.info("query_changed", before=before, after=query.version, again=again)
    return again


def _gained(house: House) -> list[int]:
    """The mentions that no query kept when they came, and that match now."""
    with session(house.engine, read_only=True) as db:
        dropped = lookup.every(db, why=NOT_ABOUT_US)
        return [one.id for piece in dropped for one in piece if house.about_us(one.mention)[0]]
