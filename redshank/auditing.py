"""`redshank audit`: the log of what was done, checked, read and taken out."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import RedshankError
from core.files import write_lines
from core.work import Entry
from redshank import terminal
from redshank.desks import AsOption, ByOption, open_desk, reader, sitting
from redshank.judging import JsonOption
from redshank.working import open_house

if TYPE_CHECKING:
    from flows.wiring import House

app = typer.Typer(help="The log of what was done: nothing in it is ever changed.", no_args_is_help=True)


@app.command()
def verify(
    ctx: typer.Context,
    known: Annotated[
        str, typer.Option(help="The digest of a line that you noted earlier: shows that no end was cut off.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check every line and the chain between them. Exits 1 where the log is not whole."""
    from storage import audit
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        faults, head, lines = audit.verify(db, known=known), audit.head(db), audit.count(db)
    if as_json:
        terminal.print_json({"whole": not faults, "faults": faults, "lines": lines, "head": head})
    else:
        whole = (
            f"the log is whole: {lines} lines; its last digest is {head or 'none yet'}: note both elsewhere"
        )
        for fault in faults or [whole]:
            terminal.out().print(fault, soft_wrap=True)
    if faults:
        raise typer.Exit(terminal.FAILED)


@app.command()
def show(
    ctx: typer.Context,
    *,
    case: Annotated[int | None, typer.Option(help="Only of this case.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on.")
    ] = None,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Read the log, oldest line first; whom a case names or accuses is shown none of it."""
    if case is not None:
        _, desk = open_desk(ctx)
        desk.show(case, reader(desk, by, role))
    print_entries(_entries(ctx, case, since), as_json=as_json)


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(help="Where to: JSON Lines, one line of the log each.")],
    *,
    case: Annotated[int | None, typer.Option(help="Only of this case; the chain then has gaps.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on.")
    ] = None,
    by: ByOption = "",
    role: AsOption = "",
) -> None:
    """Write the log to a file that any other program can verify, as docs/cases.md says; the next line says who did."""
    from storage import audit
    from storage.engine import session

    if out.exists():
        raise RedshankError(f"{out} is there already: an export overwrites nothing")
    house, desk = open_desk(ctx)
    who = sitting(desk, by, role)
    with session(house.engine) as db:
        found = audit.entries(db, case, _start(house, since))
        audit.append(
            db,
            at=house.now(),
            actor=who.id,
            role=who.role,
            action="export audit",
            case_id=case,
            reason="the log, or a part of it, taken out",
            details={"lines": len(found), "since": since.date().isoformat() if since else None},
        )
    write_lines(out, (document(one) for one in found))
    terminal.say(f"{len(found)} lines written to {out}")


def print_entries(entries: Sequence[Entry], *, as_json: bool) -> None:
    """Lines of the log for a reader, or as the one JSON document."""
    if as_json:
        terminal.print_json([document(one) for one in entries])
        return
    for one in entries:
        about = f" case {one.case_id}" if one.case_id is not None else ""
        moved = f" {one.before or 'new'} → {one.after}" if one.after != one.before else ""
        details = f" {json.dumps(one.details, ensure_ascii=False)}" if one.details else ""
        line = f"{one.id} {one.at:%Y-%m-%d %H:%M:%S} UTC {one.actor} ({one.role}) {one.action}{about}{moved}"
        terminal.out().print(terminal.harmless(f"{line}: {one.reason}{details}"), soft_wrap=True)


def document(entry: Entry) -> dict[str, object]:
    """A line as it is exported: what the digest is made of, the digest, and its number."""
    from storage.audit import moment

    return {
        "id": entry.id,
        "at": moment(entry.at),
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "case_id": entry.case_id,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "details": dict(entry.details),
        "previous": entry.previous,
        "digest": entry.digest,
    }


def _entries(ctx: typer.Context, case: int | None, since: datetime | None) -> list[Entry]:
    from storage import audit
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        return audit.entries(db, case, _start(house, since))


def _start(house: "House", since: datetime | None) -> datetime | None:
    """The local midnight at which a day begins."""
    return since.replace(tzinfo=house.settings.zone) if since else None
