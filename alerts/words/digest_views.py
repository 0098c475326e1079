"""A digest as the templates are given it: its subject, its headline, four numbers, and its parts in order (pure)."""

from collections.abc import Callable
from dataclasses import dataclass

from alerts.caseload import COUNTS_ONLY, run_out
from alerts.coverage import Watch
from alerts.digest import Digest, Span
from alerts.words import case_sections as of_cases
from alerts.words import machine_sections as of_machine
from alerts.words.phrases import count, day_words, were, when_words
from alerts.words.sections import Section
from alerts.words.views import Reader, by_severity

_Maker = Callable[[Digest, Reader], Section | None]
_FOR_CASES: tuple[_Maker, ...] = (
    of_cases.waiting,
    of_cases.overdue,
    of_machine.numbers,
    of_machine.speed,
    of_cases.new,
    of_cases.still_open,
    of_cases.deleted,
    of_cases.gone,
    of_cases.closed,
    of_cases.quiet,
    of_machine.trend,
    of_machine.left_alone,
    of_machine.watched,
    of_machine.reading,
    of_machine.sending,
)
_FOR_MACHINE: tuple[_Maker, ...] = (
    of_machine.watched,
    of_machine.reading,
    of_machine.sending,
    of_machine.numbers,
    of_machine.trend,
    of_cases.only_counts,
)
_NAMES = {Span.day: "Digest", Span.week: "Weekly digest", Span.month: "Monthly digest"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A number set large, and what it counts."""

    number: int
    words: str
    tone: str


def sections(digest: Digest, reader: Reader) -> tuple[Section, ...]:
    """The parts of a digest that say anything, in their order for its role."""
    makers = _FOR_MACHINE if digest.role in COUNTS_ONLY else _FOR_CASES
    return tuple(section for make in makers if (section := make(digest, reader)) is not None)


def subject(digest: Digest) -> str:
    """``Digest 20 November: 2 new, 3 open, 1 overdue, 1 source broken``."""
    words = f"{_NAMES[digest.span]} {day_words(digest.day)}: {digest.new_count} new, {digest.open_count} open"
    if digest.overdue_count:
        words += f", {digest.overdue_count} overdue"
    if broken := digest.sources(Watch.broken):
        return f"{words}, {count(broken, 'source')} broken"
    if unseen := digest.sources(Watch.not_watched):
        return f"{words}, {count(unseen, 'source')} not watched"
    return words


def name(digest: Digest) -> str:
    """What kind of digest it is."""
    return "morning digest" if digest.span is Span.day else _NAMES[digest.span].lower()


def title(digest: Digest) -> str:
    """The day, or the day on which the span ends."""
    day = f"{digest.day:%A} {day_words(digest.day)} {digest.day.year}"
    return day if digest.span is Span.day else f"The {digest.span} to {day}"


def covers(digest: Digest) -> str:
    """From when to when."""
    until = when_words(digest.now, digest.tz)
    if digest.since is None:
        return f"The first digest: covers everything until {until}."
    return f"Covers {when_words(digest.since, digest.tz)} to {until}."


def tiles(digest: Digest) -> tuple[Tile, ...]:
    """The four numbers that matter to the role."""
    blind = _unwatched(digest)
    watching = Tile(
        blind, f"{'source' if blind == 1 else 'sources'} not fully watched", "bad" if blind else "good"
    )
    if digest.role in COUNTS_ONLY:
        counts, sent = digest.watching.counts, digest.watching.sent
        lost = sent.refused + sent.bounced
        return (
            watching,
            Tile(counts.unassessed, "not assessed", "bad" if counts.unassessed else "good"),
            Tile(lost, "messages lost", "bad" if lost else "good"),
            Tile(digest.open_count, "open", "text"),
        )
    late = digest.overdue_count
    return (
        Tile(late, "overdue", "bad" if late else "good"),
        Tile(digest.new_count, "new", "text"),
        Tile(digest.open_count, "open", "text"),
        watching,
    )


def headline(digest: Digest) -> str:
    """The span in a few words; a quiet day is called so only with what was not watched beside it."""
    said = [_machine_words(digest)] if digest.role in COUNTS_ONLY else [_case_words(digest), _asked(digest)]
    if not digest.coverage:
        said.append("No source is configured.")
    elif unseen := _unwatched(digest):
        said.append(f"{count(unseen, 'source')} {were(unseen)} not fully watched.")
    return " ".join(part for part in said if part)


def short(digest: Digest, reader: Reader) -> str:
    """The digest in a line or two of at most 300 characters."""
    link = f"\n{reader.routes.link_base}" if reader.site else ""
    words = f"{subject(digest)}."
    return words + link if len(words + link) <= 300 else words


def _unwatched(digest: Digest) -> int:
    return len(digest.coverage) - digest.sources(Watch.watched)


def _case_words(digest: Digest) -> str:
    if digest.new_count:
        return f"{count(digest.new_count, 'new case')}: {by_severity(digest.new_cases)}."
    if digest.open_count:
        waits = "waits" if digest.open_count == 1 else "wait"
        return f"Nothing new. {count(digest.open_count, 'open case')} still {waits}."
    return f"A quiet {digest.span}: nothing new, and no case is open."


def _asked(digest: Digest) -> str:
    """How much of it is the reader's to do."""
    mine = len(digest.waiting)
    late = sum(run_out(due.clock, digest.now) for due in digest.waiting)
    parts = (
        [f"{mine} {'waits' if mine == 1 else 'wait'} for you{f', {late} overdue' if late else ''}."]
        if mine
        else []
    )
    if others := len(digest.overdue):
        parts.append(f"{others} {'is' if others == 1 else 'are'} overdue{' with others' if mine else ''}.")
    return " ".join(parts)


def _machine_words(digest: Digest) -> str:
    counts, sent = digest.watching.counts, digest.watching.sent
    said = []
    if counts.unassessed:
        said.append(f"{count(counts.unassessed, 'mention')} not assessed")
    if lost := sent.refused + sent.bounced:
        said.append(f"{count(lost, 'message')} lost")
    if said:
        return f"{', '.join(said)}."
    return (
        ""
        if _unwatched(digest) or not digest.coverage
        else "Everything runs: all sources watched, nothing stuck."
    )
