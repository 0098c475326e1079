"""How many were flagged in each hour, and who is piled on: what the alarm on spikes looks at."""

from datetime import datetime, timedelta

from sqlmodel import Session

from alerts.spikes import HISTORY, PileOn
from policies.velocity import AUTHORS, POSTS, WITHIN
from storage import statistics, targets

_HOUR = timedelta(hours=1)


def hourly(db: Session, now: datetime) -> dict[str, list[int]]:
    """The counts of flagged items for each of the last hours, oldest first, since anything was first read.

    What a first visit finds of the past is no spike.
    """
    began = statistics.first_mention(db)
    if began is None:
        return {}
    hours = min(HISTORY, -(-(now - began) // _HOUR))
    counts = [0] * hours
    for at, _ in statistics.flagged(db, now - hours * _HOUR, past=False):
        ago = (now - at) // _HOUR
        if 0 <= ago < hours:
            counts[hours - 1 - ago] += 1
    return {"flagged items": counts}


def piles(db: Session, now: datetime) -> list[PileOn]:
    """Whom many have written against within a day: told apart by a keyed hash, never by name."""
    return [
        PileOn(slug=who[:16], number=posts, hours=WITHIN // _HOUR)
        for who, (posts, authors) in targets.counts(db, now - WITHIN).items()
        if posts >= POSTS and authors >= AUTHORS
    ]
