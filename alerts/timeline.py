"""Every telling of a case that is planned, in order: who, when, by which channel and why. Pure.

    steps of the case (course) -> who is there to be told (roster) -> Planned, one for each person and channel

The plan writes what of it is due, ``redshank alerts test`` prints it, and the auditor demands that it was done.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.addresses import fingerprint
from alerts.course import Step, steps
from alerts.roster import Reach, Roster, first_for_each, sentence
from alerts.rules import Rules
from alerts.telling import Telling
from alerts.words.phrases import age_words
from core.telling import Occasion
from core.types import Severity
from core.work import Member, Situation
from core.worktime import Calendar

LATE = timedelta(hours=1)
# Most cases have a step within a day; the last is long enough for any: a hold without an end, or five working days,
# are spoken of sooner.
AHEAD = (timedelta(hours=1), timedelta(days=4), timedelta(days=60))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One person is to be told one thing by one channel at a moment.

    ``step`` is first, repeat, escalate, reminder, deleted or clock, ``member`` the id of the person, ``to`` the address
    (of a further channel: its name). ``why`` is the reason, ``note`` what is out of the ordinary: who is told in whose
    place. ``late`` says that it is, and how late. ``group`` says with what it may share a message.
    """

    at: datetime
    occasion: Occasion
    step: str
    role: str
    member: str
    to: str
    channel: str
    why: str
    note: str
    late: str
    group: str


def timeline(
    situation: Situation, roster: Roster, rules: Rules, calendar: Calendar, *, until: datetime
) -> list[Planned]:
    """What will be told of a case up to a moment if nobody does anything, by the rota at each moment."""
    telling = Telling(situation, roster, rules, calendar)
    return [planned for step in steps(telling, until) for planned in people(telling, step, step.at)]


def due(telling: Telling, told: dict[str, str], now: datetime) -> list[Step]:
    """The steps that are due and not told: of each course the latest alone. ``told`` comes from ``marks``."""
    latest: dict[str, Step] = {}
    for step in steps(telling, now, after=now):
        if step.mark > told.get(step.course, ""):
            latest[step.course] = step
    return list(latest.values())


def next_due(
    situations: Sequence[Situation],
    roster: Roster,
    rules: Rules,
    calendar: Calendar,
    *,
    sent: Set[str],
    now: datetime,
) -> datetime | None:
    """When something is next to be told of any of these cases: now if it is due; None if never."""
    told, moments = marks(sent), list[datetime]()
    for situation in situations:
        telling = Telling(situation, roster, rules, calendar)
        if due(telling, told, now):
            return now
        moments += [ahead.at for ahead in [following(telling, now)] if ahead]
    return min(moments, default=None)


def following(telling: Telling, now: datetime) -> Step | None:
    """The next step of a case after a moment, as things stand."""
    for ahead in AHEAD:
        later = (step for step in steps(telling, now + ahead, after=now) if step.at > now)
        if found := next(later, None):
            return found
    return None


def marks(sent: Set[str]) -> dict[str, str]:
    """How far each course of each case was told: its highest mark among the keys of the occasions in ``sent``."""
    found: dict[str, str] = {}
    for key in sent:
        if key.startswith("case/"):
            course, mark, *_ = key.rsplit("/", 3)
            found[course] = max(mark, found.get(course, ""))
    return found


def revision(key: str) -> str:
    """The case and its revision, as the key of an occasion begins (``Telling.name``)."""
    return "/".join(key.split("/", 3)[:3])


def people(telling: Telling, step: Step, at: datetime, deaf: Set[str] = frozenset()) -> Iterator[Planned]:
    """Whom a step is told if it is told at ``at``: each person and each channel once.

    ``deaf`` are ways that reach nobody, as keys end ("mail/<fingerprint>"): another way is taken, else other people.
    """
    case, seen = telling.case, set[tuple[str, str]]()
    urgent = case.severity is Severity.critical
    for role, member, note in first_for_each(_reached(telling, step, at, deaf)):
        ways = _ways(telling, member, deaf)
        one_way = "no second channel for this person" if urgent and len(ways) == 1 else ""
        late = f"told late, {age_words(at - step.at)} after it {_since(step)}" if at - step.at >= LATE else ""
        for channel, to in ways if urgent else ways[:1]:
            if (channel, to) not in seen:
                seen.add((channel, to))
                yield Planned(
                    at=step.at,
                    occasion=Occasion(key=f"{step.course}/{step.mark}/{way(channel, to)}", case_id=case.id),
                    step=step.name,
                    role=role,
                    member=member.id,
                    to=to,
                    channel=channel,
                    why=step.why,
                    note=sentence(note, one_way),
                    late=late,
                    group="critical" if urgent else "lesser",
                )


def way(channel: str, to: str) -> str:
    """How somebody is told, as it ends the key of an occasion."""
    return f"{channel}/{fingerprint(to)}"


def way_of(key: str) -> str:
    """How somebody was told, from the key of an occasion (see ``way``)."""
    return "/".join(key.rsplit("/", 2)[1:])


def _ways(telling: Telling, member: Member, deaf: Set[str]) -> tuple[tuple[str, str], ...]:
    """The ways that reach a member; where none is known to, all of them: better than not to try."""
    every = telling.roster.ways(member, telling.exclude)
    return tuple(one for one in every if way(*one) not in deaf) or every


def _deaf(telling: Telling, deaf: Set[str]) -> frozenset[str]:
    """The ids of those whom no way reaches; nobody where that is everybody who may be told."""
    if not deaf:
        return frozenset()
    there = [one for one in telling.roster.members if one.roles and one.id not in telling.barred]
    lost = [one for one in there if {way(*one) for one in telling.roster.ways(one, telling.exclude)} <= deaf]
    return frozenset(one.id for one in lost) if len(lost) < len(there) else frozenset()


def _since(step: Step) -> str:
    return "was found" if step.name == "first" else "was due"


def _reached(telling: Telling, step: Step, at: datetime, deaf: Set[str]) -> Iterator[tuple[str, Reach]]:
    """Who is there for each role of a step; first of all whoever it is meant for, where that person may be told."""
    roster, urgent = telling.roster, telling.case.severity is Severity.critical
    unreached = _deaf(telling, deaf)
    roles, out = step.roles, telling.barred | unreached
    one = roster.member(step.who) if step.who else None
    if one and one.id not in out and not roster.on_leave(one, at):
        yield (one.roles[0] if one.roles else telling.recipients[0]), Reach((one,))
    else:
        roles = roles or telling.recipients
    for role in roles:
        reach = roster.reach(role, at, exclude=telling.exclude | unreached, urgent=urgent)
        held = {one.id for one in roster.holders(role)}
        if held & unreached and not held & {one.id for one in reach.members}:
            reach = Reach(reach.members, f"messages to {role} do not arrive")
        yield role, reach
