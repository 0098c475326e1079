"""The board report as PDF on A4, set by Typst (pure): tagged for screen readers, the same bytes every time.

All words reach the template as JSON in ``sys.inputs``, so none can be taken for Typst's own. Typst reads no
file, no font of the machine's and no network.
"""

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import typst

from alerts.board.report import MonthReport
from alerts.board.whole import paper
from alerts.words import palette

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
Standard = Literal["ua-1"]


def report_pdf(report: MonthReport) -> bytes:
    """The whole report, in PDF/UA-1 (ISO 14289-1) wherever its fonts have every letter.

    The standard forbids a letter without a shape, which a name in a script that the fonts lack would have. Such
    a report is tagged all the same, but does not claim the standard.
    """
    words, at = document(report), report.generated_at
    try:
        return _compile(words, at, ["ua-1"])
    except typst.TypstError:
        return _compile(words, at, [])


def _compile(words: str, at: datetime, standards: list[Standard]) -> bytes:
    return typst.compile(
        _template(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"paper": words},
        pdf_standards=list(standards),
        timestamp=int(at.timestamp()),
    )


def document(report: MonthReport) -> str:
    """What the template is given: the paper and the colours, as JSON."""
    made = report.generated_at
    document = asdict(paper(report)) | {
        "colours": palette.LIGHT,
        "accent": palette.BAND[1],
        "made": [made.year, made.month, made.day],
    }
    return json.dumps(document)


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()
