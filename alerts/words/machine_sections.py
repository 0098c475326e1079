"""The parts of a digest that tell of the machine: numbers, speed, the trend, coverage, reading and sending (pure)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import fmean

from alerts.board.month import Totals
from alerts.board.times import Response
from alerts.caseload import COUNTS_ONLY
from alerts.coverage import Coverage, Watch
from alerts.digest import Digest, Span
from alerts.trend import DayCounts
from alerts.words.clocks import clock_name
from alerts.words.phrases import (
    age_words,
    and_list,
    count,
    day_words,
    moment_words,
    one_line,
    span_words,
    were,
    when_words,
)
from alerts.words.sections import DIGEST_LINK, Bar, Cell, Item, Section
from alerts.words.views import Reader, case_link, state_words
from core.types import Severity

_BAR, _WEEK = 36, 7
_TOTALS = ("Mentions read", "About the organisation", "Flagged", "New cases", "Clocks met in time")
TONES = {Watch.broken: "bad", Watch.not_watched: "warn", Watch.partly: "warn", Watch.watched: "good"}


def numbers(digest: Digest, reader: Reader) -> Section | None:
    """The span beside the one before it, and its commonest labels."""
    if digest.span is Span.day:
        return None
    now, before = digest.totals, digest.watching.before
    rows = [
        (Cell(words), Cell(value), Cell(former))
        for words, value, former in zip(_TOTALS, _values(now), _values(before), strict=True)
    ]
    heads = ("", f"This {digest.span}", f"The {digest.span} before")
    return Section(heading="In numbers", heads=heads, rows=tuple(rows), after=_labels(digest, reader))


def _values(totals: Totals | None) -> tuple[str, ...]:
    """The totals as words; dashes where they are not known."""
    if totals is None:
        return ("–",) * len(_TOTALS)
    share = "–" if totals.on_time is None else f"{100 * totals.on_time:.0f} %"
    counts = (totals.read, totals.about_us, totals.flagged, totals.cases)
    return (*(f"{value:,}" for value in counts), share)


def _labels(digest: Digest, reader: Reader) -> str:
    if not digest.labels or reader.discreet or digest.role in COUNTS_ONLY:
        return ""
    named = [f"{one_line(label, 40)} {number}" for label, number in digest.labels[: reader.room.items]]
    return f"The commonest labels of the new cases: {', '.join(named)}."


def speed(digest: Digest, reader: Reader) -> Section | None:
    """How long things took, and what has been open for longest."""
    if digest.span is Span.day or not (digest.responses or digest.longest):
        return None
    lines = tuple(_response(row, reader) for row in digest.responses)
    items = tuple(
        Item(
            f"Case {case.id}",
            f": {case.severity}, open for {age_words(digest.now - case.detected_at)}; {state_words(case)}",
            case_link(case, reader, DIGEST_LINK),
        )
        for case in digest.longest
    )
    lines += ("Open for longest:",) if items else ()
    return Section(heading="How fast it went", lines=lines, items=items)


def _response(row: Response, reader: Reader) -> str:
    parts = [f"{row.met_in_time} in time"] if row.met_in_time else []
    parts += [f"{row.late} late"] if row.late else []
    parts += [f"{row.running} running"] if row.running else []
    said = f"{row.severity.capitalize()}, {clock_name(row.clock, reader.discreet)}: {and_list(parts)}"
    if row.median is None or row.worst is None:
        return f"{said}."
    middle, worst = (span_words(timedelta(hours=value)) for value in (row.median, row.worst))
    return f"{said}; half within {middle}, the slowest {worst} (allowed: {row.allowance})."


def trend(digest: Digest, _reader: Reader) -> Section | None:
    """The last days as a picture, in words and in bars of signs."""
    days = digest.watching.trend
    if not days:
        return None
    most = max(1, *(day.total for day in days))
    bars = tuple(
        Bar(
            day=f"{day.day:%a} {day.day.day:>2} {day.day:%b}",
            number=day.total,
            length=round(_BAR * day.total / most),
        )
        for day in days
    )
    return Section(heading="Flagged, day by day", lines=(_yesterday(days),), bars=bars)


def _yesterday(days: Sequence[DayCounts]) -> str:
    """The last day beside its week."""
    last, mean = days[-1], fmean(day.total for day in days[-_WEEK:])
    levels = [
        f"{last.counts[level]} {level}" for level in sorted(Severity, reverse=True) if last.counts.get(level)
    ]
    named = f" ({', '.join(levels)})" if levels else ""
    beside = "as many as" if last.total == mean else "more than" if last.total > mean else "fewer than"
    number = last.total or "none"
    return f"{day_words(last.day)}: {number} flagged{named}, {beside} the week's mean of {mean:.1f} a day."


def left_alone(digest: Digest, _reader: Reader) -> Section | None:
    """Criticism is free: what speaks of the organisation and is left alone."""
    lines: list[str] = []
    if number := digest.watching.counts.left_alone:
        breaks = "mention speaks of us and breaks" if number == 1 else "mentions speak of us and break"
        lines.append(f"{number} {breaks} no rule, be it praise or criticism.")
    if number := sum("criticism" in case.guards for case in digest.new_cases):
        holds = "holds" if number == 1 else "hold"
        lines.append(f"{count(number, 'new case')} {holds} criticism, which is answered and not taken down.")
    return Section(heading="Left alone", lines=tuple(lines)) if lines else None


def watched(digest: Digest, reader: Reader) -> Section:
    """The sources in the order of their coverage, worst first; those that find no room by name, so none goes unsaid."""
    rows, rest = digest.coverage[: reader.room.sources], digest.coverage[reader.room.sources :]
    named = [f"{one_line(source.name, 40)} ({source.watch})" for source in rest[: reader.room.names]]
    unnamed = len(rest) - len(named)
    others = and_list([*named, *([f"{unnamed} more"] if unnamed else [])])
    return Section(
        heading="What was watched",
        lines=(coverage_words(digest),),
        heads=("Source", "Coverage", "Last read"),
        rows=tuple(_source(source, digest) for source in rows),
        after=f"Also: {others}." if others else "",
    )


def _source(source: Coverage, digest: Digest) -> tuple[Cell, ...]:
    dated = source.watch in {Watch.broken, Watch.not_watched}
    began = f" since {moment_words(source.since, digest.now, digest.tz)}" if source.since and dated else ""
    read = moment_words(source.last_ok_at, digest.now, digest.tz) if source.last_ok_at else "never"
    state = Cell(f"{source.watch}{began}", TONES[source.watch], one_line(source.detail, 160))
    return Cell(one_line(source.name, 60)), state, Cell(read)


def coverage_words(digest: Digest) -> str:
    """``4 sources: 2 watched, 1 partly, 1 broken``."""
    parts = [f"{digest.sources(watch)} {watch}" for watch in reversed(Watch) if digest.sources(watch)]
    if not parts:
        return "No source is configured: nothing is being watched."
    return f"{count(len(digest.coverage), 'source')}: {', '.join(parts)}."


def reading(digest: Digest, _reader: Reader) -> Section:
    """What was read, and what waits without anybody having seen it."""
    counts = digest.watching.counts
    lines = [f"{count(counts.read, 'mention')} read{_since(digest)}."]
    if counts.dropped:
        dropped = f"{count(counts.dropped, 'mention')} {were(counts.dropped)}"
        lines.append(f"{dropped} not about the organisation by its query.")
    if counts.flagged:
        lines.append(f"{count(counts.flagged, 'mention')} {were(counts.flagged)} flagged.")
    if counts.unassessed:
        left = f"{count(counts.unassessed, 'mention')} {were(counts.unassessed)}"
        lines.append(f"{left} not assessed: nobody has judged {'it' if counts.unassessed == 1 else 'them'}.")
    return Section(heading="What was read", lines=tuple(lines))


def sending(digest: Digest, _reader: Reader) -> Section | None:
    """What became of the messages; a server that takes one says nothing of whether it was read."""
    lines = tuple(_messages(digest))
    return Section(heading="What was sent", lines=lines) if lines else None


def _messages(digest: Digest) -> Iterator[str]:
    sent, since = digest.watching.sent, _since(digest)
    if sent.accepted:
        late = f", {sent.late} of them more than an hour late" if sent.late else ""
        yield f"{count(sent.accepted, 'message')} {were(sent.accepted)} accepted{since}{late}."
    if sent.acknowledged:
        yield f"{count(sent.acknowledged, 'message')} {were(sent.acknowledged)} taken note of."
    if sent.refused:
        yield f"{count(sent.refused, 'message')} {were(sent.refused)} refused{since}."
    if sent.bounced:
        yield f"{count(sent.bounced, 'message')} came back from the recipient's server."
    if sent.queued:
        yield f"{count(sent.queued, 'message')} {'waits' if sent.queued == 1 else 'wait'} to be sent."


def _since(digest: Digest) -> str:
    return f" since {when_words(digest.since, digest.tz)}" if digest.since else ""
