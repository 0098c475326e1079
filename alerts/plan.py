"""Who is to be told what of the cases, now: pure decisions over what is known and what was told before.

    situations -> what of their timelines is due and untold -> one message for each address and channel

``sent`` always holds the keys of every occasion already in the outbox, whatever became of it; planning again
with the keys of an earlier plan yields nothing.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from alerts.roster import Roster, sentence
from alerts.rules import Rules
from alerts.silences import silenced
from alerts.telling import Telling
from alerts.timeline import Planned, due, marks, people, revision, way_of
from alerts.words.phrases import and_list, count
from core.telling import Notice
from core.types import Case, Severity
from core.work import Silence, Situation
from core.worktime import Calendar

# What must not share a message with other cases, whoever reads it: a critical case that somebody first hears of.
ALONE = frozenset({"first", "escalate"})
_STEPS = {
    "first": "told for the first time",
    "repeat": "of which nobody has taken note",
    "escalate": "now told to you too",
    "reminder": "on which nothing moves",
    "deleted": "which is deleted where it was said",
    "clock": "whose time runs out or is over",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The messages to write, gravest and then oldest first, and the numbers of the cases that a silence kept back."""

    notices: list[Notice] = field(default_factory=list)
    silenced: tuple[int, ...] = ()


def plan(
    situations: Sequence[Situation],
    roster: Roster,
    rules: Rules,
    calendar: Calendar,
    *,
    sent: Set[str],
    now: datetime,
    silences: Sequence[Silence] = (),
    lost: Set[str] = frozenset(),
) -> Plan:
    """The messages that are due at once. All that is due for one address and channel is one message.

    Critical cases stand apart from lesser ones, and one that somebody first hears of stands alone. Whoever is
    there now is told, also of what was due before. A silence keeps back everything about a case but a clock that
    has run out, and the law's clock. ``lost`` are the keys among ``sent`` whose message was refused, came back or
    was replaced: a case of which every message was lost is told at once to others.
    """
    deaf, cases = _deaf(sent, lost), {one.case.id: one.case for one in situations}
    told = marks({key for key in sent if revision(key) not in deaf} if deaf else sent)
    quiet = silenced(cases.values(), silences, now)
    ready: list[Planned] = []
    kept_back: set[int] = set()
    for situation in situations:
        telling = Telling(situation, roster, rules, calendar)
        for step in due(telling, told, now):
            if situation.case.id in quiet and not step.breaks_silence:
                kept_back.add(situation.case.id)
            else:
                ready += people(telling, step, now, deaf.get(telling.name, frozenset()))
    ready = [one for one in ready if one.occasion.key not in sent]
    ready.sort(key=lambda one: (_grave(cases[one.occasion.case_id or 0]), one.at, one.occasion.key))
    notices = [_notice(some) for group in _groups(ready) for some in _batches(group, rules.cases_a_message)]
    return Plan(notices, tuple(sorted(kept_back)))


def _deaf(sent: Set[str], lost: Set[str]) -> dict[str, set[str]]:
    """The ways by which messages were lost, for each case at one revision of which none arrived or is on its way."""
    if not lost:
        return {}
    found: dict[str, set[str]] = defaultdict(set)
    for key in lost:
        found[revision(key)].add(way_of(key))
    reached = {revision(key) for key in sent - lost}
    return {name: ways for name, ways in found.items() if name not in reached}


def _grave(case: Case) -> tuple[int, datetime, int]:
    return (-case.severity, case.detected_at, case.id)


def _groups(ready: Sequence[Planned]) -> list[list[Planned]]:
    """What shares a message: an address and a channel, critical apart, and alone what is first heard of."""
    news = {
        (one.to, one.channel, one.occasion.case_id)
        for one in ready
        if one.group == str(Severity.critical) and one.step in ALONE
    }
    groups: dict[tuple[object, ...], list[Planned]] = defaultdict(list)
    for one in ready:
        case = (one.to, one.channel, one.occasion.case_id)
        groups[case if case in news else (one.to, one.channel, one.group)].append(one)
    return list(groups.values())


def _batches(group: Sequence[Planned], most: int) -> Iterator[list[Planned]]:
    """A group in parts of so many cases; all that concerns one case stays together."""
    by_case: dict[int | None, list[Planned]] = defaultdict(list)
    for one in group:
        by_case[one.occasion.case_id].append(one)
    parts = list(by_case.values())
    for start in range(0, len(parts), most):
        yield [one for part in parts[start : start + most] for one in part]


def _notice(parts: Sequence[Planned]) -> Notice:
    first = parts[0]
    keys = sorted(one.occasion.key for one in parts)
    digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32]
    return Notice(
        key=f"case/{digest}",
        kind="case",
        role=first.role,
        to=first.to,
        channel=first.channel,
        why=sentence(
            _reason(parts), f"sent to you as {first.role}", *(one.note for one in parts), _latest(parts)
        ),
        occasions=tuple(one.occasion for one in parts),
    )


def _latest(parts: Sequence[Planned]) -> str:
    """How late the message is, by what of it has waited longest; "" where nothing has."""
    late = [one for one in parts if one.late]
    return min(late, key=lambda one: one.at).late if late else ""


def _reason(parts: Sequence[Planned]) -> str:
    if len({one.occasion.case_id for one in parts}) == 1:
        return sentence(*(one.why for one in parts))
    cases = len({one.occasion.case_id for one in parts})
    steps = Counter(step for step, _ in {(one.step, one.occasion.case_id) for one in parts})
    said = [f"{steps[name]} {words}" for name, words in _STEPS.items() if steps[name]]
    return f"{count(cases, 'case')}: {and_list(said)}"
