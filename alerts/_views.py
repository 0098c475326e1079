"""What the templates are given: cases, sources and links put into words, nothing that anybody wrote.

A case has no text and no author, and none is asked for here. All that comes from outside (names of sources,
links, reasons) passes ``one_line`` or ``safe_link``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts._words import (
    age_words,
    and_list,
    count,
    host_of,
    moment_words,
    one_line,
    safe_link,
    when_words,
)
from alerts.digest import CaseGroup, Coverage, Digest, Watch
from alerts.routes import Routes, fingerprint
from core.types import Case, Copy, Severity

# How many cases stand under a heading: no critical one is left to a count while there is any room.
ROWS = {"Critical": 16, "High": 10}
ROWS_ELSE = 4
REASONS_SHOWN = 6
SOURCES_SHOWN = 25
UNREAD = "to be read by a person"  # the machine made nothing of it
NAMES_SHOWN = 100
# The digest holds many links: longer ones are left to the case mail, so that it stays below the 100 kB at
# which mail programs cut a message.
DIGEST_LINK = 200


@dataclass(frozen=True, slots=True)
class Link:
    """Where a reader can go: ``url`` is empty where there is nothing to open, and ``words`` says why."""

    url: str
    words: str


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One copy of what a case is about."""

    source: str
    found: str
    link: Link


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in a table."""

    number: int
    severity: str
    what: str
    state: str
    source: str
    age: str
    link: Link


@dataclass(frozen=True, slots=True)
class GroupView:
    """A heading, the cases shown under it, and in words how many more there are."""

    name: str
    total: int
    rows: tuple[CaseRow, ...]
    more: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source: ``tone`` names a colour, ``state`` and ``detail`` say the same in words."""

    name: str
    tone: str
    state: str
    detail: str
    last_read: str


TONES = {Watch.broken: "bad", Watch.not_watched: "warn", Watch.partly: "warn", Watch.watched: "good"}


def what_words(case: Case) -> str:
    """The labels of a case, and those that a person should check."""
    sure = ", ".join(case.labels)
    unsure = ", ".join(label for label in case.ask if label not in case.labels)
    asked = f"to check: {unsure}" if unsure else ""
    return one_line("; ".join(part for part in (sure, asked) if part), 160) or UNREAD


def may_open(case: Case, to: str, routes: Routes) -> bool:
    """Whether a mail to this address may link the post itself.

    What concerns a child or an adult at risk is linked to the safeguarding lead only, or to whoever stands
    in, unless the policy does not tell that role at all. A mere doubt seals nothing: it is raised so freely
    that it would keep the decision owner from most cases.
    """
    if "safeguarding" not in case.labels or "safeguarding" not in case.recipients:
        return True
    return fingerprint(to) in {fingerprint(address) for address in routes.to("safeguarding")}


def post_link(copy: Copy, limit: int = 2000) -> Link:
    """The link to a post, named by its host: addresses of posts can hold names, so they are not shown."""
    url = safe_link(copy.url, limit)
    return Link(url, f"Open the post on {host_of(url)}" if url else "no link that can be opened")


def case_link(case: Case, to: str, routes: Routes, limit: int = 2000) -> Link:
    """The case on the review site; without a site the first post, where this address may open it."""
    if routes.link_base:
        return Link(f"{routes.link_base}/cases/{case.id}", f"Open case {case.id}")
    if not may_open(case, to, routes):
        return Link("", "link kept for the safeguarding lead")
    if not case.copies:
        return Link("", "no link recorded")
    return post_link(case.copies[0], limit)


def copy_rows(case: Case, to: str, routes: Routes, now: datetime, limit: int = 5) -> tuple[CopyRow, ...]:
    """The first copies of a case; each with its own link only where there is no site and it may be opened."""
    shown = not routes.link_base and may_open(case, to, routes)
    return tuple(
        CopyRow(
            source=one_line(copy.source, 60),
            found=f"{age_words(now - copy.found_at)} ago",
            link=post_link(copy) if shown else Link("", ""),
        )
        for copy in case.copies[:limit]
    )


def reason_lines(case: Case) -> tuple[str, ...]:
    """The first reasons of a case, as they are recorded, and how to read the rest."""
    rest = len(case.reasons) - REASONS_SHOWN
    more = (f"and {count(rest, 'more reason')}: redshank case show {case.id}",) if rest > 0 else ()
    return (*(one_line(reason) for reason in case.reasons[:REASONS_SHOWN]), *more)


def group_view(group: CaseGroup, digest: Digest, to: str, routes: Routes) -> GroupView:
    """A group with its gravest cases, oldest first; the rest is counted by severity."""
    gravest = sorted(group.cases, key=lambda case: (-case.severity, case.detected_at, case.id))
    room = ROWS.get(group.name, ROWS_ELSE)
    shown, rest = gravest[:room], gravest[room:]
    shown.sort(key=lambda case: (case.detected_at, case.id))
    rows = tuple(_case_row(case, digest, to, routes) for case in shown)
    more = f"and {len(rest)} more: {by_severity(rest)}" if rest else ""
    return GroupView(group.name, len(group.cases), rows, more)


def by_severity(cases: Iterable[Case]) -> str:
    """``2 critical, 5 high``."""
    counts = Counter(case.severity for case in cases)
    return ", ".join(f"{counts[level]} {level}" for level in sorted(Severity, reverse=True) if counts[level])


def _case_row(case: Case, digest: Digest, to: str, routes: Routes) -> CaseRow:
    return CaseRow(
        number=case.id,
        severity=str(case.severity),
        what=what_words(case),
        state=str(case.state).replace("_", " "),
        source=one_line(case.copies[0].source, 60) if case.copies else "no source",
        age=age_words(digest.now - case.detected_at),
        link=case_link(case, to, routes, DIGEST_LINK),
    )


def source_rows(digest: Digest) -> tuple[SourceRow, ...]:
    """The sources in the order of their coverage, worst first, as far as there is room."""
    return tuple(_source_row(source, digest) for source in digest.coverage[:SOURCES_SHOWN])


def other_sources(digest: Digest) -> str:
    """The sources that found no room, by name and state, so that none goes unsaid."""
    rest = digest.coverage[SOURCES_SHOWN:]
    named = [f"{one_line(source.name, 40)} ({source.watch})" for source in rest[:NAMES_SHOWN]]
    unnamed = len(rest) - len(named)
    return and_list([*named, *([f"{unnamed} more"] if unnamed else [])])


def _source_row(source: Coverage, digest: Digest) -> SourceRow:
    dated = source.watch in {Watch.broken, Watch.not_watched}
    began = f" since {moment_words(source.since, digest.now, digest.tz)}" if source.since and dated else ""
    read = moment_words(source.last_ok_at, digest.now, digest.tz) if source.last_ok_at else "never"
    name, tone = one_line(source.name, 60), TONES[source.watch]
    return SourceRow(name, tone, f"{source.watch}{began}", source.detail, read)


def coverage_words(digest: Digest) -> str:
    """``4 sources: 2 watched, 1 partly, 1 broken``."""
    parts = [f"{digest.sources(watch)} {watch}" for watch in reversed(Watch) if digest.sources(watch)]
    if not parts:
        return "No source is configured: nothing is being watched."
    return f"{count(len(digest.coverage), 'source')}: {', '.join(parts)}."


def queue_words(digest: Digest) -> Sequence[str]:
    """What was read, and what waits without anybody having seen it."""
    since = f" since {when_words(digest.since, digest.tz)}" if digest.since else ""
    lines = [f"{count(digest.read, 'mention')} read{since}."]
    if digest.dropped:
        were = "was" if digest.dropped == 1 else "were"
        lines.append(f"{count(digest.dropped, 'mention')} {were} not about the organisation by its query.")
    if digest.unassessed:
        were = "was" if digest.unassessed == 1 else "were"
        lines.append(f"{count(digest.unassessed, 'mention')} {were} not assessed: nobody has judged them.")
    if digest.undelivered:
        were = "was" if digest.undelivered == 1 else "were"
        lines.append(f"{count(digest.undelivered, 'message')} {were} refused{since}.")
    return lines


def headline(digest: Digest) -> str:
    """The day in a few words; a quiet day is called so only with what was not watched beside it."""
    unseen = len(digest.coverage) - digest.sources(Watch.watched)
    were = "was" if unseen == 1 else "were"
    blind = f" {count(unseen, 'source')} {were} not fully watched." if unseen else ""
    if not digest.coverage:
        blind = " No source is configured."
    if digest.new_count:
        new = (case for group in digest.new for case in group.cases)
        return f"{count(digest.new_count, 'new case')}: {by_severity(new)}.{blind}"
    if digest.open_count:
        waits = "waits" if digest.open_count == 1 else "wait"
        return f"Nothing new. {count(digest.open_count, 'open case')} still {waits}.{blind}"
    return f"A quiet day: nothing new, and no case is open.{blind}"
