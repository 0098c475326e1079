"""The sections on what was said: the month at a glance, volumes, labels, clauses. Pure."""

from alerts.board import charts, paper
from alerts.board.paper import Section, counts_words, many, number, share
from alerts.board.report import MonthReport
from alerts.words.phrases import day_words, were


def sections(report: MonthReport) -> tuple[Section, ...]:
    """The sections in their order."""
    return (_glance(report), _volumes(report), _about(report), _clauses(report))


def _glance(report: MonthReport) -> Section:
    return Section(
        heading="The month at a glance",
        lines=(
            f"{many(report.opened_before, 'case')} {were(report.opened_before)} open when the month began. "
            f"{number(report.found)} {were(report.found)} found in it, {number(report.closed)} "
            f"{were(report.closed)} closed, and {number(report.still_open)} {were(report.still_open)} open at "
            "its end.",
        ),
        tables=(paper.glance(report),),
    )


def _volumes(report: MonthReport) -> Section:
    total = report.total
    busiest = max(report.days, key=lambda day: sum(day.counts.values()))
    most = sum(busiest.counts.values())
    told = f"{many(total.read, 'mention')} {were(total.read)} read"
    if total.read:
        told += f", {number(total.about_us)} of them about us ({share(total.about_us, total.read)})"
    if total.about_us:
        part = share(total.flagged, total.about_us)
        told += f"; {number(total.flagged)} of these {were(total.flagged)} flagged ({part})"
    lines = [f"{told}."]
    if most:
        lines.append(f"The busiest day was {day_words(busiest.day)} with {number(most)} flagged.")
    if total.unread:
        lines.append(
            f"The machine could make nothing of {many(total.unread, 'mention')}, such as those in another "
            "language: they are given to a person, never dropped."
        )
    return Section(
        heading="What was said",
        lines=tuple(lines),
        pictures=(charts.flagged(report),) if most else (),
        tables=(paper.weeks(report),),
    )


def _about(report: MonthReport) -> Section:
    heading = "What it was about"
    if not report.found:
        return Section(heading=heading, lines=("No case was found in this month.",))
    decided, upheld = sum(row.decided for row in report.labels), sum(row.upheld for row in report.labels)
    lines = [
        f"{many(report.found, 'case')}: {counts_words(report)}. A case can bear several labels, or none for sure."
    ]
    if decided:
        lines.append(
            f"People have decided on {many(decided, 'label')} so far and upheld {number(upheld)} of them "
            f"({share(upheld, decided)})."
        )
    tables = (paper.severities(report), *((paper.labels(report),) if report.labels else ()))
    return Section(heading=heading, lines=tuple(lines), tables=tables)


def _clauses(report: MonthReport) -> Section:
    heading = "Which clauses of the policy it touches"
    if not report.clauses:
        return Section(heading=heading, lines=("No case of this month stands under a clause.",))
    first, touched = report.clauses[0], len(report.clauses)
    line = (
        f"{many(touched, 'clause')} {were(touched)} touched, {first.clause} most often "
        f"({many(first.cases, 'case')})."
    )
    return Section(heading=heading, lines=(line,), tables=(paper.clauses(report),))
