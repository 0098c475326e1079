"""The parts of the board's paper, how its numbers are put into words, and its tables. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from alerts.board.report import MonthReport, Volume
from alerts.words.phrases import day_words, one_line
from core.vocabulary import DEFINITIONS

CLOCK_WORDS = {
    "first_eyes": "A person looked",
    "owner_told": "The decision owner was told",
    "first_route": "The first route was used",
    "own_breach": "Our own breach was reported",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Something for the board's attention: what it is, and what is known of it."""

    head: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table in words: its first ``texts`` columns hold words, the others numbers; the first heads its row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing, what it shows under it, and all of that in words for whoever cannot see it."""

    svg: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it: lines, then pictures, tables and notes, each where there is any."""

    heading: str
    lines: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The whole report; ``facts`` are the few numbers set large at its head, each with what it counts."""

    title: str
    organisation: str
    month: str
    covers: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    sections: tuple[Section, ...] = field(default=())


def many(value: int, thing: str, things: str = "") -> str:
    """``1 mention``, ``4,812 mentions``."""
    return f"{number(value)} {thing if value == 1 else things or thing + 's'}"


def number(value: int) -> str:
    """``4,812``."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """``95%``, or a dash where there is nothing to take a share of. Never rounded up to 100% or down to 0%."""
    return percent(part / whole) if whole else "–"


def percent(value: float) -> str:
    """A share from 0 to 1: ``95%``, ``99.6%``, ``0.4%``."""
    shown = 100 * value
    if shown in (0, 100) or 1 <= shown <= 99:
        return f"{shown:.0f}%"
    return f"{min(max(shown, 0.1), 99.9):.1f}%"


def hours_words(value: float | None) -> str:
    """``3.5``; a dash where nothing was measured."""
    return "–" if value is None else f"{value:,.1f}"


def long_words(value: float) -> str:
    """``40 minutes``, ``3.5 hours``, ``5.2 days``."""
    if value < 1:
        return many(round(value * 60), "minute")
    if value < 48:
        return "1 hour" if f"{value:.1f}" == "1.0" else f"{value:.1f} hours"
    return f"{value / 24:,.1f} days"


def clock_words(name: str) -> str:
    """A clock by what stops it."""
    return CLOCK_WORDS.get(name) or one_line(name.replace("_", " "), 60).capitalize()


def weeks(report: MonthReport) -> Table:
    """The mentions week by week."""
    rows = [(_week(week), *_numbers(week)) for week in report.weeks]
    return Table(
        caption="Mentions by week (Monday to Sunday, cut at the ends of the month)",
        columns=("Week", "Read", "About us", "Flagged", "Unread by the machine"),
        rows=(*rows, ("The month", *_numbers(report.total))),
    )


def _week(week: Volume) -> str:
    if week.first == week.last:
        return day_words(week.first)
    return f"{week.first.day} to {day_words(week.last)}"


def _numbers(volume: Volume) -> tuple[str, ...]:
    return tuple(number(n) for n in (volume.read, volume.about_us, volume.flagged, volume.unread))


def glance(report: MonthReport) -> Table:
    """The month beside the one before it."""
    total, before, settled = report.total, report.before, report.clocks
    rows: list[tuple[str, str, str]] = [
        ("Mentions read", number(total.read), number(before.read) if before else ""),
        ("Mentions about us", number(total.about_us), number(before.about_us) if before else ""),
        ("Mentions flagged", number(total.flagged), number(before.flagged) if before else ""),
        ("Cases found", number(report.found), number(before.cases) if before else ""),
        (
            "Service levels met in time",
            share(settled - report.late, settled),
            percent(before.on_time) if before and before.on_time is not None else "–",
        ),
    ]
    if before:
        return Table(
            caption="The month beside the one before",
            columns=("Measure", "This month", "Month before"),
            rows=tuple(rows),
        )
    return Table(
        caption="The month in numbers", columns=("Measure", "This month"), rows=tuple(row[:2] for row in rows)
    )


def labels(report: MonthReport) -> Table:
    """What the cases were about, and how often a person agreed."""
    return Table(
        caption="Labels of the cases found in the month",
        columns=("Label", "What it means", "Found", "Decided", "Upheld", "Upheld of decided"),
        rows=tuple(
            (
                row.label.capitalize(),
                DEFINITIONS.get(row.label, ""),
                number(row.found),
                number(row.decided),
                number(row.upheld),
                share(row.upheld, row.decided),
            )
            for row in report.labels
        ),
        texts=2,
    )


def severities(report: MonthReport) -> Table:
    """The cases found, by how grave they are."""
    return Table(
        caption="Severity of the cases found in the month",
        columns=("Severity", "Cases", "Share"),
        rows=tuple(
            (row.name.capitalize(), number(row.cases), share(row.cases, report.found))
            for row in report.severities
        ),
    )


def clauses(report: MonthReport) -> Table:
    """Which clauses of the policy the cases stand under."""
    return Table(
        caption="Clauses of the policy, by the number of cases under them",
        columns=("Clause", "What it says, in our words", "Cases"),
        rows=tuple((row.clause, row.paraphrase, number(row.cases)) for row in report.clauses),
        texts=2,
    )


def responses(report: MonthReport) -> Table:
    """The service levels, by severity and clock."""
    return Table(
        caption="Service levels by severity (times in hours)",
        columns=(
            "Severity and step",
            "Allowed",
            "Cases",
            "In time",
            "Late",
            "Running",
            "Median",
            "9 in 10 within",
            "Worst",
        ),
        rows=tuple(
            (
                f"{row.severity.capitalize()}: {lowered(clock_words(row.clock))}",
                row.allowance,
                number(row.number),
                number(row.met_in_time),
                number(row.late),
                number(row.running),
                hours_words(row.median),
                hours_words(row.nine_in_ten),
                hours_words(row.worst),
            )
            for row in report.responses
        ),
        texts=2,
    )


def sources(report: MonthReport) -> Table:
    """How far each source was watched, worst first."""
    return Table(
        caption="Sources, the least watched first",
        columns=("Source", "Why it was not watched", "Watched", "Outages", "Longest (hours)"),
        rows=tuple(
            (
                row.name,
                kinds_words(row.kinds) or "–",
                percent(row.watched),
                number(row.outages),
                hours_words(row.longest) if row.outages else "–",
            )
            for row in report.sources
        ),
        texts=2,
    )


def kinds_words(kinds: Sequence[tuple[str, int]]) -> str:
    """``cannot be reached (3), refused``."""
    return ", ".join(f"{kind} ({times})" if times > 1 else kind for kind, times in kinds)


def counts_words(report: MonthReport) -> str:
    """``2 critical, 11 high``; empty without a case."""
    return ", ".join(f"{number(row.cases)} {row.name}" for row in report.severities if row.cases)


def lowered(words: str) -> str:
    """The same words for the middle of a sentence."""
    return words[:1].lower() + words[1:]
