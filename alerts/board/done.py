"""The sections on what was done: how quickly, with what outcome, and what was left alone. Pure."""

from alerts.board import charts, paper
from alerts.board.paper import Section, Table, long_words, many, number, share
from alerts.board.report import MonthReport
from alerts.words.phrases import were


def sections(report: MonthReport) -> tuple[Section, ...]:
    """The sections in their order."""
    return (_responses(report), _outcomes(report), _free_speech(report), _silences(report))


def _responses(report: MonthReport) -> Section:
    heading = "How quickly we acted"
    if not report.responses:
        return Section(heading=heading, lines=("No service level began in this month.",))
    settled, late = report.clocks, report.late
    running = sum(row.running for row in report.responses)
    lines = [
        f"{many(settled, 'service level')} {were(settled)} settled: {number(settled - late)} met in time, "
        f"{number(late)} late ({share(late, settled)}). Still running: {number(running)}."
    ]
    gap = report.confirmation
    if gap:
        lines.append(
            f"From the machine's finding to a person's confirmation ({many(gap.number, 'case')}): half within "
            f"{long_words(gap.median)}, nine in ten within {long_words(gap.nine_in_ten)}, the longest "
            f"{long_words(gap.worst)}."
        )
    note = (
        "Times run by the clock on the wall, nights and weekends included, while allowances may count working "
        "hours only. What has run out and is not met yet counts as late, at its time so far. Running ones, "
        "those on hold among them, are left out of the times."
    )
    return Section(
        heading=heading,
        lines=tuple(lines),
        pictures=(charts.answered(report),),
        tables=(paper.responses(report),),
        notes=(note,),
    )


def _outcomes(report: MonthReport) -> Section:
    if not report.outcomes:
        return Section(heading="How cases ended", lines=("No case was closed in this month.",))
    first = report.outcomes[0]
    line = (
        f"{many(report.closed, 'case')} {were(report.closed)} closed, most often with the outcome "
        f"“{first.name}” ({number(first.cases)})."
    )
    table = Table(
        caption="Outcomes of the cases closed in the month",
        columns=("Outcome", "Cases", "Share"),
        rows=tuple(
            (row.name.capitalize(), number(row.cases), share(row.cases, report.closed))
            for row in report.outcomes
        ),
    )
    return Section(heading="How cases ended", lines=(line,), tables=(table,))


def _free_speech(report: MonthReport) -> Section:
    criticism, speak_up = report.criticism, report.speak_up
    lines = [
        f"{many(criticism.cases, 'case')} {were(criticism.cases)} recognised as criticism; no removal was asked "
        f"in {number(criticism.left_alone)} of them. {many(criticism.unflagged, 'mention')} about us "
        f"{were(criticism.unflagged)} not flagged at all and left alone.",
        f"{many(speak_up.cases, 'case')} may be a worker's disclosure. An independent reviewer has opened the "
        f"routes of {number(speak_up.released)} of them.",
        f"{many(report.conflicts, 'case')} named or accused somebody who would have decided: there the deputy "
        "decides.",
    ]
    asked = criticism.cases - criticism.left_alone
    if asked:
        lines.append(
            f"A removal was asked all the same in {many(asked, 'case')} with criticism. That needs a ground "
            "besides the criticism; ask the decision owner for it."
        )
    return Section(heading="Criticism, speaking up, and who decides", lines=tuple(lines))


def _silences(report: MonthReport) -> Section:
    if not report.silences:
        line = "No silence was in force: every case was told as the rules say."
    else:
        kept = (
            ""
            if report.silenced is None
            else f" and kept {many(report.silenced, 'case')} from being told at once"
        )
        line = (
            f"{many(report.silences, 'silence')} {were(report.silences)} in force{kept}. The digest tells silenced "
            "cases all the same. Critical and safeguarding cases cannot be silenced."
        )
    return Section(heading="Silences", lines=(line,))
