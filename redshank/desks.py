"""What the commands of case work share: the desk, who sits at it, and how a case is put into words."""

import getpass
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from core.errors import RedshankError
from core.types import Case, CaseState, Copy, Step
from core.vocabulary import GUARDS
from core.work import Action, Clock
from policies.books import books
from policies.guards import steps as guard_steps
from policies.moves import Facts
from redshank import terminal
from redshank.working import open_house

if TYPE_CHECKING:
    from flows.wiring import House
    from review.casefile import File
    from review.desk import Desk, Who

NumberArgument = Annotated[int, typer.Argument(help="The number of the case.", min=1)]
ByOption = Annotated[
    str,
    typer.Option(
        "--by", envvar="REDSHANK_ACTOR", help="Who you are: a name of the team. [default: your login]"
    ),
]
AsOption = Annotated[
    str,
    typer.Option("--as", "--role", envvar="REDSHANK_ROLE", help="The role you act in, if you hold several."),
]
SHORTEST_REASON = 5  # characters
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; names nobody.")]


def open_desk(ctx: typer.Context) -> tuple["House", "Desk"]:
    """The house of the chosen configuration, and its desk."""
    from review.desk import Desk

    house = open_house(ctx)
    office = house.office
    # Addresses without a name are told of cases; they work none, and where there is no team nobody is asked for.
    team = [member for member in office.members if member.name] if house.settings.team else []
    desk = Desk(house.engine, office.books.route, now=house.now, members=team, calendar=office.calendar)
    return house, desk


def sitting(desk: "Desk", by: str, role: str) -> "Who":
    """Whoever runs the command: named, or known by their login."""
    from review.desk import who

    return who(desk.members, by or getpass.getuser(), role)


def reader(desk: "Desk", by: str, role: str) -> "Who | None":
    """Whoever reads: named, or a member known by their login; None where it is nobody in particular.

    A member of several roles who says none is known by name all the same: a case that accuses them is not for them.
    """
    from review.desk import Who

    me = name(desk, by)
    member = next((one for one in desk.members if one.id == me), None)
    if role or (by and desk.members and member is None):
        return sitting(desk, by, role)
    if member is None:
        return Who(me, "") if by else None
    return Who(me, member.roles[0] if len(member.roles) == 1 else "")


def name(desk: "Desk", by: str) -> str:
    """The id of whoever runs the command, whatever their role."""
    mine = (by or getpass.getuser()).casefold()
    return next(
        (one.id for one in desk.members if mine in (one.id, one.name.casefold(), one.mail.casefold())), mine
    )


def why(reason: str) -> str:
    """A reason as it goes on record; raises RedshankError where it is too short to tell anybody anything."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise RedshankError("--reason: say why in a few words, for whoever reads the digest or the log")
    return reason.strip()


def one_of(values: tuple[str, ...]) -> str:
    """The help of an argument that takes a closed list."""
    return f"One of {', '.join(values)}."


def zone(ctx: typer.Context) -> ZoneInfo:
    """The organisation's time zone, in which a day is meant."""
    return open_house(ctx).settings.zone


def take(
    ctx: typer.Context,
    number: int,
    verb: str,
    reason: str,
    *,
    by: str,
    role: str,
    as_json: bool,
    facts: Facts | None = None,
) -> None:
    """Take one step on a case and say where it stands then."""
    house, desk = open_desk(ctx)
    after = desk.take(number, verb, sitting(desk, by, role), reason, facts or Facts())
    tell(house, desk, after.id, f"case {after.id}: {_plain(after.state)}", as_json=as_json)


def tell(house: "House", desk: "Desk", number: int, line: str, *, as_json: bool) -> None:
    """What a command did: one line, or the whole case as JSON."""
    if as_json:
        file = desk.show(number)
        terminal.print_json(document(file, house.office.clocks(file.case), house.now()))
    else:
        terminal.out().print(line, soft_wrap=True)


def lines(file: "File", clocks: tuple[Clock, ...], now: datetime) -> list[str]:
    """A case in lines: why it is one, where it stands, its copies and its record. No text."""
    case, work = file.case, file.case.work
    stands = [
        ("for", work.assignee),
        ("confirmed by a person", _when(work.aware_at)),
        ("our own breach", "" if work.own_breach is None else "yes" if work.own_breach else "no"),
        ("decided", _when(work.decided_at)),
        ("outcome", _plain(work.outcome)),
        ("on hold until", _when(work.hold_until)),
        ("joined to case", str(work.folded_into or "")),
    ]
    return [
        f"case {case.id}: {case.severity}, {_plain(case.state)}, found {_when(case.detected_at)}",
        f"labels: {', '.join(case.labels) or 'none for sure'}; to check: {', '.join(case.ask) or 'nothing'}",
        f"told: {', '.join(case.recipients)}",
        *(f"{name}: {value}" for name, value in stands if value),
        *(f"guard: {GUARDS.get(guard, guard)}" for guard in case.guards),
        *(f"clock: {_clock(clock, now)}" for clock in clocks),
        *_routes(file),
        *(
            f"aimed at one person: {one.posts} posts by {one.authors} authors within a day"
            f"{', a pile-on' if one.pile_on else ''}"
            for one in file.aimed
        ),
        *(f"do: {step}" for step in guard_steps(case.guards, books().route)),
        *(f"why: {reason}" for reason in case.reasons),
        *(_copy(one, file.caught.get(one.mention_id, "")) for one in case.copies),
        *(f"related: copy {one.copy} and mention {one.other} ({one.how})" for one in file.related),
        *(_action(one) for one in file.actions),
        *(f"step: {_when(one.at)} {_step(one)}" for one in file.steps),
    ]


def document(file: "File", clocks: tuple[Clock, ...], now: datetime) -> dict[str, object]:
    """A case as JSON; no text."""
    case = file.case
    return summary(case) | {
        "clocks": [
            {
                "name": one.name,
                "owner": one.owner,
                "due_at": one.due_at.isoformat(),
                "met_at": _iso(one.met_at),
                "paused": one.paused,
                "late": one.late(now),
            }
            for one in clocks
        ],
        "open": list(file.open),
        "locked": list(file.locked),
        "aimed": [asdict(one) for one in file.aimed],
        "related": [asdict(one) for one in file.related],
        "caught": {str(number): version for number, version in file.caught.items()},
        "actions": [
            {
                "id": one.id,
                "route": one.route,
                "state": str(one.state),
                "drafted_by": one.drafted_by,
                "approved_by": one.approved_by,
                "sent_at": _iso(one.sent_at),
                "answer_due_at": _iso(one.answer_due_at),
                "reference": one.reference,
                "answer": one.answer,
            }
            for one in file.actions
        ],
        "steps": [
            {
                "at": one.at.isoformat(),
                "step": one.verb,
                "from": one.before and str(one.before),
                "to": str(one.after),
                "actor": one.actor,
                "role": one.role,
                "reason": one.reason,
            }
            for one in file.steps
        ],
    }


def summary(case: Case) -> dict[str, object]:
    """A case as JSON, without its record."""
    work = {
        name: _iso(value) if isinstance(value, datetime) else value
        for name, value in asdict(case.work).items()
    }
    return {
        "id": case.id,
        "state": str(case.state),
        "severity": str(case.severity),
        "labels": list(case.labels),
        "ask": list(case.ask),
        "tags": list(case.tags),
        "clauses": list(case.clauses),
        "recipients": list(case.recipients),
        "routes": list(case.routes),
        "guards": list(case.guards),
        "conflicts": list(case.conflicts),
        "reasons": list(case.reasons),
        "detected_at": case.detected_at.isoformat(),
        "revision": case.revision,
        "work": work,
        "copies": [
            {"mention": one.mention_id, "source": one.source, "url": one.url, "sealed": one.sealed}
            for one in case.copies
        ],
    }


def _copy(copy: Copy, version: str) -> str:
    gone = f", deleted there {_when(copy.deleted_at)}" if copy.deleted_at else ""
    caught = f", caught by query {version}" if version else ""
    return f"copy: {copy.mention_id} {copy.source} {_link(copy)}{gone}{caught}"


def _link(copy: Copy) -> str:
    if copy.sealed:
        return "sealed"
    return copy.url or "(its link opens to those who may read its text: say who you are with --as)"


def _routes(file: "File") -> list[str]:
    found = [f"routes: {', '.join(file.open)}"] if file.open else []
    return found + ([f"locked routes: {', '.join(file.locked)}"] if file.locked else [])


def _clock(clock: Clock, now: datetime) -> str:
    if clock.paused:
        state = "paused"
    elif clock.met_at:
        state = f"met {_when(clock.met_at)}" + (", late" if clock.late(now) else "")
    else:
        state = "run out" if clock.late(now) else "running"
    return (
        f"{_plain(clock.name)} within {clock.allowance}, due {_when(clock.due_at)}: {state} ({clock.owner})"
    )


def _action(action: Action) -> str:
    rest = [f"reference {action.reference}" if action.reference else "", action.answer]
    if action.answer_due_at:
        rest.append(f"answer due {_when(action.answer_due_at)}")
    said = "; ".join(one for one in rest if one)
    return f"action {action.id}: {action.route}, {action.state}" + (f" ({said})" if said else "")


def _step(step: Step) -> str:
    moved = f" ({_plain(step.before)})" if step.before not in (None, step.after) else ""
    reason = "" if step.actor == "machine" else f": {step.reason}"
    return f"{_plain(step.after)}{moved} by {step.actor} ({step.role}), {_plain(step.verb)}{reason}"


def _plain(word: CaseState | str | None) -> str:
    return (word or "").replace("_", " ")


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
