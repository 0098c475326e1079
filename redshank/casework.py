"""`redshank case list` and `show`: reading cases by hand."""

from typing import Annotated

import typer

from core.errors import RedshankError
from core.types import Case, Step
from redshank import terminal
from redshank.judging import JsonOption
from redshank.working import open_house

app = typer.Typer(help="Read cases by hand.", no_args_is_help=True)


@app.command("list")
def list_(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List every open case, gravest first, then oldest."""
    from rich.table import Table

    from storage import cases
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        found = cases.open_(db)
    if as_json:
        terminal.print_json([_document(case, ()) for case in found])
        return
    table = Table("case", "severity", "state", "labels", "source", "found", box=None)
    for case in found:
        doubt = f"to check: {', '.join(case.ask)}" if case.ask else "to be read by a person"
        labels = ", ".join(case.labels) or doubt
        when = case.detected_at.astimezone(house.settings.zone).strftime("%d %b %H:%M")
        sources = ", ".join(dict.fromkeys(copy.source for copy in case.copies))
        table.add_row(str(case.id), str(case.severity), case.state.replace("_", " "), labels, sources, when)
    terminal.out(wide=True).print(table)


@app.command()
def show(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The number of the case.", min=1)],
    text: Annotated[bool, typer.Option("--text", help="Also print what was written.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show one case: why it is one, where it stands, its copies and its record. No text unless asked for."""
    from storage import cases, mentions
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        case = cases.get(db, number)
        if case is None:
            raise RedshankError(f"there is no case {number}; `redshank case list` shows the open ones")
        steps = cases.steps(db, number)
        written = mentions.read(db, [copy.mention_id for copy in case.copies]) if text else []
    if as_json:
        terminal.print_json(_document(case, steps) | {"texts": [one.mention.full_text for one in written]})
        return
    for line in _lines(case, steps):
        terminal.out().print(line, markup=False, soft_wrap=True)
    for one in written:
        terminal.out().print(
            f"\n[{one.mention.source}] {terminal.harmless(one.mention.full_text)}",
            markup=False,
            soft_wrap=True,
        )


def _lines(case: Case, steps: list[Step]) -> list[str]:
    return [
        f"case {case.id}: {case.severity}, {case.state.replace('_', ' ')}, found {case.detected_at:%Y-%m-%d %H:%M} UTC",
        f"labels: {', '.join(case.labels) or 'none for sure'}; to check: {', '.join(case.ask) or 'nothing'}",
        f"told: {', '.join(case.recipients)}",
        *(f"why: {reason}" for reason in case.reasons),
        *(f"copy: {copy.source} {copy.url}" for copy in case.copies),
        *(f"step: {step.at:%Y-%m-%d %H:%M} UTC {step.after} by {step.actor}" for step in steps),
    ]


def _document(case: Case, steps: list[Step] | tuple[()]) -> dict[str, object]:
    return {
        "id": case.id,
        "state": str(case.state),
        "severity": str(case.severity),
        "labels": list(case.labels),
        "ask": list(case.ask),
        "clauses": list(case.clauses),
        "recipients": list(case.recipients),
        "reasons": list(case.reasons),
        "detected_at": case.detected_at.isoformat(),
        "copies": [{"source": copy.source, "url": copy.url} for copy in case.copies],
        "steps": [
            {"at": step.at.isoformat(), "to": str(step.after), "actor": step.actor, "role": step.role}
            for step in steps
        ],
    }
