"""A message about one case or several, as the templates are given it: what it is, what binds it, what to do now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts.caseload import run_out, set_aside
from alerts.offers import Offer
from alerts.words import occasions
from alerts.words.case_heads import headline, step_tags, steps_words
from alerts.words.clocks import ClockRow, clock_name, clock_rows, next_clock, tone
from alerts.words.guards import SEALED, brief_guards, guard_lines
from alerts.words.phrases import (
    age_words,
    and_list,
    count,
    due_words,
    one_line,
    role_words,
    span_words,
    upper_first,
    when_words,
)
from alerts.words.views import (
    CopyRow,
    Link,
    Reader,
    case_link,
    copy_rows,
    joined,
    reason_lines,
    sealed,
    source_words,
    state_words,
    title,
    what_words,
)
from core.telling import Notice
from core.types import Case, CaseState, Severity
from core.work import Clock, Situation

# What a person is asked for, by where the case stands.
_TASKS = {
    CaseState.raised: "Read it, see whether it is about us, and take it or hand it on.",
    CaseState.triaged: "Read it, see whether it is about us, and take it or hand it on.",
    CaseState.reopened: "It came back: read it anew and see what has changed.",
    CaseState.in_review: "Make sure of the facts, then decide with reasons.",
    CaseState.decided: "Take the first of the routes decided on.",
    CaseState.actioning: "See whether there is an answer; where there is none in time, take the next route.",
    CaseState.verifying: "Make sure that it is gone: the link, search results, quotes and copies.",
    CaseState.on_hold: "Nothing but to look whether the hold is still right.",
    CaseState.diverted: "Nothing here: it was handed over.",
    CaseState.closed: "Nothing: it has been closed meanwhile.",
}
_GROWN = {
    CaseState.on_hold: "It has grown while it was on hold: read it anew, and see whether the hold is still right.",
    CaseState.diverted: "It has grown since it was handed over: read it anew.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case in full; what may not be shown to the reader is empty."""

    number: int
    severity: str
    what: str
    found: str
    told: tuple[str, ...]
    danger: bool
    state: str
    noted: str
    clocks: tuple[ClockRow, ...]
    guards: tuple[str, ...]
    emergency: tuple[str, ...]
    task: str
    routes: tuple[str, ...]
    waiting: tuple[str, ...]
    clauses: tuple[str, ...]
    reasons: tuple[str, ...]
    copies: tuple[CopyRow, ...]
    more: str
    link: Link

    @property
    def clock_lines(self) -> tuple[str, ...]:
        """The clocks as plain lines."""
        return tuple(f"{upper_first(one.name)}: {one.words} ({one.owner})" for one in self.clocks)

    @property
    def state_lines(self) -> tuple[str, ...]:
        """The state as plain lines."""
        return (self.state, *((f"Taken note of by {self.noted}",) if self.noted else ()))

    @property
    def copy_lines(self) -> tuple[str, ...]:
        """The copies as plain lines; the first one's link stands above."""
        lines = [
            f"{one.source}, {one.found}{f': {one.link.url}' if one.link.url and place else ''}"
            for place, one in enumerate(self.copies)
        ]
        return (*lines, *((self.more,) if self.more else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case among others: ``aside`` stands in a column of its own, in the colour ``tone``."""

    number: int
    severity: str
    what: str
    words: str
    aside: str
    tone: str
    link: Link


def case_view(
    notice: Notice,
    situation: Situation,
    reader: Reader,
    *,
    emergency: Sequence[str],
    offer: Offer,
    titles: Mapping[str, str],
) -> CaseView:
    """A case on its own."""
    case, plain = situation.case, not reader.discreet
    copies = copy_rows(case, reader)
    rest = len(case.copies) - len(copies)
    found = (
        f"Found {when_words(case.detected_at, reader.tz)} ({span_words(reader.now - case.detected_at)} ago)"
    )
    steps = occasions.steps(notice, case.id)
    return CaseView(
        number=case.id,
        severity=str(case.severity),
        what=title(case, reader),
        found=found if plain else "",
        told=occasions.sentences(steps, situation, discreet=reader.discreet),
        danger=case.severity is Severity.critical,
        state=state_words(case),
        noted=_noted_words(situation, reader),
        clocks=clock_rows(situation, reader.now, reader.tz, reader.discreet),
        guards=guard_lines(case) if plain else (),
        emergency=_lines(emergency) if plain and sealed(case) else (),
        task=_task(case),
        routes=_routes(offer.open, titles) if plain else (),
        waiting=_waiting(offer.waiting, titles) if plain else (),
        clauses=tuple(one_line(clause, 120) for clause in case.clauses) if plain else (),
        reasons=reason_lines(case, reader),
        copies=copies,
        more=f"and {count(rest, 'more copy', 'more copies')}" if rest and reader.full else "",
        link=case_link(case, reader),
    )


def case_row(situation: Situation, reader: Reader, tag: str) -> CaseRow:
    """A case among several: for which step it is told, its state, what binds it, and its first clock."""
    case, clock = situation.case, next_clock(situation)
    plain = not reader.discreet
    words = joined(
        tag,
        state_words(case),
        *(brief_guards(case) if plain else ()),
        f"found {age_words(reader.now - case.detected_at)} ago" if plain else "",
        source_words(case, reader),
        ", ".join(one_line(clause, 60) for clause in case.clauses[:3]) if plain else "",
    )
    return CaseRow(
        number=case.id,
        severity=str(case.severity),
        what=what_words(case) if plain else "",
        words=words,
        aside=due_cell(clock, reader) if clock else "no clock runs",
        tone=tone(clock, reader.now) if clock else "muted",
        link=case_link(case, reader),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What to do at once about one sealed case."""

    number: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesView:
    """Several cases in a table, and what is sealed among them with what to do at once."""

    headline: str
    told: str
    rows: tuple[CaseRow, ...]
    sealed: str
    emergencies: tuple[Emergency, ...]
    danger: bool
    gravest: Link
    unlinked: bool


def cases_view(
    notice: Notice, situations: Sequence[Situation], reader: Reader, steps: Mapping[int, Sequence[str]]
) -> CasesView:
    """Several cases, in the order in which they are given."""
    tags = step_tags(notice, situations)
    closed = [one.case.id for one in situations if sealed(one.case) and not reader.discreet]
    return CasesView(
        headline=headline(situations),
        told=steps_words(notice, situations),
        rows=tuple(
            case_row(one, reader, "" if len(set(tags)) == 1 else tag)
            for one, tag in zip(situations, tags, strict=True)
        ),
        sealed=SEALED,
        emergencies=tuple(Emergency(number=one, steps=_lines(steps.get(one, ()))) for one in closed),
        danger=any(one.case.severity is Severity.critical for one in situations),
        gravest=case_link(situations[0].case, reader),
        unlinked=not reader.site and reader.full,
    )


def _lines(steps: Sequence[str]) -> tuple[str, ...]:
    return tuple(one_line(step) for step in steps)


def due_cell(clock: Clock, reader: Reader) -> str:
    """A clock in a narrow column."""
    name = clock_name(clock.name, reader.discreet)
    if run_out(clock, reader.now):
        return f"{name}: overdue by {span_words(reader.now - clock.due_at)}"
    return f"{name}: by {due_words(clock.due_at, reader.now, reader.tz)}"


def _noted_words(situation: Situation, reader: Reader) -> str:
    """Which roles have taken note of the case as it stands, and when; never who."""
    noted = [one for one in situation.acknowledged if one.revision >= situation.case.revision]
    first = {one.role: one.at for one in sorted(noted, key=lambda one: one.at, reverse=True)}
    return and_list(
        [
            f"{role_words(role)} at {due_words(at, reader.now, reader.tz)}"
            for role, at in sorted(first.items())
        ]
    )


def _task(case: Case) -> str:
    return _TASKS[case.state] if set_aside(case) or case.state not in _GROWN else _GROWN[case.state]


def _routes(routes: Iterable[str], titles: Mapping[str, str]) -> tuple[str, ...]:
    """Routes by their titles, in the order to try them."""
    return tuple(one_line(titles.get(route) or route.replace("_", " "), 80) for route in routes)


def _waiting(routes: Iterable[str], titles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"waits for the speak-up guardian: {title}" for title in _routes(routes, titles))
