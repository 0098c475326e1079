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
    GUARDIANS,
    LEADS,
    MACHINE,
    NOTHING_TO_DO,
    RESTRICTED,
    THE_LINE,
    UNRESTRICTED,
    Facts,
    IllegalMove,
    Move,
)

_GROUND = "needs a ground: decide anew and confirm the labels that it bears, other than an accusation"


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


def decider(case: Case, members: Sequence[Member]) -> str:
    """The role that alone decides a case which names somebody who would; empty where it names nobody.

    Where everybody who could decide is named it is the deputy: somebody else must be given that role.
    """
    if "conflict" not in case.guards:
        return ""
    return guards.decides(members, case.conflicts) or guards.DECIDES[0]


def answers(case: Case, actor: Actor) -> bool:
    """Whether a person answers for a case: what anybody else does is no look at it, and does not move it.

    It is a role that is told of it, whoever it is assigned to, one that leads, or the guardian of a disclosure; hr
    is not told while a disclosure is locked.
    """
    gated = "speak_up" in case.guards
    if actor.machine or (actor.role == "hr" and gated and case.work.released_at is None):
        return False
    roles = (*LEADS, *case.recipients, *(GUARDIANS if gated else ()))
    return actor.role in roles or actor.name == case.work.assignee


def freed(case: Case) -> bool:
    """Whether a person has confirmed more than an accusation of what no newspaper published: no criticism any more."""
    more = case.work.upheld is not None and not set(case.work.upheld) <= guards.ACCUSATION
    return more and all(copy.platform != guards.NEWS for copy in case.copies)


def locked(case: Case, routes: Iterable[str], book: Mapping[str, Route]) -> tuple[str, ...]:
    """Those of ``routes`` that may not be taken on a case now.

    They are locked by a guard or never offered under one; or ask for removal, and whoever decided has confirmed
    nothing but an accusation.
    """
    wanted, over = tuple(routes), _over(case)
    shut = set(guards.locked(wanted, over, case.work.released_at is not None, book))
    offered = guards.offered(wanted, over, book)
    shut |= {route for route in wanted if route in book and route not in offered}
    if case.work.upheld is not None and set(case.work.upheld) <= guards.ACCUSATION:
        shut |= {route for route in wanted if route in book and book[route].kind == guards.REMOVAL}
    return tuple(route for route in wanted if route in shut)


def open_routes(case: Case, book: Mapping[str, Route]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The routes of a case that may be taken now, in the order in which to try them, and those that are locked."""
    offered = guards.offered(case.routes, _over(case), book)
    shut = locked(case, dict.fromkeys((*offered, *case.routes)), book)
    return tuple(route for route in offered if route not in shut), shut


def why_locked(case: Case, route: Route) -> str:
    """Why a route that is locked on a case is."""
    if "sealed" in case.guards and route.kind == guards.REMOVAL:
        return "sealed: nobody is contacted about suspected child sexual abuse material, it is reported"
    if "speak_up" in case.guards and case.work.released_at is None:
        return (
            "perhaps a worker's disclosure: it waits until an independent reviewer in role speak_up releases it "
            "(`redshank case release`)"
        )
    if any(copy.platform == guards.NEWS for copy in case.copies):
        return "criticism is free: the press may be answered, and no removal is asked for"
    return f"criticism is free: it may be answered, and removal {_GROUND}"


def may(case: Case, chosen: Move, actor: Actor) -> None:
    """Raise IllegalMove unless this person, in this role, may make this move on this case."""
    if case.work.folded_into is not None:
        raise IllegalMove(f"case {case.id} was joined to case {case.work.folded_into}: work on that one")
    if actor.machine != (actor.role == MACHINE):
        raise IllegalMove("the machine acts in the role of the machine, and nobody else does")
    if not actor.machine:
        _somebody(case, actor)
    instead = decider(case, actor.members)
    # Whoever decides instead of the deputy may do what the deputy may.
    roles = dict.fromkeys((*chosen.roles, instead) if instead and "deputy" in chosen.roles else chosen.roles)
    if actor.role not in roles:
        others = any_of(list(roles)) or "only the machine"
        raise IllegalMove(f"role {actor.role} may not {_plain(chosen.verb)}: {others} may")
    movers = dict.fromkeys((*RESTRICTED, instead) if instead else RESTRICTED)
    if restricted(case) and actor.role not in (*movers, MACHINE) and chosen.verb not in UNRESTRICTED:
        raise IllegalMove(f"case {case.id} is restricted (safeguarding): {any_of(list(movers))} may move it")
    if instead and chosen.verb in DECISIVE and actor.role != instead:
        raise IllegalMove(
            f"case {case.id} names somebody who would decide: only role {instead} may {_plain(chosen.verb)} it"
        )


def _somebody(case: Case, actor: Actor) -> None:
    if actor.role not in ROLES:
        raise IllegalMove(f"unknown role {actor.role}: one of {', '.join(ROLES)}")
    if actor.members and actor.role not in actor.held_by(actor.name):
        raise IllegalMove(f"{actor.name} does not hold the role {actor.role}")
    if actor.name in case.conflicts:
        raise IllegalMove(f"case {case.id} names or accuses {actor.name}, who may not act on it")


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


def _ways_open(case: Case, facts: Facts, actor: Actor) -> None:
    unknown = [route for route in facts.routes if route not in actor.book]
    if unknown:
        raise IllegalMove(f"unknown route {unknown[0]}: one of {', '.join(actor.book)}")
    for route in locked(case, facts.routes, actor.book):
        why = why_locked(case, actor.book[route])
        raise IllegalMove(f"route {route} is locked on case {case.id}: {why}")
    removal = [route for route in facts.routes if actor.book[route].kind == guards.REMOVAL]
    if removal and case.work.upheld is None:
        raise IllegalMove(f"route {removal[0]} {_GROUND}")


def _over(case: Case) -> tuple[str, ...]:
    """The guards that lock a route now; criticism stays on record, and locks no more once it is none."""
    return tuple(guard for guard in case.guards if guard != "criticism" or not freed(case))


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
            f"also {any_of(sorted(THE_LINE))}"
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
    "act": (_decided_to_act, _ways_open, _second_person),
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


def any_of(names: Sequence[str]) -> str:
    """Some roles in words, without the machine's: "governance, deputy or dpo"."""
    shown = [name for name in names if name != MACHINE]
    return " or ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)
