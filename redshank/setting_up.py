"""`redshank init`, `check` and `preview`: getting to a configuration that works, with nothing collected yet."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from core.errors import ConfigError, RedshankError
from core.settings import load
from core.types import Batch, Mention
from core.vocabulary import ROLES
from redshank import terminal
from redshank.judging import JsonOption

if TYPE_CHECKING:
    from flows.reach import Reading
    from flows.wiring import House

app = typer.Typer()

_CRITICAL = frozenset({"safeguarding", "governance"})
_TEMPLATE = Path(__file__).with_name("template.toml")


@app.command()
def init(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help="The organisation's name.", prompt="Name of the organisation")],
    contact: Annotated[
        str, typer.Option(help="Where we, and the sites we read, can reach you.", prompt="Mail address")
    ],
    force: Annotated[
        bool, typer.Option(help="Replace a configuration; the old one is kept as .bak.")
    ] = False,
) -> None:
    """Write a configuration to start from, and make the database."""
    from flows import wiring

    path = _config(ctx)
    if any(character in '"\\' or not character.isprintable() for character in name + contact):
        raise ConfigError("a name or an address may not hold quotation marks, backslashes or line ends")
    if path.exists():
        if not force:
            raise ConfigError("exists already; --force replaces it and keeps the old one as .bak", path=path)
        shutil.copy2(path, path.with_name(path.name + ".bak"))
    text = _TEMPLATE.read_text(encoding="utf-8").replace("{name}", name).replace("{contact}", contact)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600)
        part.write_text(text, encoding="utf-8")
        load(part)
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", path=path) from error
    finally:
        part.unlink(missing_ok=True)
    house = wiring.House(load(path))
    ctx.call_on_close(house.close)
    where = house.engine.url.render_as_string(hide_password=True)
    terminal.say(f"wrote {path} and made the database {where}")
    terminal.say(
        "next: fill in the mail server, the DPIA reference and your sources there, then `redshank check`"
    )


@app.command()
def check(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Try the configuration, the database, the model, the mail server and every source; exit 1 if any fails."""
    results = []
    for part, ok, detail in _checks(ctx):
        results.append({"name": part, "ok": ok, "detail": detail})
        if not as_json:
            mark = Text("ok  ", "green") if ok else Text("FAIL", "red")
            terminal.out().print(mark, f"{part}: {detail}", soft_wrap=True)
    good = all(result["ok"] for result in results)
    if as_json:
        terminal.print_json({"ok": good, "checks": results})
    if not good:
        raise typer.Exit(terminal.FAILED)


def _checks(ctx: typer.Context) -> Iterator[tuple[str, bool, str]]:
    path = _config(ctx)
    try:
        from flows import wiring

        house = wiring.House(load(path))
    except RedshankError as error:
        yield "configuration", False, str(error)
        return
    ctx.call_on_close(house.close)
    yield "configuration", True, str(path)
    parts: dict[str, Callable[[], str]] = {
        "governance": lambda: _governance(house),
        "database": lambda: _database(house),
        "policy": lambda: f"{house.pack.title}, version {house.pack.version}",
        "query": lambda: (
            house.settings.organisation.query if house.query else "none: everything counts as about us"
        ),
        "model": lambda: house.judgement.model,
        "people": lambda: _people(house),
        "mail": lambda: _mail(house),
    }
    for part, ask in parts.items():
        yield _try(part, ask)
    enabled = [(index, one) for index, one in enumerate(house.settings.sources) if one.enabled]
    if not enabled:
        yield "sources", False, "none is configured: nothing is watched"
    for index, source in enabled:
        # Each by itself: what is wrong with one hides none of the others.
        yield _try(
            f"source {source.name}",
            lambda index=index, source=source: _source(house, house.reach.reading(index, source)),  # type: ignore[misc]
        )


def _try(part: str, ask: Callable[[], str]) -> tuple[str, bool, str]:
    try:
        return part, True, ask()
    except RedshankError as error:
        return part, False, str(error)


def _governance(house: "House") -> str:
    house.require_assessment()
    return f"impact assessment {house.settings.governance.dpia}"


def _database(house: "House") -> str:
    return str(house.engine.url.render_as_string(hide_password=True))


def _people(house: "House") -> str:
    house.office.require()
    members = house.office.members
    roles = [role for role in ROLES if any(role in one.roles for one in members)]
    single = sorted({role for one in members if not one.channels for role in one.roles} & _CRITICAL)
    warning = (
        f"; no second channel for {', '.join(single)}: critical cases reach them by mail alone"
        if single
        else ""
    )
    return f"{len(members)} with an address, for {', '.join(roles)}{warning}"


def _mail(house: "House") -> str:
    from alerts.channels.mail import Mailer

    with Mailer(house.mail) as mailer:
        mailer.check()
    return f"{house.mail.host} lets us in (security: {house.mail.security})"


def _source(house: "House", reading: "Reading") -> str:
    batch = house.fetch(reading, cursor=None)
    note = f"; {batch.missed}" if batch.missed else ""
    return f"{len(batch.mentions)} entries{note}"


@app.command()
def preview(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="A source's name, or the address of a feed.")],
    number: Annotated[int, typer.Option("-n", help="How many to show.", min=1)] = 20,
    as_json: JsonOption = False,
) -> None:
    """Fetch without saving: what came, and what the query keeps and drops and why."""
    from flows import wiring

    house = wiring.House(load(_config(ctx)))
    ctx.call_on_close(house.close)
    reading = _reading(house, source)
    batch = house.fetch(reading, cursor=None)
    shown = [(mention, *house.about_us(mention)) for mention in batch.mentions[::-1][:number]]
    if as_json:
        terminal.print_json(_preview_document(batch, reading.source.name, shown))
        return
    console = terminal.out()
    for mention, kept, why in shown:
        when = (
            mention.posted_at.astimezone(house.settings.zone).strftime("%d %b %Y %H:%M")
            if mention.posted_at
            else "no date"
        )
        console.print(
            f"{'kept   ' if kept else 'dropped'} {when}  {terminal.harmless(mention.title or mention.key)}",
            soft_wrap=True,
        )
        console.print(f"        {terminal.harmless(mention.url)}  ({why})", soft_wrap=True)
        console.print(f"        {terminal.harmless(' '.join(mention.text.split())[:300])}", soft_wrap=True)
    kept_count = sum(house.about_us(mention)[0] for mention in batch.mentions)
    terminal.say(f"{len(batch.mentions)} entries, {kept_count} about us; nothing was saved")
    if batch.missed:
        terminal.say(f"note: {batch.missed}")


def _reading(house: "House", source: str) -> "Reading":
    if source in house.readings:
        return house.readings[source]
    if source.startswith(("http://", "https://")):
        return house.reach.preview("rss", url=source)
    known = ", ".join(house.readings) or "none"
    raise ConfigError(f"no source is named {source!r}; configured are: {known}")


def _preview_document(batch: Batch, source: str, shown: list[tuple[Mention, bool, str]]) -> dict[str, object]:
    rows = []
    for mention, kept, why in shown:
        posted = mention.posted_at.isoformat() if mention.posted_at else None
        rows.append(
            {
                "key": mention.key,
                "url": mention.url,
                "title": mention.title,
                "text": mention.text,
                "author": mention.author,
                "posted_at": posted,
                "kept": kept,
                "why": why,
            }
        )
    return {"source": source, "entries": len(batch.mentions), "missed": batch.missed, "mentions": rows}


def _config(ctx: typer.Context) -> Path:
    return Path(ctx.find_root().params["config"])
