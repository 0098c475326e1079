"""`redshank raise` and `import`: concerns that people bring, into the same path as what the sources bring."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from redshank import terminal
from redshank.desks import ByOption, name, open_desk
from redshank.judging import JsonOption
from redshank.working import triage_queue

if TYPE_CHECKING:
    from flows.intake import Concern, Receipt
    from flows.wiring import House

app = typer.Typer()

LaterOption = Annotated[
    bool, typer.Option("--later", help="Only keep it: the next pass of triage assesses it.")
]


@app.command("raise")
def raise_(
    ctx: typer.Context,
    *,
    link: Annotated[str, typer.Argument(help="The address of the post; empty where there is none.")] = "",
    text: Annotated[str, typer.Option("--text", "-t", help="Its words, or - to read them.")] = "",
    author: Annotated[str, typer.Option(help="The name shown beside it.")] = "",
    platform: Annotated[str, typer.Option(help="Where it was said, if the link does not tell.")] = "",
    posted: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="When it was posted, in your time zone."),
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="Whoever raises it posted it.")] = False,
    later: LaterOption = False,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Raise a concern by hand: a link, its words, or both. A person will read it, whatever the machine thinks."""
    import sys

    from flows.intake import Concern

    house, desk = open_desk(ctx)
    concern = Concern(
        by=by or getpass.getuser(),
        link=link,
        text=sys.stdin.read() if text == "-" else text,
        author=author,
        platform=platform,
        posted_at=posted.replace(tzinfo=house.settings.zone) if posted else None,
        own_post=own,
    )
    _take(house, [concern], name(desk, by), later=later, as_json=as_json)


@app.command("import")
def import_(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(help="CSV with a line of names (NAME.csv), or JSON Lines.")],
    later: LaterOption = False,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Raise the concerns of a file: link, text, title, author, platform, posted_at, raised_by, own_post.

    Every line is checked before any is kept. Importing the same again keeps nothing twice.
    """
    from flows.concerns import read

    house, desk = open_desk(ctx)
    concerns = read(file, by or getpass.getuser(), house.now())
    _take(house, concerns, name(desk, by), later=later, as_json=as_json)


def _take(house: "House", concerns: list["Concern"], who: str, *, later: bool, as_json: bool) -> None:
    from flows.intake import take_in

    with terminal.progress("concerns", len(concerns)) as advance:
        receipts = take_in(house, concerns, report=advance)
    if not later:
        triage_queue(house)
    rows = _rows(house, receipts, who)
    if as_json:
        terminal.print_json(rows)
        return
    new = sum(not receipt.known for receipt in receipts)
    cases = sorted({str(row["case"]) for row in rows if row["case"]}, key=int)
    terminal.say(f"{new} taken in, {len(receipts) - new} known already")
    for row in rows if len(rows) <= 20 else ():
        state = (
            "waits for triage" if not row["settled"] else f"case {row['case']}" if row["case"] else "no case"
        )
        terminal.out().print(f"mention {row['mention']}: {state}")
    if len(rows) > 20 and cases:
        terminal.out().print(f"cases: {', '.join(cases)}", soft_wrap=True)


def _rows(house: "House", receipts: list["Receipt"], who: str) -> list[dict[str, object]]:
    """What became of each; where a case is not for whoever raises it, it looks as if nobody had read it yet."""
    from flows.asking import known_to
    from storage import lookup
    from storage.engine import session

    with session(house.engine, read_only=True) as db:
        standing = lookup.standing(db, [receipt.mention_id for receipt in receipts])
        known = known_to(house, db, (one.case for one in standing.values()), who)
    return [
        {
            "mention": one.mention_id,
            "known": one.known,
            "settled": stands.settled and (stands.case is None or stands.case in known),
            "case": stands.case if stands.case in known else None,
        }
        for one in receipts
        for stands in (standing[one.mention_id],)
    ]
