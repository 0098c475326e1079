"""`redshank sample` and `redshank export`: what the machine missed, and what people decided, as examples."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import ConfigError, RedshankError
from core.files import write_lines
from core.vocabulary import DEFINITIONS, LABELS
from redshank import terminal
from redshank.desks import AsOption, ByOption, open_desk, sitting
from redshank.judging import JsonOption
from redshank.working import open_house

if TYPE_CHECKING:
    from flows.wiring import House
    from review.desk import Desk, Who
    from storage.samples import Drawn

app = typer.Typer(
    help="Read a random sample of what was not flagged: it shows what is missed.", no_args_is_help=True
)
exports = typer.Typer(help="Take data out of Redshank.", no_args_is_help=True)


@app.command()
def draw(
    ctx: typer.Context,
    week: Annotated[
        datetime | None,
        typer.Option("--week", formats=["%Y-%m-%d"], help="Any day of it; default: the last full week."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the sample of a week; drawing it again changes nothing."""
    from flows.sampling import draw_week

    house = open_house(ctx)
    day = week.date() if week else None
    monday = date.fromordinal(day.toordinal() - day.weekday()) if day else None
    drawn = draw_week(house, monday)
    if as_json:
        terminal.print_json({"drawn": drawn})
        return
    terminal.out().print(f"drawn: {drawn}" if drawn else "nothing new: it was drawn before, or holds nothing")


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    text: Annotated[bool, typer.Option("--text", help="Also print what was written.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered.")] = False,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the samples that wait for an answer; their texts open to whoever reads samples, on record."""
    from flows.sampling import texts, withheld
    from storage import samples
    from storage.engine import session

    house, desk = open_desk(ctx)
    with session(house.engine, read_only=True) as db:
        found = [one for one in samples.drawn(db) if every or one.labels is None]
    said: dict[int, str] = {}
    if text:
        reader = _reviewer(house, desk, by, role)
        said = texts(house, {one.id for one in found}, actor=reader.id, role=reader.role)
    shut = {one.id: withheld(one) for one in found}
    if as_json:
        terminal.print_json([_document(one, shut[one.id], said if text else None) for one in found])
        return
    for one in found:
        state = "waits" if one.labels is None else ", ".join(one.labels) or "rightly left alone"
        parts = (str(one.id), f"week of {one.week.isoformat()}", one.stratum, state, shut[one.id])
        terminal.out().print("  ".join(filter(None, parts)), soft_wrap=True)
        if one.id in said:
            terminal.out().print(terminal.harmless(said[one.id]) + "\n", soft_wrap=True)
    if not found:
        terminal.say("no sample waits; `redshank sample draw` draws last week's")


@app.command()
def answer(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The number of the sample.", min=1)],
    *,
    label: Annotated[
        list[str] | None, typer.Option("--label", "-l", help="A label that it bears; may be repeated.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="It was rightly left alone.")] = False,
    by: ByOption = "",
    role: AsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say which labels a sampled mention bears, or that it was rightly left alone."""
    from storage import samples
    from storage.engine import session

    labels = _labels(label or [])
    if bool(labels) == none:
        raise ConfigError("say either --none or at least one --label; `redshank sample list --text` shows it")
    house, desk = open_desk(ctx)
    reader = _reviewer(house, desk, by, role)
    with session(house.engine) as db:
        one = samples.answer(db, number, labels, actor=reader.id, role=reader.role, now=house.now())
        waiting = sum(other.labels is None for other in samples.drawn(db, one.week))
    if as_json:
        terminal.print_json({"id": one.id, "labels": labels, "waiting": waiting})
        return
    for name in labels:
        terminal.out().print(f"{name}: {DEFINITIONS[name]}", soft_wrap=True)
    terminal.out().print(f"noted; {waiting} of its week wait")


@app.command()
def estimate(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Estimate how much of what should be flagged is flagged, from every week that is answered in full."""
    from flows.sampling import recall

    house = open_house(ctx)
    found = recall(house, date(2000, 1, 3), date(3000, 1, 6))
    if found is None:
        raise RedshankError("there is no estimate yet: no week's sample is answered in full")
    if as_json:
        terminal.print_json(
            {
                "estimate": found.estimate,
                "low": found.low,
                "high": found.high,
                "missed": found.missed,
                "read": found.read,
            }
        )
        return
    terminal.out().print(
        f"flagged of what should be: {found.estimate:.0%} (95 % interval {found.low:.0%} to {found.high:.0%}), "
        f"from {found.read} samples; about {found.missed:.0f} were missed"
    )


@exports.command()
def training(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(help="The file to write, JSON Lines.")],
    *,
    by: ByOption = "",
    role: AsOption = "",
    with_safeguarding: Annotated[
        bool, typer.Option("--with-safeguarding", help="Cases of safeguarding too; role safeguarding alone.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write what people decided as labelled examples, with personal data masked."""
    from flows.exporting import training as lines_of

    house, desk = open_desk(ctx)
    who = sitting(desk, by, role)
    lines = lines_of(house, actor=who.id, role=who.role, with_safeguarding=with_safeguarding)
    write_lines(out, lines)
    if as_json:
        terminal.print_json({"lines": len(lines), "file": str(out)})
        return
    terminal.out().print(f"{len(lines)} examples written to {out}", soft_wrap=True)
    terminal.say("read it before you pass it on: no machine finds every name")


def _reviewer(house: "House", desk: "Desk", by: str, role: str) -> "Who":
    """Whoever reads samples: in the role that is asked to, where no other is named."""
    from flows.sampling import reviewers

    reader = sitting(desk, by, role or house.settings.sampling.reviewer)
    if reader.role not in reviewers(house):
        raise RedshankError(f"role {reader.role} reads no samples: {' or '.join(reviewers(house))} does")
    return reader


def _document(one: "Drawn", shut: str, said: dict[int, str] | None) -> dict[str, object]:
    return {
        "id": one.id,
        "week": one.week.isoformat(),
        "stratum": one.stratum,
        "labels": None if one.labels is None else list(one.labels),
        "withheld": shut,
        **({} if said is None else {"text": said.get(one.id)}),
    }


def _labels(given: list[str]) -> list[str]:
    for name in given:
        if name not in LABELS:
            raise ConfigError(f"unknown label {name!r}; the labels are {', '.join(LABELS)}")
    return [name for name in LABELS if name in given]
