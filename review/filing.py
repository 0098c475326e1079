"""Lays a case on the desk: gathers from the tables what its file holds."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from core.types import Case
from policies.books import Route
from policies.checks import open_routes
from policies.velocity import WITHIN, pile_on
from review.casefile import Aimed, File, Related
from storage import actions, cases, copies, lookup, targets


def file_of(session: Session, case: Case, book: Mapping[str, Route], now: datetime) -> File:
    """The file of a case as it stands now; ``case`` shows what its reader may see."""
    free, shut = open_routes(case, book)
    mine = [one.mention_id for one in case.copies]
    return File(
        case=case,
        steps=tuple(cases.steps(session, case.id)),
        actions=tuple(actions.of(session, case.id)),
        open=free,
        locked=shut,
        aimed=_aimed(session, case, now),
        related=_related(session, mine),
        caught={number: version for number, version in lookup.caught(session, mine).items() if version},
    )


def _aimed(session: Session, case: Case, now: datetime) -> tuple[Aimed, ...]:
    return tuple(
        Aimed(posts=len(said), authors=len({author for _, author in said}), pile_on=pile_on(said, now))
        for said in targets.velocity(session, case.id, now - WITHIN).values()
    )


def _related(session: Session, mine: list[int]) -> tuple[Related, ...]:
    """What the copies have in common with mentions that are none of them."""
    found = []
    for number in mine:
        for link in copies.links_of(session, number):
            other = link.other_id if link.mention_id == number else link.mention_id
            if other not in mine:
                found.append(Related(copy=number, other=other, how=link.how))
    return tuple(found)
