"""`redshank alerts silence`: keep cases from being told at once, for a while and for a reason."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from core.errors import RedshankError
from core.sections import duration
from core.types import Severity
from core.work import Silence
from redshank import terminal
from redshank.desks import AsOption, ByOption, ReasonOption, open_desk, sitting
from redshank.judging import JsonOption
from redshank.working import open_house

app = typer.Typer(
    help="Keep cases from being told at once, for a while and for a reason.", no_args_is_help=True
)


@app.command()
def add(
    ctx: typer.Context,
    *,
    reason: ReasonOption,
    lasting: Annotated[str, typer.Option("--for", help='How long: "12h", "7d"; 30 days at the most.')],
    by: ByOption = "",
    role: AsOption = "",
    label: Annotated[
        list[str] | None, typer.Option("--label", help="Cases that bear no other label.")
    ] = None,
    severity: Annotated[str, typer.Option("--severity", help="Cases of this severity or less.")] = "",
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Cases of these sources alone.")
    ] = None,
    platform: Annotated[
        list[str] | None, typer.Option("--platform", help="Cases of these platforms alone.")
    ] = None,
    case: Annotated[int | None, typer.Option("--case", help="Only this case.", min=1)] = None,
) -> None:
    """Keep back what matches every criterion. Critical, guarded and safeguarding cases are told all the same."""
    from alerts.silences import check, may_silence
    from storage import silences
    from storage.engine import session

    house, desk = open_desk(ctx)
    person, now = sitting(desk, by, role), house.now()
    may_silence(person.role)
    if severity and severity not in Severity.__members__:
        raise RedshankError(f"{severity!r} is no severity; they are {', '.join(Severity.__members__)}")
    asked = Silence(
        id=0,
        owner=person.id,
        reason=reason,
        starts_at=now,
        ends_at=now + _length(lasting),
        labels=tuple(label or ()),
        severity=Severity[severity] if severity else None,
        sources=tuple(source or ()),
        platforms=tuple(platform or ()),
        case_id=case,
    )
    check(asked, now)
    with session(house.engine) as db:
        made = silences.add(db, asked, role=person.role, now=now)
    terminal.say(f"silence {made.id} until {made.ends_at.astimezone(house.settings.zone):%d %b %H:%M}")


def _length(text: str) -> timedelta:
    try:
        length = duration(text)
    except ValueError as error:
        raise RedshankError(f"--for: {error}") from None
    if not isinstance(length, timedelta):
        raise RedshankError('--for: write it as "12h" or "7d"')
    return length


@app.command("list")
def list_(
    ctx: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the silences in force: whose, why, until when, and what they cover."""
    from rich.table import Table

    from storage import silences
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        found = silences.all_(db, since=None if every else house.now())
    if as_json:
        terminal.print_json([_silence(one) for one in found])
        return
    table = Table("silence", "owner", "until", "covers", "why", box=None)
    for one in found:
        until = f"{one.ends_at.astimezone(house.settings.zone):%d %b %H:%M}"
        table.add_row(str(one.id), one.owner, until, _covers(one), one.reason)
    terminal.out(wide=True).print(table)


def _covers(one: Silence) -> str:
    parts = {
        "labels": ", ".join(one.labels),
        "up to": str(one.severity) if one.severity is not None else "",
        "sources": ", ".join(one.sources),
        "platforms": ", ".join(one.platforms),
        "case": str(one.case_id or ""),
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items() if value)


def _silence(one: Silence) -> dict[str, object]:
    return asdict(one) | {
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "severity": None if one.severity is None else str(one.severity),
    }


@app.command()
def end(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The number of the silence.", min=1)],
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
) -> None:
    """End a silence now: what it kept back and is still due is told at the next turn."""
    from alerts.silences import may_silence
    from storage import silences
    from storage.engine import session

    house, desk = open_desk(ctx)
    person = sitting(desk, by, role)
    may_silence(person.role)
    with session(house.engine) as db:
        silences.end(db, number, actor=person.id, role=person.role, reason=reason, now=house.now())
    terminal.say(f"silence {number} is over")
