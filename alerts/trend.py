"""A small picture of how many posts were flagged on each of the last days, for the digest (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import fmean
from typing import TYPE_CHECKING

from alerts.words.palette import LIGHT
from alerts.words.phrases import and_list, day_words
from alerts.words.plots import GRAVEST_FIRST, bare, canvas, diluted, fill, outline, png, swatch
from core.telling import Image
from core.types import Severity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WEEK = 7
_COUNTED = "Flagged posts"
# 560 x 140 pixels of the mail, twice as fine for good screens.
_WIDTH, _HEIGHT, _DPI = 5.6, 1.4, 200
_SMALL, _TEXT = 7.0, 7.8


@dataclass(frozen=True, slots=True)
class DayCounts:
    """How many posts were flagged on one local day, by severity; a severity left out stands for none."""

    day: date
    counts: Mapping[Severity, int]

    @property
    def total(self) -> int:
        """All of the day's flagged posts."""
        return sum(self.counts.values())


def trend_png(days: Sequence[DayCounts]) -> Image:
    """A picture of the days (oldest first, without gaps) as bars stacked by severity, the last one marked.

    Made for 7 or 28 days that end yesterday. The ground is light and the picture's own, so that it can be read
    in a dark mail too. The same days give the same bytes. Raises ValueError where there is no day.
    """
    if not days:
        raise ValueError("a trend needs at least one day")
    return _picture(tuple((day.day, tuple(sorted(day.counts.items()))) for day in days))


@lru_cache(maxsize=8)
def _picture(counted: tuple[tuple[date, tuple[tuple[Severity, int], ...]], ...]) -> Image:
    """Drawn once for all who get the digest of a day: drawing takes far longer than all else of a mail."""
    days = [DayCounts(day=day, counts=dict(counts)) for day, counts in counted]
    return Image(cid=f"trend-{len(days)}", png=_draw(days), alt=trend_words(days))


def trend_words(days: Sequence[DayCounts]) -> str:
    """The picture in words: each day's number, or each week's where there are more than seven days."""
    last = days[-1]
    span = f"{_COUNTED} per day" if len(days) <= _WEEK else _COUNTED
    if len(days) > 1:
        span += f" from {_span(days[0].day, last.day)}"
    weeks = [days[max(0, end - _WEEK) : end] for end in range(len(days), 0, -_WEEK)][::-1]
    if len(weeks) > 1:
        span += f", in weeks that end on {and_list([day_words(week[-1].day) for week in weeks])}"
        numbers = [sum(day.total for day in week) for week in weeks]
    else:
        numbers = [day.total for day in days]
    mean = fmean(day.total for day in weeks[-1])
    return (
        f"{span}: {', '.join(map(str, numbers))}; {day_words(last.day)}: {last.total}{_levels(last)}, "
        f"week's mean {mean:.1f}"
    )


def _span(first: date, last: date) -> str:
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else day_words(first)} to {day_words(last)}"


def _levels(day: DayCounts) -> str:
    named = [f"{day.counts[level]} {level}" for level in GRAVEST_FIRST if day.counts.get(level)]
    return f" ({', '.join(named)})" if named else ""


def _draw(days: Sequence[DayCounts]) -> bytes:
    from matplotlib.patches import Rectangle

    figure = canvas(_WIDTH, _HEIGHT, _DPI)
    figure.add_artist(
        Rectangle(
            (0.001, 0.004), 0.998, 0.992, fill=False, edgecolor=LIGHT["line"], transform=figure.transFigure
        )
    )
    axes = figure.add_axes((0.03, 0.18, 0.94, 0.56))
    bare(axes)
    axes.set_yticks([])
    most = max(1, *(day.total for day in days))
    axes.set_ylim(0, most * 1.22)
    axes.set_xlim(-0.6, len(days) - 0.4)
    _mark_last(axes, len(days))
    _bars(axes, days)
    _numbers(axes, days)
    _dates(axes, days)
    figure.text(
        0.03, 0.855, f"{_COUNTED} per day", fontsize=_TEXT, color=LIGHT["text"], weight="bold", va="center"
    )
    seen = [level for level in GRAVEST_FIRST if any(day.counts.get(level) for day in days)]
    if seen:
        patches = [swatch(fill(level), outline(level), str(level)) for level in seen]
        figure.legend(
            handles=patches, loc="center right", bbox_to_anchor=(0.985, 0.86), ncols=len(seen), frameon=False,
            fontsize=_SMALL, labelcolor=LIGHT["text"], handlelength=1.0, handleheight=0.9, columnspacing=1.0,
            handletextpad=0.4, borderpad=0,
        )  # fmt: skip
    return png(figure)


def _mark_last(axes: "Axes", days: int) -> None:
    axes.axvspan(days - 1.5, days - 0.5, color=diluted(LIGHT["link"], 0.86), linewidth=0, zorder=0)


def _bars(axes: "Axes", days: Sequence[DayCounts]) -> None:
    """The gravest at the foot, where its height is read most easily."""
    floor = [0] * len(days)
    for level in GRAVEST_FIRST:
        heights = [day.counts.get(level, 0) for day in days]
        if any(heights):
            axes.bar(
                range(len(days)), heights, bottom=floor, width=0.62, color=fill(level), edgecolor=outline(level),
                linewidth=[0.6 if height else 0.0 for height in heights], zorder=2,
            )  # fmt: skip
        floor = [below + height for below, height in zip(floor, heights, strict=True)]


def _numbers(axes: "Axes", days: Sequence[DayCounts]) -> None:
    """A number on each bar, or where there are many on the highest and the last."""
    top = max(range(len(days)), key=lambda place: days[place].total)
    for place, day in enumerate(days):
        last = place == len(days) - 1
        if len(days) <= _WEEK or last or (place == top and len(days) - 1 - place > 1):
            axes.annotate(
                f"{day.total:,}", (place, day.total), xytext=(0, 2), textcoords="offset points", ha="center",
                fontsize=_SMALL, color=LIGHT["text"], weight="bold" if last else "normal",
            )  # fmt: skip


def _dates(axes: "Axes", days: Sequence[DayCounts]) -> None:
    last = len(days) - 1
    if len(days) <= _WEEK:
        shown = {place: f"{day.day:%a} {day.day.day}" for place, day in enumerate(days)}
    else:
        mondays = (place for place, day in enumerate(days) if day.day.weekday() == 0 and last - place > 1)
        shown = {place: f"{days[place].day.day} {days[place].day:%b}" for place in (*mondays, last)}
    labels = axes.set_xticks(list(shown), list(shown.values()), fontsize=_SMALL)
    labels[-1].label1.set_fontweight("bold")
