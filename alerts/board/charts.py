"""The pictures of the board report as SVG; readable in grey, with every number written beside its bar. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alerts.board.paper import Picture, clock_words, lowered, many
from alerts.board.report import DayFlags, MonthReport
from alerts.board.times import Response
from alerts.words.palette import LIGHT
from alerts.words.phrases import and_list, day_words
from alerts.words.plots import GRAVEST_FIRST, bare, canvas, diluted, fill, outline, svg, swatch
from core.types import Severity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

_WIDTH = 6.7  # inches: the text's width on A4
_SMALL = 7.5
# (fill, edge, name): the darkest is what the eye should find.
_STATES: tuple[tuple[str, str, str], ...] = (
    (diluted(LIGHT["good"], 0.72), LIGHT["good"], "in time"),
    (LIGHT["bad"], LIGHT["bad"], "late"),
    (LIGHT["card"], LIGHT["muted"], "running"),
)


def flagged(report: MonthReport) -> Picture:
    """Flagged mentions per day, stacked by severity."""
    figure = canvas(_WIDTH, 2.1)
    axes = figure.add_axes((0.045, 0.14, 0.945, 0.7))
    bare(axes)
    axes.set_xlim(-0.7, len(report.days) - 0.3)
    highest = max(1, *(sum(day.counts.values()) for day in report.days))
    axes.set_ylim(0, highest * 1.12)
    _grid(axes, highest)
    _stacks(axes, report.days)
    shown = [place for place, day in enumerate(report.days) if day.day.weekday() == 0]
    axes.set_xticks(shown, [_tick(report.days[place]) for place in shown], fontsize=_SMALL)
    used = [level for level in GRAVEST_FIRST if any(day.counts.get(str(level)) for day in report.days)]
    _legend(axes, [swatch(fill(s), outline(s), str(s)) for s in used])
    return Picture(
        svg=svg(figure),
        caption="Flagged mentions per day, by severity; the days named are Mondays",
        alt=_flagged_words(report),
    )


def answered(report: MonthReport) -> Picture:
    """How many service levels were met in time, late, or still run, by severity and clock."""
    rows = report.responses
    figure = canvas(_WIDTH, 0.55 + 0.235 * len(rows))
    top = 1 - 0.33 / figure.get_figheight()
    axes = figure.add_axes((0.36, 0.02, 0.62, top - 0.02))
    bare(axes)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(row.number for row in rows) * 1.02)
    names = [f"{row.severity.capitalize()}: {lowered(clock_words(row.clock))}" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=_SMALL)
    for place, row in enumerate(rows):
        _lane(axes, place, (row.met_in_time, row.late, row.running))
    _legend(axes, [swatch(*state) for state in _STATES])
    return Picture(
        svg=svg(figure),
        caption="Service levels: met in time, late, and still running",
        alt="; ".join(_lane_words(row) for row in rows) + ".",
    )


def _grid(axes: "Axes", highest: int) -> None:
    step = max(1, round(highest / 3))
    lines = range(step, highest + 1, step)
    axes.set_yticks(list(lines), [f"{line:,}" for line in lines], fontsize=_SMALL)
    axes.grid(axis="y", color=LIGHT["line"], linewidth=0.6)
    axes.set_axisbelow(True)


def _stacks(axes: "Axes", days: Sequence[DayFlags]) -> None:
    floor = [0] * len(days)
    for level in GRAVEST_FIRST:
        heights = [day.counts.get(str(level), 0) for day in days]
        if any(heights):
            widths = [0.6 if height else 0.0 for height in heights]
            axes.bar(
                range(len(days)),
                heights,
                bottom=floor,
                width=0.68,
                color=fill(level),
                edgecolor=outline(level),
                linewidth=widths,
            )
        floor = [below + height for below, height in zip(floor, heights, strict=True)]


def _lane(axes: "Axes", place: int, parts: tuple[int, int, int]) -> None:
    """One bar; each part holds its number, in the colour that can be read on it."""
    begin = 0
    for (paint, edge, name), length in zip(_STATES, parts, strict=True):
        if length:
            axes.barh(place, length, left=begin, height=0.66, color=paint, edgecolor=edge, linewidth=0.7)
            ink = LIGHT["card"] if name == "late" else LIGHT["text"]
            axes.text(
                begin + length / 2, place, f"{length:,}", ha="center", va="center", fontsize=_SMALL, color=ink
            )
        begin += length


def _legend(axes: "Axes", patches: "Sequence[Patch]") -> None:
    if patches:
        axes.legend(
            handles=patches,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=len(patches),
            frameon=False,
            fontsize=_SMALL,
            labelcolor=LIGHT["text"],
            handlelength=1.1,
            handleheight=0.9,
            columnspacing=1.2,
            borderpad=0.2,
        )


def _tick(day: DayFlags) -> str:
    return f"{day.day.day} {day.day:%b}"


def _flagged_words(report: MonthReport) -> str:
    numbers = [sum(day.counts.values()) for day in report.days]
    first, last = report.days[0].day, report.days[-1].day
    span = f"{day_words(first)} to {day_words(last)}"
    by_level = {str(s): sum(day.counts.get(str(s), 0) for day in report.days) for s in Severity}
    parts = [f"{by_level[str(s)]:,} {s}" for s in GRAVEST_FIRST if by_level[str(s)]]
    what = f" ({', '.join(parts)})" if parts else ""
    return f"Flagged mentions on each day from {span}: {', '.join(map(str, numbers))}; in all {sum(numbers):,}{what}."


def _lane_words(row: Response) -> str:
    parts = [f"{row.met_in_time:,} in time", f"{row.late:,} late"]
    if row.running:
        parts.append(f"{row.running:,} still running")
    step = f"{row.severity.capitalize()}, {lowered(clock_words(row.clock))}"
    return f"{step}, {many(row.number, 'case')}: {and_list(parts)}"
