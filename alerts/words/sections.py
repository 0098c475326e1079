"""The one shape that every part of a digest has, whatever it tells of (values, and how cases become rows)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alerts.digest import Digest
from alerts.words.case_views import CaseRow
from alerts.words.guards import guard_words
from alerts.words.views import (
    Link,
    Reader,
    by_severity,
    case_link,
    joined,
    source_words,
    state_words,
    what_words,
)
from core.types import Case

# The digest holds many links: longer ones are left to the case mail, so that it stays below the 100 kB at
# which mail programs cut a message.
DIGEST_LINK = 200
NOWHERE = Link("", "")


@dataclass(frozen=True, slots=True)
class GroupView:
    """A heading (none where empty), the cases shown under it, and in words how many more there are."""

    name: str
    total: int
    rows: tuple[CaseRow, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is, linked where there is somewhere to go, and words, which begin with the stop between."""

    head: str
    words: str
    link: Link = NOWHERE


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: ``tone`` names a colour, ``detail`` stands smaller under the words."""

    words: str
    tone: str = "text"
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day of the trend, for the text part: a number and a bar of so many signs."""

    day: str
    number: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a digest, shown in this order: lines, picture, items, groups of cases, a table, a last line.

    ``aside`` heads the last column of the cases, ``heads`` the columns of the table. ``bars`` say in text what
    the picture of the trend shows in HTML; it stands where they are.
    """

    heading: str
    lines: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    items: tuple[Item, ...] = ()
    aside: str = ""
    groups: tuple[GroupView, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    after: str = ""

    @property
    def width(self) -> int:
        """How wide the first column of the table is in text."""
        return min(max((len(row[0].words) for row in self.rows), default=0), 28)


def group(name: str, cases: Sequence[Case], rows: Iterable[CaseRow], rest: Sequence[Case]) -> GroupView:
    """Cases under a heading; what finds no room is counted by severity."""
    return GroupView(name, len(cases), tuple(rows), _more(rest))


def _more(rest: Sequence[Case]) -> str:
    return f"and {len(rest)} more: {by_severity(rest)}" if rest else ""


def case_row(case: Case, reader: Reader, aside: str, tone: str = "text") -> CaseRow:
    """One case of a digest."""
    link = case_link(case, reader, DIGEST_LINK)
    guards = "" if reader.discreet else guard_words(case)
    return CaseRow(
        number=case.id,
        severity=str(case.severity),
        what="" if reader.discreet else what_words(case),
        words=joined(state_words(case), guards, source_words(case, reader), "" if link.url else link.words),
        aside=aside,
        tone=tone,
        link=link,
    )


def listed(
    heading: str,
    cases: Sequence[Case],
    digest: Digest,
    reader: Reader,
    words: Callable[[Case, Digest], str],
) -> Section | None:
    """Cases in a line each, gravest first, the rest counted; nothing where there is none."""
    gravest = sorted(cases, key=lambda case: (-case.severity, case.detected_at, case.id))
    items = tuple(
        Item(
            f"Case {case.id}",
            ": " + "; ".join(part for part in (_graded(case, reader), words(case, digest)) if part),
            case_link(case, reader, DIGEST_LINK),
        )
        for case in gravest[: reader.room.items]
    )
    after = _more(gravest[reader.room.items :])
    return Section(heading=f"{heading} ({len(cases)})", items=items, after=after) if items else None


def _graded(case: Case, reader: Reader) -> str:
    return str(case.severity) if reader.discreet else f"{case.severity}, {what_words(case)}"
