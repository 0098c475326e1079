"""The two books beside the packs: the lawful ways to act (routes.yaml) and the law that a text may break (law.yaml).

They come with the program and are the same for every pack: a pack names their ids, and cannot change them.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator

from core.worktime import Allowance
from policies._yaml import read
from policies.clauses import Label, Role, Tag, Value, Words, distinct

FOLDER = Path(__file__).parent

RouteKind = Literal["removal", "discipline", "emergency", "statutory", "care", "advice"]


def _allowance(text: str) -> str:
    if text:
        Allowance.parse(text)
    return text


class Route(Value):
    """One lawful way to act: when, by whom, within which limits, with what evidence, and what a person does.

    ``owner`` is the role that acts, ``kind`` what a guard may lock or order. ``answer_within`` is how long the
    other side may take ("3 working days"; empty: not known), ``outside_clock`` what the law or they say of it.
    """

    id: Words
    title: Words
    use_when: Words
    owner: Role
    kind: RouteKind
    second_approver: bool = False
    standing: str = ""
    limits: tuple[Words, ...] = ()
    evidence: tuple[Words, ...] = ()
    outside_clock: str = ""
    answer_within: Annotated[str, AfterValidator(_allowance)] = ""
    steps: tuple[Words, ...] = ()


class Law(Value):
    """One offence or claim: its statute, the most it carries, and on which day somebody last looked it up."""

    id: Words
    offence: Words
    statute: Words
    maximum: str = ""
    labels: tuple[Label, ...] = ()
    tags: tuple[Tag, ...] = ()
    note: str = ""
    source: Words
    checked_on: date
    nation: Words


class _RouteBook(Value):
    routes: Annotated[tuple[Route, ...], distinct("route")]


class _LawBook(Value):
    law: Annotated[tuple[Law, ...], distinct("law")]


class Books(Value):
    """Both books, in the order of their files."""

    routes: tuple[Route, ...]
    law: tuple[Law, ...]

    @property
    def route(self) -> Mapping[str, Route]:
        """The routes by their ids."""
        return {route.id: route for route in self.routes}

    @property
    def known(self) -> dict[str, tuple[str, ...]]:
        """The ids that a pack may name."""
        return {"route": tuple(route.id for route in self.routes), "law": tuple(law.id for law in self.law)}


@cache
def books(folder: Path = FOLDER) -> Books:
    """The books that lie in ``folder``; ConfigError with the file and the line where one is not in shape."""
    routes, law = read(folder / "routes.yaml", "route book"), read(folder / "law.yaml", "law book")
    return Books(
        routes=routes.check(_RouteBook, routes.data, {}).routes, law=law.check(_LawBook, law.data, {}).law
    )
