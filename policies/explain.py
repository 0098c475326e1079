"""Why a case is one and what may be done about it, as records and as lines. Pure.

    case, pack, books, clocks -> clauses touched, who is told and by when, routes open and locked, law, guards

A case holds no text, so neither does its explanation.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo

from core.types import Case, CaseState, Verdict
from core.vocabulary import GUARDS
from core.work import Clock
from policies.books import Books, Law, Route
from policies.checks import locked, open_routes, why_locked
from policies.guards import steps
from policies.shape import Clause, Pack

_CLOCKS = {
    "first_eyes": "read by a person",
    "owner_told": "owner told",
    "first_route": "first route sent",
    "own_breach": "reported to the Information Commissioner, if it is a breach of ours",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A clause that the case touches: what it asks, and the labels and tags because of which."""

    id: str
    paraphrase: str
    sure: tuple[str, ...]
    perhaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A route of the case; ``shut`` is empty where it is open, else why nobody may take it."""

    id: str
    title: str
    owner: str
    use_when: str
    second_approver: bool
    shut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that follows from the policy for one case; ``ways`` stand in the order in which to try them."""

    severity: str
    clauses: tuple[Touched, ...]
    reasons: tuple[str, ...]
    told: tuple[str, ...]
    clocks: tuple[Clock, ...]
    ways: tuple[Way, ...]
    guards: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    law: tuple[Law, ...]


def explain(case: Case, pack: Pack, found: Books, clocks: Sequence[Clock] = ()) -> Explanation:
    """What ``pack`` and the books say of a case; ``clocks`` are its service levels at work."""
    clauses = [pack.clause(name) or _gone(name) for name in case.clauses]
    return Explanation(
        severity=str(case.severity),
        clauses=tuple(_touched(clause, case) for clause in clauses),
        reasons=case.reasons,
        told=case.recipients,
        clocks=tuple(clocks),
        ways=tuple(_ways(case, clauses, found)),
        guards=tuple((guard, GUARDS[guard]) for guard in case.guards),
        steps=steps(case.guards, found.route),
        law=tuple(_law(case, clauses, found)),
    )


def as_case(verdict: Verdict, now: datetime) -> Case:
    """The case, of no number yet, that a flagged verdict would raise ``now``."""
    return Case(
        id=0,
        state=CaseState.raised,
        severity=verdict.severity,
        labels=verdict.labels,
        ask=verdict.ask,
        clauses=verdict.clauses,
        recipients=verdict.recipients,
        reasons=verdict.reasons,
        detected_at=now,
        tags=verdict.tags,
        routes=verdict.routes,
        guards=verdict.guards,
        conflicts=verdict.conflicts,
    )


def lines(said: Explanation, zone: tzinfo) -> Iterator[str]:
    """The explanation for a person to read, times in their ``zone``."""
    yield f"severity: {said.severity}"
    yield from (f"guard {name}: {sentence}" for name, sentence in said.guards)
    yield from (f"do now: {step}" for step in said.steps)
    yield from (f"clause {one.id}, {_because(one)}: {one.paraphrase}" for one in said.clauses)
    yield f"told: {', '.join(said.told) or 'nobody'}"
    yield from (_clock_line(clock, zone) for clock in said.clocks)
    yield from (f"route {way.id}: {_way_words(way)}" for way in said.ways if not way.shut)
    yield from (f"locked {way.id}: {way.title}; {way.shut}" for way in said.ways if way.shut)
    yield from (
        f"law {one.id}: {one.offence}, {one.statute} ({one.nation}); maximum {one.maximum or 'not said'}; {one.note} "
        f"Checked on {one.checked_on}: {one.source}."
        for one in said.law
    )
    # The sentences on clauses say once more what stands above.
    yield from (f"why: {reason}" for reason in said.reasons if not reason.startswith("Clause "))


def document(said: Explanation) -> dict[str, object]:
    """The explanation as one JSON document; times are UTC, in ISO 8601."""
    return {
        "severity": said.severity,
        "clauses": [asdict(one) for one in said.clauses],
        "reasons": list(said.reasons),
        "told": list(said.told),
        "clocks": [
            {
                "name": clock.name,
                "owner": clock.owner,
                "allowance": clock.allowance,
                "due_at": clock.due_at.isoformat(),
                "met_at": clock.met_at.isoformat() if clock.met_at else None,
                "paused": clock.paused,
            }
            for clock in said.clocks
        ],
        "routes": [asdict(way) for way in said.ways if not way.shut],
        "locked": [asdict(way) for way in said.ways if way.shut],
        "guards": dict(said.guards),
        "steps": list(said.steps),
        "law": [one.model_dump(mode="json") for one in said.law],
    }


def _gone(clause_id: str) -> Clause:
    return Clause(
        id=clause_id,
        paraphrase="The pack has no such clause any more.",
        visible=False,
        reason="The case was raised under another edition.",
    )


def _touched(clause: Clause, case: Case) -> Touched:
    named = (*clause.labels, *clause.tags)
    return Touched(
        id=clause.id,
        paraphrase=clause.paraphrase,
        sure=tuple(label for label in case.labels if label in named),
        perhaps=tuple(word for word in (*case.ask, *case.tags) if word in named),
    )


def _ways(case: Case, clauses: Sequence[Clause], found: Books) -> Iterator[Way]:
    """What may be taken, then what is locked, of the case's routes and of those that its clauses open."""
    book = found.route
    free, shut = open_routes(case, book)
    withheld = locked(case, [route for clause in clauses for route in clause.routes], book)
    for name in free:
        yield _way(book[name])
    for name in dict.fromkeys((*shut, *withheld)):
        yield _way(book[name], why_locked(case, book[name]))


def _way(route: Route, shut: str = "") -> Way:
    return Way(
        id=route.id,
        title=route.title,
        owner=route.owner,
        use_when=route.use_when,
        second_approver=route.second_approver,
        shut=shut,
    )


def _law(case: Case, clauses: Iterable[Clause], found: Books) -> Iterator[Law]:
    """The law of the clauses, as far as it speaks of what this case bears, in the order of the book.

    Where a clause names a law that speaks of nothing else the clause looks for, the clause alone is the link.
    """
    borne = {*case.labels, *case.ask, *case.tags}
    naming = [clause for clause in clauses if clause.law]
    for law in found.law:
        about = {*law.labels, *law.tags}
        if any(
            law.id in clause.law and (about & borne or about.isdisjoint((*clause.labels, *clause.tags)))
            for clause in naming
        ):
            yield law


def _because(one: Touched) -> str:
    parts = [", ".join(one.sure)] if one.sure else []
    if one.perhaps:
        parts.append(f"perhaps {', '.join(one.perhaps)}")
    return "; ".join(parts) or "of another edition"


def _clock_line(clock: Clock, zone: tzinfo) -> str:
    due = clock.due_at.astimezone(zone).strftime("%a %d %b %Y %H:%M")
    state = "met" if clock.met_at else "paused" if clock.paused else f"by {due}"
    return f"clock: {_CLOCKS.get(clock.name, clock.name)} {state} ({clock.allowance}), {clock.owner} answers for it"


def _way_words(way: Way) -> str:
    second = ", with a second approver" if way.second_approver else ""
    return f"{way.title} ({way.owner}{second}). {way.use_when}"
