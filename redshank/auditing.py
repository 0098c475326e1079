"""`redshank audit`: the log of what was done, checked, read and taken out."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core.errors import RedshankError
from core.files import write_lines
from core.work import Entry
from redshank import terminal
from redshank.judging import JsonOption
from redshank.working import open_house

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
        faults, head = audit.verify(db, known), audit.head(db)
    if as_json:
        terminal.print_json({"whole": not faults, "faults": faults, "head": head})
    else:
        for fault in faults or [
            f"the log is whole; its last digest is {head or 'none yet'}: note it elsewhere"
        ]:
            terminal.out().print(fault, markup=False, soft_wrap=True)
    if faults:
        raise typer.Exit(terminal.FAILED)


@app.command()
def show(
    ctx: typer.Context,
    case: Annotated[int | None, typer.Option(help="Only of this case.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read the log, oldest line first."""
    print_entries(_entries(ctx, case, since), as_json=as_json)


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(help="Where to: JSON Lines, one line of the log each.")],
    case: Annotated[int | None, typer.Option(help="Only of this case; the chain then has gaps.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on.")
    ] = None,
) -> None:
    """Write the log to a file that any other program can verify, as docs/cases.md says."""
    if out.exists():
        raise RedshankError(f"{out} is there already: an export overwrites nothing")
    found = _entries(ctx, case, since)
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
        terminal.out().print(
            terminal.harmless(f"{line}: {one.reason}{details}"), markup=False, soft_wrap=True
        )


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
    start = since.replace(tzinfo=house.settings.zone) if since else None
    with session(house.engine, read_only=True) as db:
        return audit.entries(db, case, start)
