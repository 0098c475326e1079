"""`redshank alerts`: who would be told what and when, what is silenced, and what became of every message."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from core.errors import RedshankError
from core.types import Case, CaseState, Work
from core.work import Situation
from redshank import silencing, terminal
from redshank.judging import JsonOption
from redshank.working import open_house

if TYPE_CHECKING:
    from alerts.timeline import Planned
    from flows.wiring import House
    from storage.ledger import Line

app = typer.Typer(help="See who is told what and when, and keep some of it back.", no_args_is_help=True)
app.add_typer(silencing.app, name="silence")

CaseOption = Annotated[int | None, typer.Option("--case", help="Only this case.", min=1)]


@app.command("test")
def rehearse(
    ctx: typer.Context,
    case: Annotated[int, typer.Option("--case", help="The number of the case.", min=1)],
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at",
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            help="As if it were found at this local time, and nobody did anything.",
        ),
    ] = None,
    hours: Annotated[int, typer.Option("--hours", help="How far to look ahead.", min=1, max=24 * 60)] = 48,
    as_json: JsonOption = False,
) -> None:
    """Say who would be told of a case, when, by which channel and why. Nothing is sent and nothing written."""
    from alerts.timeline import timeline
    from flows.situations import open_situations
    from storage import cases
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        found = cases.get(db, case)
        situations = {one.case.id: one for one in open_situations(house, db)} if at is None else {}
    if found is None:
        raise RedshankError(f"there is no case {case}; `redshank case list` shows the open ones")
    zone, now = house.settings.zone, house.now()
    start = at.replace(tzinfo=zone) if at else now
    situation = _supposed(house, found, start) if at else situations.get(case, Situation(case=found))
    until = start + timedelta(hours=hours)
    planned = timeline(
        situation, house.office.routes.roster, house.office.rules, house.office.calendar, until=until
    )
    shown = [one for one in planned if at is not None or one.at > now]
    if as_json:
        terminal.print_json(
            {"case": case, "from": start.isoformat(), "steps": [_document(one) for one in shown]}
        )
        return
    _print_timeline(shown, zone)


def _supposed(house: "House", case: Case, found_at: datetime) -> Situation:
    """The case as if it were found at a moment and nobody had touched it."""
    fresh = replace(case, detected_at=found_at, state=CaseState.triaged, work=Work())
    return Situation(case=fresh, clocks=house.office.clocks(fresh))


def _print_timeline(planned: Sequence["Planned"], zone: ZoneInfo) -> None:
    from rich.table import Table

    from alerts.addresses import fingerprint

    if not planned:
        terminal.say("nothing would be told in that time")
        return
    table = Table("when", "step", "who", "by", "why", box=None)
    for one in planned:
        why = "; ".join(part for part in (one.why, one.note) if part)
        # Whoever is written down as an address alone has no better name than it.
        who = f"{one.to if one.member == fingerprint(one.to) else one.member} ({one.role})"
        table.add_row(f"{one.at.astimezone(zone):%a %d %b %H:%M}", one.step, who, one.channel, why)
    terminal.out(wide=True).print(table)


def _document(one: "Planned") -> dict[str, object]:
    return {
        "at": one.at.isoformat(),
        "step": one.step,
        "role": one.role,
        "member": one.member,
        "channel": one.channel,
        "why": one.why,
        "note": one.note,
        "key": one.occasion.key,
    }


@app.command()
def bounced(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A mail that came back, or - to read it from standard input.")],
    as_json: JsonOption = False,
) -> None:
    """Take in a mail that came back, so that somebody else is told; a mail server can pipe its returns here."""
    from flows.returns import take_in

    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    said = take_in(open_house(ctx), raw)
    if as_json:
        terminal.print_json({"outcome": said})
        return
    terminal.out().print(said, soft_wrap=True)


@app.command()
def ledger(
    ctx: typer.Context,
    case: CaseOption = None,
    number: Annotated[int, typer.Option("-n", help="How many to show.", min=1)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List the latest messages and what became of each: queued, accepted, bounced, refused, acknowledged."""
    from rich.table import Table

    from storage import ledger as book
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        lines = book.lines(db, case_id=case, limit=number)
    if as_json:
        terminal.print_json([_line(one) for one in lines])
        return
    table = Table("written", "what", "cases", "role", "by", "became", box=None)
    for one in lines:
        when = f"{one.created_at.astimezone(house.settings.zone):%d %b %H:%M}"
        cases, notice = ", ".join(map(str, one.notice.cases)), one.notice
        table.add_row(when, notice.kind, cases, notice.role, notice.channel, one.status)
    terminal.out(wide=True).print(table)


def _line(one: "Line") -> dict[str, object]:
    moments = (one.created_at, one.sent_at, one.acknowledged_at)
    created, sent, acknowledged = (moment.isoformat() if moment else None for moment in moments)
    return {
        "key": one.notice.key,
        "kind": one.notice.kind,
        "cases": list(one.notice.cases),
        "role": one.notice.role,
        "channel": one.notice.channel,
        "status": one.status,
        "created_at": created,
        "sent_at": sent,
        "acknowledged_at": acknowledged,
        "error": one.error,
        "why": one.notice.why,
    }


@app.command()
def acks(
    ctx: typer.Context,
    case: Annotated[int, typer.Option("--case", help="The number of the case.", min=1)],
    as_json: JsonOption = False,
) -> None:
    """List who took note of a case, when and at which revision."""
    from rich.table import Table

    from storage import acknowledgements
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        found = acknowledgements.of(db, [case])[case]
    if as_json:
        terminal.print_json([asdict(one) | {"at": one.at.isoformat()} for one in found])
        return
    table = Table("when", "revision", "role", "who", box=None)
    for one in found:
        when = f"{one.at.astimezone(house.settings.zone):%d %b %H:%M}"
        table.add_row(when, str(one.revision), one.role, one.who)
    terminal.out(wide=True).print(table)
