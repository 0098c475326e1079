"""`redshank report`: the month for the board, as PDF and HTML."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import RedshankError
from redshank import terminal
from redshank.judging import JsonOption
from redshank.working import open_house

if TYPE_CHECKING:
    from alerts.board.report import MonthReport

app = typer.Typer()


@app.command()
def report(
    ctx: typer.Context,
    *,
    month: Annotated[
        datetime | None,
        typer.Option("--month", "-m", formats=["%Y-%m"], help="As 2026-11; default: the last full month."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path(),
    html: Annotated[bool, typer.Option("--html", help="Write the HTML alone.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write the PDF alone.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Report a month to the board: writes report-2026-11.html and .pdf; --json alone prints its numbers instead."""
    from pydantic import TypeAdapter

    from alerts.board.report import MonthReport, compose
    from flows.reporting import month_facts

    house = open_house(ctx)
    first = month.date() if month else _last_month(house.now().astimezone(house.settings.zone).date())
    if first > house.now().astimezone(house.settings.zone).date():
        raise RedshankError(f"{first:%B %Y} has not begun: report a month that is over, or the one that runs")
    made = compose(month_facts(house, first))
    both = not (html or pdf or as_json)
    files = _write(made, out, html=html or both, pdf=pdf or both)
    if as_json:
        numbers = TypeAdapter(MonthReport).dump_python(made, mode="json")
        terminal.print_json(numbers | {"files": [str(file) for file in files]})
        return
    for file in files:
        terminal.out().print(str(file), soft_wrap=True)


def _write(made: "MonthReport", out: Path, *, html: bool, pdf: bool) -> list[Path]:
    from alerts.board.as_html import report_html
    from alerts.board.as_pdf import report_pdf

    pages = {}
    if html:
        pages["html"] = report_html(made).encode()
    if pdf:
        pages["pdf"] = report_pdf(made)
    if pages:
        out.mkdir(parents=True, exist_ok=True)
    files = []
    for kind, page in pages.items():
        file = out / f"report-{made.month:%Y-%m}.{kind}"
        file.write_bytes(page)
        files.append(file)
    return files


def _last_month(today: date) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
