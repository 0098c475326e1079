"""Tries a query on what is stored, and finds with one: what it would have kept, lost and gained; what is there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from alerts.need_to_know import excluded
from core.query import Item, Query
from core.types import Case, StoredMention
from flows.reach import RAISED
from flows.wiring import House
from policies.moves import IllegalMove
from policies.reading import may_read
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

    ``url`` is empty where the text behind it is not for whoever asks.
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
    keeps and this one would not have, ``gained`` those that only this one keeps. What is not for whoever asks counts in
    the first two alone.
    """

    tried: int
    matched: int
    lost: tuple[Kept, ...]
    gained: tuple[Kept, ...]


def try_stored(
    house: House,
    query: Query,
    who: Who,
    *,
    since: datetime | None = None,
    report: Callable[[int], None] = lambda _n: None,
) -> Tried:
    """Try a query on every mention found at or after a moment that the organisation's query was asked of.

    Who tried it goes on record.
    """
    in_force = house.query
    tried = matched = 0
    lost: list[StoredMention] = []
    gained: list[StoredMention] = []
    with session(house.engine, read_only=True) as db:
        for piece in lookup.every(db, since=since):
            ours = [stored for stored in piece if _is_asked(house, stored)]
            items = [Item.of(stored.mention) for stored in ours]
            after = set(query.sift(items))
            before = set(in_force.sift(items)) if in_force else set(range(len(items)))
            lost += [ours[index] for index in sorted(before - after)]
            gained += [ours[index] for index in sorted(after - before)]
            tried, matched = tried + len(ours), matched + len(after)
            report(len(piece))
        less, more = _shown(house, db, lost, who), _shown(house, db, gained, who)
    counts: dict[str, object] = {
        "query": query.version,
        "tried": tried,
        "matched": matched,
        "lost": len(less),
        "gained": len(more),
    }
    _on_record(house, who, "try query", "what a query would have kept", counts)
    return Tried(tried=tried, matched=matched, lost=tuple(less), gained=tuple(more))


def find(house: House, query: Query, who: Who, reason: str, *, since: datetime) -> list[Kept]:
    """The stored mentions found at or after a moment that a query matches, oldest first; the search goes on record."""
    found: list[StoredMention] = []
    with session(house.engine, read_only=True) as db:
        for piece in lookup.every(db, since=since):
            hits = query.sift([Item.of(stored.mention) for stored in piece])
            found += [piece[index] for index in hits if piece[index].mention.full_text]
        shown = _shown(house, db, found, who)
    # Before anybody sees it, and after the search: nobody else waits for that.
    _on_record(house, who, "search", reason, {"query": query.version, "found": len(shown)})
    return shown


def _on_record(house: House, who: Who, action: str, reason: str, details: Mapping[str, object]) -> None:
    with session(house.engine) as db:
        audit.append(
            db,
            at=house.now(),
            actor=who.id,
            role=who.role,
            action=action,
            reason=reason,
            details=details,
        )


def _is_asked(house: House, stored: StoredMention) -> bool:
    """Whether the organisation's query decides about a mention: not where all of a source counts, or it has its own."""
    reading = house.readings.get(stored.mention.source)
    if stored.mention.source == RAISED or not stored.mention.full_text:
        return False
    return reading is None or not (reading.source.about_us or reading.source.query)


def _shown(house: House, db: Session, found: Sequence[StoredMention], who: Who) -> list[Kept]:
    """What of these somebody may learn of, as a case would show it to them.

    Of a mention that was not assessed nobody knows whom it accuses, nor whether it must be sealed. It is left out.
    """
    stands = lookup.standing(db, [one.id for one in found])
    known = known_to(house, db, (one.case for one in stands.values()), who.id)
    linked = {number for number, case in known.items() if _may_read(house, case, who)}
    return [
        _kept(one, stand, linked=stand.case is None or stand.case in linked)
        for one in found
        if (stand := stands[one.id]).settled and (stand.case is None or stand.case in known)
    ]


def known_to(house: House, db: Session, numbers: Iterable[int | None], who: str) -> dict[int, Case]:
    """The cases of these that somebody may learn of: not those that accuse them, nor what hr must not know yet."""
    found, roster = cases.some(db, {one for one in numbers if one is not None}), house.office.routes.roster
    return {case.id: case for case in found if who not in excluded(case, roster)}


def _may_read(house: House, case: Case, who: Who) -> bool:
    """Whether the text of a case is for somebody: behind its links stand the text and its author."""
    try:
        may_read(case, who.id, who.role, house.office.team)
    except IllegalMove:
        return False
    return True


def _kept(stored: StoredMention, stands: lookup.Standing, *, linked: bool) -> Kept:
    mention = stored.mention
    return Kept(
        id=stored.id,
        source=mention.source,
        url=mention.url if linked else "",
        found_at=stored.fetched_at,
        case=stands.case,
        relevant=stands.relevant,
        words="" if stands.case else mention.full_text,
    )
