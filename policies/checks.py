"""What must be so before a move is made, beyond state, role and stated facts: one function for each rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.types import Case, CaseState
from core.vocabulary import LABELS, ROLES
from core.work import Member
from policies import guards
from policies.books import Route
from policies.moves import (
    DECISIVE,
    MACHINE,
    NOTHING_TO_DO,
    RESTRICTED,
    THE_LINE,
    UNRESTRICTED,
    Facts,
    IllegalMove,
    Move,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who makes a move, and what is known of the house: its members and its routes."""

    name: str
    role: str
    members: Sequence[Member] = ()
    book: Mapping[str, Route]

    @property
    def machine(self) -> bool:
        """Whether it is the program itself."""
        return self.name == MACHINE

    @property
    def roles(self) -> frozenset[str]:
        """All roles that the person holds, as far as is known."""
        return self.held_by(self.name) | {self.role}

    def held_by(self, name: str) -> frozenset[str]:
        """The roles of a member; none where there is no such member."""
        return frozenset(role for member in self.members if member.id == name for role in member.roles)

    def knows(self, name: str) -> bool:
        """Whether somebody may be named: a member, or anybody where there is no list of members."""
        return not self.members or any(member.id == name for member in self.members)


def restricted(case: Case) -> bool:
    """Whether a case is one of safeguarding, as found or, once it is decided, as confirmed; or is sealed."""
    labels = case.labels if case.work.upheld is None else case.work.upheld
    return "safeguarding" in labels or "sealed" in case.guards


def locked(case: Case, routes: Iterable[str], book: Mapping[str, Route]) -> tuple[str, ...]:
    """Those of ``routes`` that may not be taken on a case now: locked by a guard, or never offered under one."""
    wanted = tuple(routes)
    shut = guards.locked(wanted, case.guards, case.work.released_at is not None, book)
    offered = guards.offered(wanted, case.guards, book)
    return tuple(route for route in wanted if route in shut or (route in book and route not in offered))


def may(case: Case, chosen: Move, actor: Actor) -> None:
    """Raise IllegalMove unless this person, in this role, may make this move on this case."""
    if case.work.folded_into is not None:
        raise IllegalMove(f"case {case.id} was joined to case {case.work.folded_into}: work on that one")
    if actor.machine != (actor.role == MACHINE):
        raise IllegalMove("the machine acts in the role of the machine, and nobody else does")
    if not actor.machine:
        _somebody(case, actor)
    if actor.role not in chosen.roles:
        raise IllegalMove(f"role {actor.role} may not {_plain(chosen.verb)}: {_any(chosen.roles)} may")
    if restricted(case) and actor.role not in (*RESTRICTED, MACHINE) and chosen.verb not in UNRESTRICTED:
        raise IllegalMove(f"case {case.id} is restricted (safeguarding): {_any(RESTRICTED)} may move it")
    if "conflict" in case.guards and chosen.verb in DECISIVE and actor.role != "deputy":
        raise IllegalMove(
            f"case {case.id} names somebody who would decide: only the deputy may {_plain(chosen.verb)} it"
        )


def may_read(case: Case, name: str, role: str) -> None:
    """Raise IllegalMove unless this person, in this role, may read what was written; both may be empty.

    Nobody reads what is sealed. The text of a safeguarding case opens to that role (to the deputy too, where it
    accuses somebody who would decide), a worker's perhaps to the guardian and safeguarding, and no text to whom it
    accuses.
    """
    if "sealed" in case.guards:
        raise IllegalMove(
            f"case {case.id} is sealed: nobody reads it here. Role safeguarding gets the link for IWF, CEOP or the "
            f"police with `redshank case link {case.id}`"
        )
    readers: set[str] = set()
    if restricted(case):
        readers = {"safeguarding", "deputy"} if "conflict" in case.guards else {"safeguarding"}
    if "speak_up" in case.guards:
        readers = readers & {"safeguarding"} or {"speak_up", "safeguarding"}
    if readers and role not in readers:
        wanted = _any(sorted(readers))
        raise IllegalMove(
            f"the text of case {case.id} opens to {wanted} only: say who you are with --by and --as"
        )
    if "conflict" in case.guards and (not name or name in case.conflicts):
        raise IllegalMove(
            f"case {case.id} accuses somebody of the house: say who reads it with --by and --as"
        )


def _somebody(case: Case, actor: Actor) -> None:
    if actor.role not in ROLES:
        raise IllegalMove(f"unknown role {actor.role}: one of {', '.join(ROLES)}")
    if actor.members and actor.role not in actor.held_by(actor.name):
        raise IllegalMove(f"{actor.name} does not hold the role {actor.role}")
    if actor.name in case.conflicts:
        raise IllegalMove(
            f"case {case.id} names or accuses {actor.name}, who may not act on it: ask the deputy"
        )


def _no_closed_gate(case: Case, _facts: Facts, _actor: Actor) -> None:
    if case.state is CaseState.diverted and "speak_up" in case.guards and case.work.released_at is None:
        raise IllegalMove(
            f"case {case.id} may be a worker's disclosure: role speak_up must release it first "
            f"(`redshank case release {case.id}`)"
        )


def _known_conflicts(_case: Case, facts: Facts, actor: Actor) -> None:
    for name in facts.conflicts:
        _known(name, actor)
    if actor.name in facts.conflicts:
        raise IllegalMove("whoever is touched by a case does not review it: hand it over")


def _known_labels(_case: Case, facts: Facts, _actor: Actor) -> None:
    unknown = [label for label in facts.upheld or () if label not in LABELS]
    if unknown:
        raise IllegalMove(f"unknown label {unknown[0]}: one of {', '.join(LABELS)}")


def _decided_to_act(case: Case, _facts: Facts, _actor: Actor) -> None:
    if case.work.outcome == NOTHING_TO_DO:
        raise IllegalMove(f"nothing is to be done about case {case.id}, as decided: decide anew to act")


def _open_routes(case: Case, facts: Facts, actor: Actor) -> None:
    unknown = [route for route in facts.routes if route not in actor.book]
    if unknown:
        raise IllegalMove(f"unknown route {unknown[0]}: one of {', '.join(actor.book)}")
    for route in locked(case, facts.routes, actor.book):
        raise IllegalMove(f"route {route} is locked on case {case.id}: {_why_locked(case)}")
    removal = [route for route in facts.routes if actor.book[route].kind == guards.REMOVAL]
    if removal and not case.work.upheld:
        raise IllegalMove(
            f"route {removal[0]} needs a ground: decide anew and confirm the labels that it bears"
        )


def _why_locked(case: Case) -> str:
    if "sealed" in case.guards:
        return "it is sealed, so IWF, CEOP and police come first and nobody is contacted"
    if "speak_up" in case.guards and case.work.released_at is None:
        return f"perhaps a worker's disclosure, until role speak_up releases it (`redshank case release {case.id}`)"
    return "criticism is free, so it may be answered, and no removal is asked for"


def _second_person(case: Case, facts: Facts, actor: Actor) -> None:
    route = next((one for one in facts.routes if actor.book[one].second_approver), "")
    if not route:
        return
    if not facts.approver:
        raise IllegalMove(f"route {route} needs a second person: say who approves it (--approver)")
    _known(facts.approver, actor)
    if facts.approver == actor.name or facts.approver in case.conflicts:
        raise IllegalMove(f"route {route} needs another person than you, whom the case does not name")


def _every_copy(case: Case, facts: Facts, _actor: Actor) -> None:
    left = [copy.mention_id for copy in case.copies if copy.mention_id not in facts.gone]
    if left:
        raise IllegalMove(
            f"copies of case {case.id} were not looked for: mentions {', '.join(map(str, left))}"
        )


def _seen_gone(case: Case, _facts: Facts, _actor: Actor) -> None:
    if case.state is CaseState.verifying and case.work.gone_at is None:
        raise IllegalMove(f"nobody has seen case {case.id} gone yet: `redshank case gone {case.id}` first")


def _outside_the_line(case: Case, _facts: Facts, actor: Actor) -> None:
    if "speak_up" not in case.guards or case.work.released_at is not None:
        raise IllegalMove(f"nothing on case {case.id} waits for a release")
    if actor.name == case.work.assignee or not actor.roles.isdisjoint(THE_LINE):
        raise IllegalMove(
            "a disclosure is released by somebody outside the line: not by its reviewer, nor by whoever is "
            f"also {_any(sorted(THE_LINE))}"
        )


def _not_sealed(case: Case, _facts: Facts, _actor: Actor) -> None:
    if "sealed" in case.guards:
        raise IllegalMove(f"case {case.id} is sealed already")


def _takes_it(case: Case, facts: Facts, actor: Actor) -> None:
    _known(facts.to, actor)
    if facts.to in case.conflicts:
        raise IllegalMove(f"case {case.id} names or accuses {facts.to}, who cannot take it")


def _takes_over(case: Case, facts: Facts, actor: Actor) -> None:
    if facts.to not in ROLES:
        _takes_it(case, facts, actor)


def _another_case(case: Case, facts: Facts, _actor: Actor) -> None:
    if facts.into == case.id:
        raise IllegalMove(f"case {case.id} cannot be joined to itself")


def _known(name: str, actor: Actor) -> None:
    if not actor.knows(name):
        known = ", ".join(member.id for member in actor.members)
        raise IllegalMove(f"nobody of the team is called {name}: one of {known}")


Check = Callable[[Case, Facts, Actor], None]
CHECKS: dict[str, tuple[Check, ...]] = {
    "review": (_no_closed_gate, _known_conflicts),
    "decide": (_known_labels,),
    "act": (_decided_to_act, _open_routes, _second_person),
    "gone": (_every_copy,),
    "close": (_seen_gone,),
    "join": (_another_case,),
    "release_disclosure": (_outside_the_line,),
    "seal": (_not_sealed,),
    "assign": (_takes_it,),
    "hand_over": (_takes_over,),
}


def _plain(verb: str) -> str:
    return verb.replace("_", " ")


def _any(names: Sequence[str]) -> str:
    shown = [name for name in names if name != MACHINE]
    return " or ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)
