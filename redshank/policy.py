"""`redshank policy`: what the policy makes of a case or a text, the packs, whether they hold, and their tables."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from core.errors import ConfigError
from core.organisation import Organisation
from core.settings import Settings, load
from core.types import Case, Mention, Verdict
from core.vocabulary import PLATFORMS
from redshank import terminal
from redshank.desks import ByOption, open_desk, reader
from redshank.judging import JsonOption

if TYPE_CHECKING:
    from policies.shape import Pack

app = typer.Typer(help="What the policy says, and why.", no_args_is_help=True)

_NOBODY = "your organisation"
PackArgument = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="A pack's name or path; default: the one configured.")
]


@app.command()
def explain(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="CASE|TEXT", help="The number of a case, or a text.")],
    platform: Annotated[str, typer.Option(help="Where the text stands.")] = "forum",
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say which clauses a case or a text touches, who is told by when, what may be done, and the law."""
    if what.isdecimal():
        house, desk = open_desk(ctx)
        case = desk.show(int(what), reader(desk, by, "")).case
        _show(house.settings, house.pack, case, as_json=as_json)
        return
    if platform not in PLATFORMS:
        raise ConfigError(f"unknown platform {platform!r}; known are {', '.join(PLATFORMS)}")
    settings, pack = _configured(ctx)
    verdict, now = _judged(ctx, what, platform, pack, settings)
    if verdict.flagged:
        from policies.explain import as_case

        _show(settings, pack, as_case(verdict, now), as_json=as_json)
    elif as_json:
        terminal.print_json({"severity": str(verdict.severity), "reasons": list(verdict.reasons)})
    else:
        for reason in ("not flagged", *verdict.reasons):
            terminal.out().print(reason, soft_wrap=True)


@app.command("list")
def list_(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the packs: what becomes of their clauses, and by when somebody must read them again."""
    from rich.table import Table

    import policies
    from policies.shape import Handling

    today = datetime.now().astimezone().date()
    used = _configured(ctx)[1]
    packs = {name: policies.load(name) for name in policies.names()}
    if used not in packs.values():
        packs = {"configured": used, **packs}
    rows = [
        {
            "name": name,
            "id": pack.id,
            "title": pack.title,
            "version": pack.version,
            "in_use": pack == used,
            "review_by": pack.review_by.isoformat(),
            "overdue": pack.review_by < today,
            **{how.name: len(pack.handled(how)) for how in Handling},
            "examples": len(pack.examples),
        }
        for name, pack in packs.items()
    ]
    if as_json:
        terminal.print_json(rows)
        return
    table = Table("pack", "policy", "edition", *Handling, "read again by", "", box=None)
    for row, pack in zip(rows, packs.values(), strict=True):
        counts = [str(row[how.name]) for how in Handling]
        note = ", ".join(word for word in ("in_use", "overdue") if row[word]).replace("_", " ")
        table.add_row(str(row["name"]), pack.title, pack.version, *counts, str(pack.review_by), note)
    terminal.out(wide=True).print(table)


@app.command()
def check(ctx: typer.Context, file: PackArgument = None) -> None:
    """Run the examples of a pack and print each that does not hold. Exits 1 if there is one."""
    from policies.pack import check as broken

    pack = _pack(ctx, file)
    problems = broken(pack)
    for problem in problems:
        terminal.out().print(problem, soft_wrap=True)
    terminal.say(f"{pack.title}: {len(pack.examples)} examples, {len(problems)} findings")
    if problems:
        raise typer.Exit(terminal.FAILED)


@app.command()
def table(ctx: typer.Context, file: PackArgument = None) -> None:
    """Print the tables of a pack as Markdown: each clause, and what Redshank does about it."""
    from policies.table import render

    typer.echo(render(_pack(ctx, file)))


def _pack(ctx: typer.Context, file: str | None) -> "Pack":
    import policies

    return policies.load(file) if file else _configured(ctx)[1]


def _configured(ctx: typer.Context) -> "tuple[Settings | None, Pack]":
    """The settings and their pack; where there is no configuration yet, none and the first pack of ours."""
    import policies
    from flows.wiring import House

    path = Path(ctx.find_root().params["config"])
    if not path.exists():
        return None, policies.load("focus")
    house = House(load(path))
    return house.settings, house.pack


def _judged(
    ctx: typer.Context, text: str, platform: str, pack: "Pack", settings: Settings | None
) -> tuple[Verdict, datetime]:
    """The verdict on a text as if it were found now."""
    from flows import wiring
    from flows.office import Office
    from policies.judge import judge

    members = Office(settings).members if settings else ()
    said = wiring.judgement(Path(ctx.find_root().params["config"])).assess([text])[0]
    mention = Mention(source="by hand", key="1", url="", text=text, platform=platform)
    return judge(mention, said, pack, members), datetime.now(UTC)


def _show(settings: Settings | None, pack: "Pack", case: Case, *, as_json: bool) -> None:
    from flows.office import Office
    from policies.books import books
    from policies.explain import document, lines
    from policies.explain import explain as explained

    zone = settings.zone if settings else ZoneInfo("Europe/London")
    office = Office(settings or Settings(organisation=Organisation(name=_NOBODY)))
    said = explained(case, pack, books(), office.clocks(case))
    if as_json:
        terminal.print_json(document(said))
        return
    for line in lines(said, zone):
        terminal.out().print(line, soft_wrap=True)
