"""`redshank sample` and `redshank export`: what the machine missed, and what people decided, as examples."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import ConfigError, RedshankError
from core.files import write_lines
from core.vocabulary import DEFINITIONS, LABELS
from redshank import terminal
from redshank.judging import JsonOption
from redshank.working import open_house

if TYPE_CHECKING:
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
    text: Annotated[bool, typer.Option("--text", help="Also print what was written.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the samples that wait for an answer."""
    from flows.sampling import texts
    from storage import samples
    from storage.engine import session

    house = open_house(ctx)
    with session(house.engine, read_only=True) as db:
        found = [one for one in samples.drawn(db) if every or one.labels is None]
    said = texts(house, [one.mention_id for one in found]) if text else {}
    if as_json:
        terminal.print_json([_document(one, said.get(one.mention_id) if text else None) for one in found])
        return
    for one in found:
        state = "waits" if one.labels is None else ", ".join(one.labels) or "rightly left alone"
        line = f"{one.id}  week of {one.week.isoformat()}  {one.stratum}  {state}"
        terminal.out().print(line, markup=False, soft_wrap=True)
        if text:
            words = terminal.harmless(said.get(one.mention_id, ""))
            terminal.out().print(words + "\n", markup=False, soft_wrap=True)
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
    by: Annotated[str, typer.Option("--by", envvar="REDSHANK_ACTOR", help="Who answers.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Say which labels a sampled mention bears, or that it was rightly left alone."""
    from storage import samples
    from storage.engine import session

    labels = _labels(label or [])
    if bool(labels) == none:
        raise ConfigError("say either --none or at least one --label; `redshank sample list --text` shows it")
    if not by:
        raise ConfigError("say who answers: --by NAME, or set REDSHANK_ACTOR")
    house = open_house(ctx)
    role = house.settings.sampling.reviewer
    with session(house.engine) as db:
        one = samples.answer(db, number, labels, actor=by, role=role, now=house.now())
        waiting = sum(other.labels is None for other in samples.drawn(db, one.week))
    if as_json:
        terminal.print_json({"id": one.id, "labels": labels, "waiting": waiting})
        return
    for name in labels:
        terminal.out().print(f"{name}: {DEFINITIONS[name]}", markup=False, soft_wrap=True)
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
    by: Annotated[str, typer.Option("--by", envvar="REDSHANK_ACTOR", help="Who takes it out.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write what people decided as labelled examples, with personal data masked."""
    from flows.exporting import training as lines_of

    if not by:
        raise ConfigError("say who takes it out: --by NAME, or set REDSHANK_ACTOR")
    lines = lines_of(open_house(ctx), actor=by, role="governance")
    write_lines(out, lines)
    if as_json:
        terminal.print_json({"lines": len(lines), "file": str(out)})
        return
    terminal.out().print(f"{len(lines)} examples written to {out}", markup=False, soft_wrap=True)
    terminal.say("read it before you pass it on: no machine finds every name")


def _document(one: "Drawn", text: str | None) -> dict[str, object]:
    return {
        "id": one.id,
        "week": one.week.isoformat(),
        "stratum": one.stratum,
        "labels": None if one.labels is None else list(one.labels),
        **({} if text is None else {"text": text}),
    }


def _labels(given: list[str]) -> list[str]:
    for name in given:
        if name not in LABELS:
            raise ConfigError(f"unknown label {name!r}; the labels are {', '.join(LABELS)}")
    return [name for name in LABELS if name in given]
