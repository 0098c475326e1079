"""The board report as one HTML file that loads nothing from anywhere and prints on A4 (pure)."""

from base64 import b64encode
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from alerts.board.report import MonthReport
from alerts.board.whole import paper
from alerts.words import palette


def report_html(report: MonthReport) -> str:
    """The whole report; every word is escaped, and the pictures are held within."""
    return _environment().get_template("report.html.j2").render(paper=paper(report))


def _picture(svg: str) -> str:
    """A drawing as an address that holds it: as an image it can run nothing."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(light=palette.LIGHT, band=palette.BAND)
    environment.filters["picture"] = _picture
    return environment
