"""`redshank run`, its three parts by hand, `digest`, `serve` and `demo`."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core import logs
from core.errors import ConfigError
from core.settings import load
from core.vocabulary import ROLES
from redshank import terminal
from redshank.judging import JsonOption

if TYPE_CHECKING:
    from flows.collect import Collected
    from flows.triage import Triaged
    from flows.wiring import House

app = typer.Typer()

DueOption = Annotated[bool, typer.Option("--due", help="Only what is due by each source's own interval.")]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")
]


@app.command()
def run(ctx: typer.Context, due: DueOption = False, as_json: JsonOption = False) -> None:
    """Collect, triage and tell, once. Exits 0 also when a source failed, which it says."""
    house = open_house(ctx)
    house.require_all()
    collected = _collect(house, None, due)
    triaged = triage_queue(house)
    sent = _tell(house)
    if as_json:
        sources = {
            one.source: {"new": one.new, "known": one.known, "error": one.error or None} for one in collected
        }
        terminal.print_json(
            {"sources": sources, "assessed": triaged.assessed, "cases": triaged.cases, "sent": sent}
        )
        return
    _print_sources(collected)
    _print_triaged(triaged)
    terminal.out().print(f"messages sent: {sent}")


@app.command()
def collect(
    ctx: typer.Context, source: SourceOption = None, due: DueOption = False, as_json: JsonOption = False
) -> None:
    """Read every source once and keep what it brought."""
    collected = _collect(open_house(ctx), source, due)
    if as_json:
        terminal.print_json({one.source: asdict(one) for one in collected})
    else:
        _print_sources(collected)


@app.command()
def triage(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Assess and judge every mention that waits; flagged ones open or join a case."""
    triaged = triage_queue(open_house(ctx))
    if as_json:
        terminal.print_json(asdict(triaged))
    else:
        _print_triaged(triaged)


@app.command()
def retain(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Erase the words that may not be kept: of what is not about us after thirty days, of what its source deleted."""
    from flows.retain import retain_all

    erased = retain_all(open_house(ctx))
    if as_json:
        terminal.print_json({"erased": erased})
    else:
        terminal.out().print(f"mentions whose words were erased: {erased}")


@app.command()
def tell(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Send whatever somebody must be told by now, the digest among it."""
    sent = _tell(open_house(ctx))
    if as_json:
        terminal.print_json({"sent": sent})
    else:
        terminal.out().print(f"messages sent: {sent}")


@app.command()
def digest(
    ctx: typer.Context,
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Default: today.")
    ] = None,
    role: Annotated[str, typer.Option(help="For whom.")] = "governance",
    preview: Annotated[bool, typer.Option("--preview", help="Print it and send nothing.")] = False,
) -> None:
    """Compose the digest of a day and send it to a role, once for each address."""
    from flows.tell import preview_digest, send_digest

    if role not in ROLES:
        raise ConfigError(f"unknown role {role!r}; known are {', '.join(ROLES)}")
    house = open_house(ctx)
    when: date = day.date() if day else house.now().astimezone(house.settings.zone).date()
    if preview:
        typer.echo(preview_digest(house, when, role).text)
        return
    terminal.out().print(f"messages sent: {send_digest(house, when, role)}")


@app.command()
def serve(ctx: typer.Context) -> None:
    """Run the schedules and the review site until interrupted (Ctrl-C)."""
    from flows import serving
    from redshank.site import site
    from review.app import create

    house = open_house(ctx)
    house.require_all()
    logs.configure(verbose=True)
    review = house.settings.review
    office = house.office
    with site(
        create(house.engine, office.links, house.now, office.routes.roster), review.host, review.port
    ) as port:
        terminal.say(f"watching {len(house.readings)} sources; stop with Ctrl-C")
        terminal.say(f"the review site listens on http://{review.host}:{port}")
        serving.serve(house.settings.path, house.settings.folder / "var" / "prefect")


@app.command()
def watch(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Prove that nobody was left untold: re-read every open case and the ledger, and tell what is wrong."""
    from flows.watch import examine, watch_all

    house = open_house(ctx)
    count = watch_all(house)
    found = examine(house) if count else []
    if as_json:
        terminal.print_json({"faults": [{"what": one.slug, "words": one.words} for one in found]})
        return
    lines = [one.words.splitlines()[0] for one in found]
    for line in lines or ["everybody was told, and every open case has a next step"]:
        terminal.out().print(line, soft_wrap=True)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration lives.")] = Path("redshank-demo"),
    _no_serve: Annotated[
        bool,
        typer.Option("--no-serve", help="End when all is printed, as it does anyway until there is a site."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """The whole path on a small invented world: feeds, mentions, cases, mails and the digest, all on loopback."""
    from redshank.demo.run import demonstrate

    demonstrate(folder, as_json=as_json)


def _collect(house: "House", chosen: list[str] | None, due_only: bool) -> list["Collected"]:
    from flows.collect import by_hand, collect_all, due

    house.require_assessment()
    unknown = [name for name in chosen or () if name not in house.readings]
    if unknown:
        raise ConfigError(f"no source is named {unknown[0]!r}; configured are: {', '.join(house.readings)}")
    names = due(house) if due_only else chosen or by_hand(house)
    with terminal.progress("sources read", len(names)) as advance:
        return collect_all(house, names, advance)


def triage_queue(house: "House") -> "Triaged":
    """Assess and judge every mention that waits, with a progress bar."""
    from flows.triage import triage_all, waiting

    with terminal.progress("mentions assessed", waiting(house)) as advance:
        return triage_all(house, advance)


def _tell(house: "House") -> int:
    from flows.tell import tell_all

    with terminal.progress("messages sent", None) as advance:
        return tell_all(house, advance)


def _print_sources(collected: list["Collected"]) -> None:
    from rich.table import Table
    from rich.text import Text

    if not collected:
        terminal.say("no source was read: `redshank sources list` says which there are, and which are paused")
        return
    table = Table("source", "new", "known", "note", box=None)
    for one in collected:
        table.add_row(
            one.source,
            str(one.new),
            str(one.known),
            Text(f"failed: {one.error}", style="red") if one.error else Text(one.missed),
        )
    terminal.out().print(table)


def _print_triaged(triaged: "Triaged") -> None:
    note = f", {triaged.failed} could not be assessed and wait" if triaged.failed else ""
    terminal.out().print(
        f"mentions assessed: {triaged.assessed}, not about us: {triaged.dropped}{note}\n"
        f"cases opened or grown: {triaged.cases}"
    )


def open_house(ctx: typer.Context) -> "House":
    """The house of the chosen configuration, let go when the command ends."""
    from flows import wiring

    house = wiring.House(load(Path(ctx.find_root().params["config"])))
    ctx.call_on_close(house.close)
    return house
