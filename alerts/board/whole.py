"""Puts the board's paper together: the headline, what needs attention, then the sections. Pure."""

from alerts.board import done, said, watched
from alerts.board.attention import points
from alerts.board.paper import Paper, counts_words, many, number, share
from alerts.board.report import MonthReport
from alerts.words.phrases import day_words, were


def paper(report: MonthReport) -> Paper:
    """The report in words, in the board's order."""
    settled = report.clocks
    return Paper(
        title=f"What was said in public: {report.month:%B %Y}",
        organisation=report.organisation,
        month=f"{report.month:%B %Y}",
        covers=_covers(report),
        headline=headline(report),
        facts=(
            (number(report.total.about_us), "mentions about us"),
            (number(report.found), "case found" if report.found == 1 else "cases found"),
            (share(settled - report.late, settled), "of service levels met in time"),
            (number(report.still_open), "still open"),
        ),
        points=points(report),
        sections=(*said.sections(report), *done.sections(report), *watched.sections(report)),
    )


def headline(report: MonthReport) -> str:
    """The month in a sentence or two."""
    total, so_far = report.total, "" if report.complete else f", up to {_last_day(report)},"
    month = f"In {report.month:%B %Y}{so_far}"
    if not total.read and not report.found:
        return f"{month} nothing was read and no case was found."
    levels = counts_words(report)
    cases = (
        f"{many(report.found, 'case')} {were(report.found)} found: {levels}"
        if levels
        else "no case was found"
    )
    told = (
        f"{month} {many(total.read, 'public mention')} {were(total.read)} read, {number(total.about_us)} of "
        f"them about {report.organisation}; {cases}."
    )
    if not report.clocks:
        return told
    return (
        f"{told} {share(report.clocks - report.late, report.clocks)} of the service levels were met in time."
    )


def _covers(report: MonthReport) -> str:
    span = "the whole month" if report.complete else f"the month so far, up to {_last_day(report)}"
    made = report.generated_at
    return (
        f"Covers {span}. Made on {day_words(made)} {made.year}, {made:%H:%M} UTC. "
        "It holds no names and no words of any post."
    )


def _last_day(report: MonthReport) -> str:
    return day_words(report.days[-1].day)
