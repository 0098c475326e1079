"""Moving a case: ``move`` says whether a person may, and what the case is then. Pure; the table is policies.moves.

    where it stands -> who may -> what is stated -> policies.checks -> the case after it, and the step

``python -m policies.lifecycle`` draws the table into ``docs/cases.md``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.types import Case, CaseState, Severity, Step
from core.vocabulary import GUARDS, ROLES
from core.work import Member
from policies import guards
from policies.books import Route
from policies.checks import CHECKS, Actor, answers, decider, freed, may
from policies.moves import ASKED, BACK, CHOICES, MOVES, NOTHING_TO_DO, VERBS, Facts, IllegalMove, Move

NOTHING_STATED = Facts()
_FIRST_ONLY = frozenset({"seen_at", "aware_at"})
# Whoever a diverted case is for is told.
_DIVERTED_TO = {"speak_up": "speak_up", "safeguarding_record": "safeguarding"}


def move(
    case: Case,
    verb: str,
    *,
    actor: str,
    role: str,
    at: datetime,
    reason: str,
    facts: Facts = NOTHING_STATED,
    members: Sequence[Member] = (),
    book: Mapping[str, Route] | None = None,
) -> tuple[Step, Case]:
    """The step that ``verb`` takes on a case, and the case after it.

    ``actor`` is a member's id, or any name where there is no list of members; ``machine`` is the program itself.
    ``book`` are the routes that there are, needed to act and to offer what a guard puts first.

    Raises:
        IllegalMove: it may not be done now, or not by this person, or something is missing for it.
    """
    if not all(word.strip() for word in (actor, role, reason)):
        raise IllegalMove(
            "every step is taken by somebody, in a role and for a reason: one of them is missing"
        )
    who = Actor(name=actor, role=role, members=members, book=book or {})
    chosen = _line(case, verb, facts)
    may(case, chosen, who)
    _stated(chosen, facts)
    for check in CHECKS.get(verb, ()):
        check(case, facts, who)
    after = _after(case, chosen, facts, at=at, who=who)
    return (
        Step(
            case_id=case.id,
            before=case.state,
            after=after.state,
            actor=actor,
            role=role,
            at=at,
            reason=reason.strip(),
            verb=verb,
        ),
        after,
    )


def way(state: CaseState, goals: Iterable[CaseState]) -> tuple[str, ...]:
    """The verbs of a shortest way from a state to any of ``goals``; none where it is there or cannot get there."""
    wanted = set(goals)
    found: dict[CaseState, tuple[str, ...]] = {state: ()}
    waiting = [state]
    while waiting:
        here = waiting.pop(0)
        if here in wanted:
            return found[here]
        for one in MOVES:
            if here in one.before and isinstance(one.after, CaseState) and one.after not in found:
                found[one.after] = (*found[here], one.verb)
                waiting.append(one.after)
    return ()


def _line(case: Case, verb: str, facts: Facts) -> Move:
    """The line of the table that fits the state and the outcome; IllegalMove says what to do first."""
    lines = [one for one in MOVES if one.verb == verb]
    if not lines:
        raise IllegalMove(f"unknown step {verb}: one of {', '.join(VERBS)}")
    if case.work.folded_into is not None:
        return lines[0]  # which is refused with a better reason
    here = [one for one in lines if case.state in one.before]
    if not here:
        raise IllegalMove(_first(case, [state for one in lines for state in one.before]))
    fitting = [one for one in here if not facts.outcome or facts.outcome in one.outcomes]
    if not fitting and here[0].outcomes:
        known = ", ".join(dict.fromkeys(outcome for one in here for outcome in one.outcomes))
        raise IllegalMove(
            f"{facts.outcome} is no outcome of a case that is {_plain(case.state)}: one of {known}"
        )
    return (fitting or here)[0]


def _first(case: Case, goals: Sequence[CaseState]) -> str:
    """What a case is, and the first thing to do so that it becomes one of ``goals``."""
    verbs = ("resume",) if case.state is CaseState.on_hold else way(case.state, goals)
    if not verbs:
        return f"case {case.id} is {_plain(case.state)} already"
    first = verbs[1] if len(verbs) > 1 and verbs[0] == "triage" else verbs[0]  # a review has both in it
    return (
        f"case {case.id} is {_plain(case.state)}: `redshank case {first.replace('_', '-')} {case.id}` first"
    )


def _stated(chosen: Move, facts: Facts) -> None:
    stated = facts.record()
    missing = [name for name in chosen.needs if name not in stated and getattr(facts, name) in (None, "")]
    missing += [name for name in ("routes",) if name in chosen.needs and not facts.routes]
    if missing:
        wanted = "; ".join(ASKED[name] for name in missing)
        raise IllegalMove(f"to {_plain(chosen.verb)} a case, say {wanted}")
    for name, allowed in (CHOICES | {"to": chosen.destinations}).items():
        value = getattr(facts, name)
        if value and allowed and value not in allowed:
            raise IllegalMove(f"unknown {_plain(name)} {value}: one of {', '.join(allowed)}")


def _after(case: Case, chosen: Move, facts: Facts, *, at: datetime, who: Actor) -> Case:
    """The case once the move is made: state, moments and stated values, then what is particular to the verb."""
    sets, work = set(chosen.sets), case.work
    changes: dict[str, Any] = {
        name: getattr(facts, name) for name in ("outcome", "own_breach", "upheld") if name in sets
    }
    if facts.own_breach and "own_breach" in sets:
        sets.add("aware_at")
    if answers(case, who) and chosen.verb != "seal":
        sets |= {"seen_at", "moved_at"}
    if "renewed_at" in sets:
        work = replace(work, seen_at=None)  # to come anew
    for name in [one for one in sets if one.endswith("_at")]:
        kept = getattr(work, name) if name in _FIRST_ONLY else None
        changes[name] = kept or _not_before(at, getattr(case.work, name))
    if chosen.verb == "hold":
        changes |= {"held_from": case.state, "hold_until": facts.until}
    changes |= {name: "" if name == "outcome" else None for name in chosen.clears}
    if chosen.after == BACK:
        state = work.held_from or CaseState.in_review
    else:
        state = CaseState(chosen.after) if chosen.after else case.state
    after = replace(case, state=state, work=replace(work, **changes))
    particular = _PARTICULAR.get(chosen.verb)
    return particular(after, facts, who, at) if particular else after


def _not_before(at: datetime, last: datetime | None) -> datetime:
    """Another machine's clock may be behind: no moment comes before the last of its kind."""
    return max(at, last or at)


def _decided(case: Case, facts: Facts, who: Actor, at: datetime) -> Case:
    outcome = "" if facts.decision == "act" else NOTHING_TO_DO
    decided = _breach(replace(case, work=replace(case.work, outcome=outcome)), facts, who, at)
    if "criticism" not in case.guards or not freed(decided):
        return decided
    # What the guard withheld is offered now that a person has confirmed more than an accusation.
    removal = [route.id for route in who.book.values() if route.kind == guards.REMOVAL]
    return replace(decided, routes=tuple(dict.fromkeys((*decided.routes, *removal))))


def _breach(case: Case, facts: Facts, _who: Actor, _at: datetime) -> Case:
    """Whoever reports a breach of ours to the Information Commissioner is told of it."""
    return _tell(case, "dpo") if facts.own_breach else case


def _reviewed(case: Case, facts: Facts, who: Actor, _at: datetime) -> Case:
    if not facts.conflicts:
        return case
    conflicts = tuple(dict.fromkeys((*case.conflicts, *facts.conflicts)))
    assignee = "" if case.work.assignee in conflicts else case.work.assignee
    named = replace(case, conflicts=conflicts, work=replace(case.work, assignee=assignee))
    under = _guard(named, "conflict", who)
    return _tell(under, decider(under, who.members))


def _acted(case: Case, _facts: Facts, _who: Actor, _at: datetime) -> Case:
    return replace(case, work=replace(case.work, outcome=""))


def _diverted(case: Case, facts: Facts, who: Actor, _at: datetime) -> Case:
    told = _tell(case, _DIVERTED_TO[facts.to]) if facts.to in _DIVERTED_TO else case
    if facts.to != "speak_up":
        return told
    return _guard(replace(told, work=replace(told.work, released_at=None)), "speak_up", who)


def _sealed(case: Case, _facts: Facts, who: Actor, at: datetime) -> Case:
    """Sealed and critical; whoever sealed it has shut it and not dealt with it, so all its clocks are to be met."""
    if case.severity < Severity.critical:
        renewed_at = _not_before(at, case.work.renewed_at)
        case = replace(
            case,
            severity=Severity.critical,
            revision=case.revision + 1,
            work=replace(case.work, renewed_at=renewed_at, seen_at=None, acted_at=None),
        )
    return _tell(_guard(case, "sealed", who), "safeguarding")


def _assigned(case: Case, facts: Facts, _who: Actor, _at: datetime) -> Case:
    return replace(case, work=replace(case.work, assignee=facts.to))


def _handed_over(case: Case, facts: Facts, who: Actor, at: datetime) -> Case:
    if facts.to not in ROLES:
        return _assigned(case, facts, who, at)
    return _tell(replace(case, work=replace(case.work, assignee="")), facts.to)


def _joined(case: Case, facts: Facts, _who: Actor, _at: datetime) -> Case:
    return replace(case, work=replace(case.work, outcome="joined", folded_into=facts.into))


_PARTICULAR: dict[str, Callable[[Case, Facts, Actor, datetime], Case]] = {
    "decide": _decided,
    "own_breach": _breach,
    "review": _reviewed,
    "act": _acted,
    "divert": _diverted,
    "seal": _sealed,
    "assign": _assigned,
    "hand_over": _handed_over,
    "join": _joined,
}


def _guard(case: Case, guard: str, who: Actor) -> Case:
    """The case under one more guard, with the routes that may be offered then, in the order to try them."""
    over = tuple(one for one in GUARDS if one in (*case.guards, guard))
    routes = guards.offered(case.routes, over, who.book) if who.book else case.routes
    return replace(case, guards=over, routes=routes)


def _tell(case: Case, role: str) -> Case:
    """The case with one more role to tell; its revision rises, so that the role is told."""
    if role in case.recipients:
        return case
    return replace(case, recipients=(*case.recipients, role), revision=case.revision + 1)


def _plain(word: str) -> str:
    return str(word).replace("_", " ")


if __name__ == "__main__":
    from policies import diagram

    diagram.PAGE.write_text(diagram.update(diagram.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
