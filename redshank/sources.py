"""`redshank sources`: which places are read, how they fare, adding one, and leaving one alone for a while."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import ConfigError, FetchError, RedshankError
from core.sections import duration
from core.work import Pause
from redshank import terminal
from redshank.desks import AsOption, ByOption, ReasonOption, open_desk, sitting, why
from redshank.judging import JsonOption
from redshank.working import open_house

if TYPE_CHECKING:
    from flows.health import Health
    from flows.reach import Reading
    from flows.wiring import House

app = typer.Typer(
    help="The places that are read: list, add, pause, and see how they fare.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(help="The name of the source.")]
LONGEST_PAUSE = timedelta(days=90)


@app.command("list")
def list_(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the configured sources, worst first: how far each is watched, how often, and what it brings."""
    from rich.table import Table

    from flows.health import health

    house = open_house(ctx)
    found = health(house)
    if as_json:
        terminal.print_json([_document(one) for one in found])
        return
    if not found:
        terminal.say("no source is configured: `redshank sources add` adds one")
        return
    table = Table("source", "kind", "watched", "last read", "every", "new in 7 days", "note", box=None)
    for one in found:
        last = one.state.last_ok_at
        table.add_row(
            one.reading.source.name,
            one.reading.source.kind,
            str(one.coverage.watch),
            f"{last.astimezone(house.settings.zone):%d %b %H:%M}" if last else "never",
            _length(one.state.interval or one.reading.source.every),
            str(one.week),
            terminal.harmless(one.coverage.detail),
        )
    terminal.out(wide=True).print(table)


@app.command()
def kinds(as_json: JsonOption = False) -> None:
    """List the kinds of source that there are: what each needs, what it costs, and when its terms were read."""
    from rich.table import Table

    import connectors

    loaded = {kind: connectors.load(kind) for kind in connectors.names()}
    if as_json:
        terminal.print_json({kind: _terms(one.TERMS) for kind, one in loaded.items()})
        return
    table = Table("kind", "platform", "keys", "cost", "approval", "terms read", box=None)
    for kind, one in loaded.items():
        terms = one.TERMS
        keys, approval = ", ".join(terms.keys), "needed" if terms.approval else ""
        table.add_row(kind, one.PLATFORM, keys, terms.cost, approval, terms.read_on.isoformat())
    terminal.out(wide=True).print(table)


@app.command()
def health(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Only this one.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Tell all that is known of how the sources fare; exit 1 if any is not watched as it should be."""
    from alerts.coverage import Watch
    from flows.health import health as fared

    house = open_house(ctx)
    found = [one for one in fared(house) if name in ("", one.reading.source.name)]
    if name and not found:
        raise ConfigError(_unknown(name, list(house.readings)))
    if as_json:
        terminal.print_json([_document(one) for one in found])
    else:
        for one in found:
            for line in _lines(one):
                terminal.out().print(terminal.harmless(line), soft_wrap=True)
    if any(one.coverage.watch is not Watch.watched for one in found):
        raise typer.Exit(terminal.FAILED)


@app.command()
def add(
    ctx: typer.Context,
    *,
    kind: Annotated[str, typer.Argument(help="What kind: `redshank sources kinds` lists them.")],
    name: NameArgument,
    option: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", help='An option, as in `--set url="https://…"`; repeated.'),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Add it without asking.")] = False,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="Do not fetch it first.")] = False,
) -> None:
    """Add a source to the configuration file, after a look at what it brings. The old file is kept as .bak."""
    from flows.adding import block, insert, trial

    house = open_house(ctx)
    text = block(kind, name, option or [])
    reading = trial(house, text)
    if not no_preview:
        _look(house, reading)
    sys.stdout.write(text)
    sys.stdout.flush()
    if not yes and not typer.confirm(f"Add it to {house.settings.path}?", default=True, err=True):
        raise typer.Exit(terminal.FAILED)
    insert(house.settings.path, text)
    terminal.say(f"added {name}; the file as it was is {house.settings.path.name}.bak")


def _look(house: "House", reading: "Reading") -> None:
    """Say what a source brings now, none of which is kept; raises RedshankError where it cannot be read."""
    from core.query import Item

    try:
        batch = house.fetch(reading, cursor=None)
    except FetchError as error:
        raise RedshankError(f"{error}; nothing was added (--no-preview adds it all the same)") from None
    query = reading.query
    kept = sum(query is None or query.matches(Item.of(mention)).kept for mention in batch.mentions)
    terminal.say(f"it holds {len(batch.mentions)} entries now, {kept} of them about us; nothing was saved")
    if batch.missed:
        terminal.say(f"note: {batch.missed}")


@app.command()
def pause(
    ctx: typer.Context,
    *,
    name: NameArgument,
    reason: ReasonOption,
    lasting: Annotated[str, typer.Option("--for", help='How long: "12h", "7d"; 90 days at the most.')],
    by: ByOption = "",
    role: AsOption = "",
) -> None:
    """Leave a source alone for a while; every digest says so, and its alarms are silent until then."""
    from storage import pauses
    from storage.engine import session

    house, desk = open_desk(ctx)
    person, now = sitting(desk, by, role), house.now()
    if name not in house.readings:
        raise ConfigError(_unknown(name, list(house.readings)))
    asked = Pause(name=name, reason=why(reason), until=now + _lasting(lasting), by=person.id, at=now)
    with session(house.engine) as db:
        pauses.pause(db, asked, role=person.role)
    terminal.say(f"{name} is left alone until {asked.until.astimezone(house.settings.zone):%d %b %H:%M}")


@app.command()
def resume(
    ctx: typer.Context, *, name: NameArgument, reason: ReasonOption, by: ByOption = "", role: AsOption = ""
) -> None:
    """End a pause now: the source is read at the next turn, from where it was left."""
    from storage import pauses
    from storage.engine import session

    house, desk = open_desk(ctx)
    person = sitting(desk, by, role)
    with session(house.engine) as db:
        pauses.resume(db, name, by=person.id, role=person.role, reason=why(reason), now=house.now())
    terminal.say(f"{name} is read again")


def _lasting(text: str) -> timedelta:
    try:
        length = duration(text)
    except ValueError as error:
        raise RedshankError(f"--for: {error}") from None
    if not isinstance(length, timedelta) or not timedelta() < length <= LONGEST_PAUSE:
        raise RedshankError(
            f"--for: a pause lasts up to {LONGEST_PAUSE.days} days; for good, set enabled = false in its block"
        )
    return length


def _unknown(name: str, known: list[str]) -> str:
    return f"no source is named {name!r}; configured are: {', '.join(known) or 'none'}"


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f}s"
    return f"{seconds / 60:.0f}m" if seconds < 7200 else f"{seconds / 3600:.0f}h"


def _lines(one: "Health") -> list[str]:
    state, source = one.state, one.reading.source
    lines = [f"{source.name} ({source.kind}): {one.coverage.watch}"]
    details = {
        "why": one.coverage.detail,
        "last read": state.last_ok_at and f"{state.last_ok_at:%Y-%m-%d %H:%M} UTC",
        "last brought something": state.answered_at and f"{state.answered_at:%Y-%m-%d %H:%M} UTC",
        "read every": _length(state.interval or source.every),
        "new": f"{one.week} in 7 days, {state.mentions} in all",
        "error": state.error,
        "missed": state.missed,
        "canary": ("late" if one.canary_late else "out") if source.canary else "",
        "limits": one.terms.limits,
        "deletion": one.terms.deletion,
        "approval": source.approval,
    }
    lines += [f"  {word}: {value}" for word, value in details.items() if value]
    for spent in one.spent:
        lines.append(
            f"  budget {spent.budget}: {spent.used} of {spent.units} until {spent.until:%d %b %H:%M} UTC"
        )
    return lines


def _document(one: "Health") -> dict[str, Any]:
    state, source = one.state, one.reading.source
    return {
        "name": source.name,
        "kind": source.kind,
        "watch": str(one.coverage.watch),
        "detail": one.coverage.detail,
        "last_ok_at": state.last_ok_at and state.last_ok_at.isoformat(),
        "answered_at": state.answered_at and state.answered_at.isoformat(),
        "failing_since": state.failing_since and state.failing_since.isoformat(),
        "error": state.error or None,
        "missed": state.missed or None,
        "interval_s": int((state.interval or source.every).total_seconds()),
        "new_7_days": one.week,
        "mentions": state.mentions,
        "quiet": one.quiet and {"seen": one.quiet.seen, "expected": round(one.quiet.expected, 1)},
        "canary": ("late" if one.canary_late else "out") if source.canary else None,
        "paused": one.pause
        and {"until": one.pause.until.isoformat(), "reason": one.pause.reason, "by": one.pause.by},
        "budgets": [
            {
                "budget": spent.budget,
                "used": spent.used,
                "units": spent.units,
                "until": spent.until.isoformat(),
            }
            for spent in one.spent
        ],
        "terms": _terms(one.terms) | {"approved": source.approval or None},
    }


def _terms(terms: Any) -> dict[str, Any]:
    return {
        "read_on": terms.read_on.isoformat(),
        "limits": terms.limits,
        "deletion": terms.deletion,
        "cost": terms.cost,
        "keys": list(terms.keys),
        "approval": terms.approval or None,
    }
