"""Tries a query on what is stored, and finds with one: what it would have kept, lost and gained; what is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.query import Filter, Item, Query
from core.types import StoredMention
from flows.reach import RAISED
from flows.wiring import House
from storage import audit, cases, lookup
from storage.engine import session


class Who(Protocol):
    """Whoever searches: the id of a member, and the role they act in."""

    @property
    def id(self) -> str:
        """The id of a member, or the login of whoever is none."""

    @property
    def role(self) -> str:
        """A role, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A stored mention; ``case`` is the number of its case, if it is in one, and ``words`` are only of what is in none.

    ``relevant`` is None before it was settled.
    """

    id: int
    source: str
    url: str
    found_at: datetime
    case: int | None
    relevant: bool | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a query fares on what is stored.

    ``tried`` mentions were read, of which it would have kept ``matched``; ``lost`` are those that the query in force
    keeps and this one would not have, ``gained`` those that only this one keeps.
    """

    tried: int
    matched: int
    lost: tuple[Kept, ...]
    gained: tuple[Kept, ...]


def try_stored(
    house: House,
    query: Query,
    *,
    since: datetime | None = None,
    report: Callable[[int], None] = lambda _n: None,
) -> Tried:
    """Try a query on every mention found at or after a moment that the sources' query was asked of."""
    now_in_force = Filter([house.query]) if house.query else None
    asked = Filter([query])
    tried = matched = 0
    lost: list[StoredMention] = []
    gained: list[StoredMention] = []
    with session(house.engine, read_only=True) as db:
        for piece in lookup.every(db, since=since):
            ours = [stored for stored in piece if _is_asked(house, stored)]
            items = [Item.of(stored.mention) for stored in ours]
            after = set(asked.sift(items))
            before = set(now_in_force.sift(items)) if now_in_force else set(range(len(items)))
            lost += [ours[index] for index in sorted(before - after)]
            gained += [ours[index] for index in sorted(after - before)]
            tried, matched = tried + len(ours), matched + len(after)
            report(len(piece))
        told = lookup.standing(db, [stored.id for stored in (*lost, *gained)])
    return Tried(
        tried=tried,
        matched=matched,
        lost=tuple(_kept(stored, told[stored.id]) for stored in lost),
        gained=tuple(_kept(stored, told[stored.id]) for stored in gained),
    )


def find(house: House, query: Query, who: Who, reason: str, *, since: datetime) -> list[Kept]:
    """The stored mentions found at or after a moment that a query matches, oldest first; the search goes on record.

    What accuses or names whoever searches stands in a case that is not for them: it is left out.
    """
    sought, found = Filter([query]), list[StoredMention]()
    with session(house.engine) as db:
        for piece in lookup.every(db, since=since):
            hits = sought.sift([Item.of(stored.mention) for stored in piece])
            found += [piece[index] for index in hits if piece[index].mention.full_text]
        told = lookup.standing(db, [stored.id for stored in found])
        barred = {case.id for case in cases.open_(db) if who.id in case.conflicts}
        audit.append(
            db,
            at=house.now(),
            actor=who.id,
            role=who.role,
            action="search",
            reason=reason,
            details={"query": query.version, "found": len(found)},
        )
    return [_kept(one, told[one.id]) for one in found if told[one.id].case not in barred]


def _is_asked(house: House, stored: StoredMention) -> bool:
    """Whether the organisation's query decides about a mention: not where all of a source counts, or it has its own."""
    reading = house.readings.get(stored.mention.source)
    if stored.mention.source == RAISED or not stored.mention.full_text:
        return False
    return reading is None or not (reading.source.about_us or reading.source.query)


def _kept(stored: StoredMention, stands: lookup.Standing) -> Kept:
    mention = stored.mention
    return Kept(
        id=stored.id,
        source=mention.source,
        url=mention.url,
        found_at=stored.fetched_at,
        case=stands.case,
        relevant=stands.relevant,
        words="" if stands.case else mention.full_text,
    )
