"""`redshank case`: reading cases. What is done to them stands in redshank.casemoves."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from core.errors import ConfigError
from core.types import Case, CaseState, Severity
from redshank import casemoves, caseroutes, desks, terminal
from redshank.desks import AsOption, ByOption, NumberArgument, ReasonOption
from redshank.judging import JsonOption

app = typer.Typer(help="Read cases, and work them by hand.", no_args_is_help=True)


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    severity: Annotated[str, typer.Option(help="Only those at least so grave.")] = "none",
    state: Annotated[str, typer.Option(help="Only those in this state; also closed ones.")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Only those assigned to you.")] = False,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those of which a clock has run out.")
    ] = False,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """List cases, gravest first, then oldest: the open ones unless a state is asked for.

    Cases that name or accuse whoever asks are left out.
    """
    from review.casefile import overdue as late

    for value, known in ((severity, Severity.__members__), (state or "raised", CaseState.__members__)):
        if value not in known:
            raise ConfigError(f"unknown {value!r}: one of {', '.join(known)}")
    house, desk = desks.open_desk(ctx)
    found = desk.find(
        state=CaseState(state) if state else None,
        severity=Severity[severity],
        assignee=desks.name(desk, by) if mine else "",
        reader=desks.name(desk, by),
    )
    if overdue:
        now = house.now()
        found = [one for one in found if late(house.office.clocks(one), now)]
    if as_json:
        terminal.print_json([desks.summary(case) | {"steps": []} for case in found])
        return
    _print(found, house.settings.zone)


def _print(found: list[Case], zone: ZoneInfo) -> None:
    from rich.table import Table

    table = Table("case", "severity", "state", "labels", "source", "found", "for", box=None)
    for case in found:
        doubt = f"to check: {', '.join(case.ask)}" if case.ask else "to be read by a person"
        labels = ", ".join(case.labels) or doubt
        when = case.detected_at.astimezone(zone).strftime("%d %b %H:%M")
        sources = ", ".join(dict.fromkeys(copy.source for copy in case.copies))
        state = case.state.replace("_", " ")
        table.add_row(str(case.id), str(case.severity), state, labels, sources, when, case.work.assignee)
    terminal.out(wide=True).print(table)


@app.command()
def show(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    text: Annotated[bool, typer.Option("--text", help="Also print what was written.")] = False,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show one case: why it is one, where it stands, its copies and its record. No text unless asked for.

    The text of a safeguarding case opens to that role only, where it is in doubt to those who are told of the case, a
    worker's to speak_up and safeguarding, and nothing opens what is sealed; so do its links. Reading what may be about
    safeguarding needs your name and goes on record.
    """
    house, desk = desks.open_desk(ctx)
    reader = desks.reader(desk, by, role)
    file, now = desk.show(number, reader), house.now()
    written = desk.texts(number, reader) if text else []
    clocks = house.office.clocks(file.case)
    if as_json:
        texts = [one.mention.full_text for one in written]
        terminal.print_json(desks.document(file, clocks, now) | {"texts": texts})
        return
    for line in desks.lines(file, clocks, now):
        terminal.out().print(line, soft_wrap=True)
    for one in written:
        terminal.out().print(
            f"\n[{one.mention.source}] {terminal.harmless(one.mention.full_text)}",
            soft_wrap=True,
        )


@app.command()
def history(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the whole record of a case: also routes, and who read what is sealed or safeguarding's."""
    from redshank.auditing import print_entries

    _, desk = desks.open_desk(ctx)
    print_entries(desk.history(number, desks.reader(desk, by, role)), as_json=as_json)


@app.command()
def link(
    ctx: typer.Context,
    *,
    number: NumberArgument,
    reason: ReasonOption,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give the links of a sealed case, for a report to IWF, CEOP or the police: to role safeguarding alone.

    Do not open them.
    """
    _, desk = desks.open_desk(ctx)
    links = desk.link(number, desks.sitting(desk, by, role), reason)
    if as_json:
        terminal.print_json([{"mention": mention, "url": url} for mention, url in links.items()])
        return
    terminal.say("do not open these links: report them (https://report.iwf.org.uk); this is on record")
    for mention, url in links.items():
        terminal.out().print(f"{mention} {url}", soft_wrap=True)


for part in (casemoves.app, caseroutes.app):
    app.registered_commands += part.registered_commands
