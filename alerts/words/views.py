"""What every message may say of a case to one reader: labels, links and sources in words, nothing that anybody wrote.

A case has no text and no author, and none is asked for here. All that comes from outside (names of sources,
links, reasons) passes ``one_line`` or ``safe_link``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.caseload import READ_TAGS
from alerts.routes import Routes, fingerprint
from alerts.showing import Shown
from alerts.words.phrases import age_words, count, host_of, one_line, safe_link, upper_first
from core.types import Case, Copy, Severity

REASONS_SHOWN = 6
COPIES_SHOWN = 5
_KEEPERS = {"safeguarding": "the safeguarding lead", "speak_up": "the speak-up guardian"}
UNREAD = "to be read by a person"  # the machine made nothing of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many of each kind are shown, the others being counted: cases under a heading by their severity, cases by
    their clocks, lines of a list, sources in the table and beside it.
    """

    critical: int = 16
    high: int = 10
    lesser: int = 4
    due: int = 8
    items: int = 5
    sources: int = 25
    names: int = 100


AMPLE = Room()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom a message is for, when it is written, how much of a case it may show, and of how many."""

    to: str
    routes: Routes
    now: datetime
    shown: Shown
    room: Room = AMPLE

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which moments are said."""
        return self.routes.timezone

    @property
    def site(self) -> bool:
        """Whether there is a review site that links can lead to."""
        return bool(self.routes.link_base)

    @property
    def discreet(self) -> bool:
        """Whether nothing may be shown of what a case is about."""
        return self.shown < Shown.labels

    @property
    def full(self) -> bool:
        """Whether reasons, sources and posts may be shown too."""
        return self.shown >= Shown.reasons


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


def what_words(case: Case) -> str:
    """The labels of a case, those that a person should check, and where there is neither its tags."""
    sure = ", ".join(case.labels)
    unsure = ", ".join(label for label in case.ask if label not in case.labels)
    asked = f"to check: {unsure}" if unsure else ""
    told = one_line("; ".join(part for part in (sure, asked) if part), 160)
    tags = ", ".join(tag.replace("_", " ") for tag in READ_TAGS if tag in case.tags)
    return told or (f"to check: {tags}" if tags else UNREAD)


def title(case: Case, reader: Reader) -> str:
    """What a case is about, or just which one it is."""
    return f"case {case.id}" if reader.discreet else what_words(case)


def state_words(case: Case) -> str:
    """``in review, nobody is on it``."""
    state = str(case.state).replace("_", " ")
    return f"{state}, {'taken' if case.work.assignee else 'nobody is on it'}"


def sealed(case: Case) -> bool:
    """Whether what it is about may be opened by nobody."""
    return "sealed" in case.guards or any(copy.sealed for copy in case.copies)


def may_open(case: Case, reader: Reader) -> bool:
    """Whether a message to this reader may link the post itself.

    What concerns a child or an adult at risk is linked to the safeguarding lead only, or to whoever stands
    in, unless the policy does not tell that role at all. A mere doubt seals nothing: it is raised so freely
    that it would keep the decision owner from most cases. A worker's possible disclosure is linked to the
    guardian as well, and to nobody else until it is released: the post shows who wrote it. A sealed post is
    linked to nobody.
    """
    if sealed(case) or not reader.full:
        return False
    roles = keepers(case)
    held = {fingerprint(address) for role in roles for address in reader.routes.to(role)}
    return not roles or fingerprint(reader.to) in held


def keepers(case: Case) -> tuple[str, ...]:
    """The roles for whom the link of a case is kept; none where everybody who is told may open it."""
    welfare = "safeguarding" in case.labels and "safeguarding" in case.recipients
    if "speak_up" in case.guards and case.work.released_at is None:
        return ("safeguarding", "speak_up") if welfare else ("speak_up",)
    return ("safeguarding",) if welfare else ()


def post_link(copy: Copy, limit: int = 2000) -> Link:
    """The link to a post, named by its host: addresses of posts can hold names, so they are not shown."""
    url = safe_link(copy.url, limit)
    return Link(url, f"Open the post on {host_of(url)}" if url else "no link that can be opened")


def case_link(case: Case, reader: Reader, limit: int = 2000) -> Link:
    """The case on the review site; without a site the first post, where this reader may open it."""
    if reader.site:
        return Link(f"{reader.routes.link_base}/cases/{case.id}", f"Open case {case.id}")
    if sealed(case):
        return Link("", "link sealed")
    if not reader.full:
        return Link("", "links are not shown here")
    if not may_open(case, reader):
        kept = " and ".join(_KEEPERS[role] for role in keepers(case))
        return Link("", f"link kept for {kept}")
    if not case.copies:
        return Link("", "no link recorded")
    return post_link(case.copies[0], limit)


def copy_rows(case: Case, reader: Reader) -> tuple[CopyRow, ...]:
    """The first copies of a case; each with its own link only where there is no site and it may be opened."""
    if not reader.full:
        return ()
    linked = not reader.site and may_open(case, reader)
    return tuple(
        CopyRow(
            source=one_line(copy.source, 60),
            found=f"{age_words(reader.now - copy.found_at)} ago",
            link=post_link(copy) if linked else Link("", ""),
        )
        for copy in case.copies[:COPIES_SHOWN]
    )


def source_words(case: Case, reader: Reader) -> str:
    """Where a case was found first, as far as that may be shown."""
    if not reader.full:
        return ""
    return one_line(case.copies[0].source, 60) if case.copies else "no source"


def reason_lines(case: Case, reader: Reader) -> tuple[str, ...]:
    """The first reasons of a case, as they are recorded, and how to read the rest."""
    if not reader.full:
        return ()
    rest = len(case.reasons) - REASONS_SHOWN
    more = (f"and {count(rest, 'more reason')}: redshank case show {case.id}",) if rest > 0 else ()
    return (*(one_line(reason) for reason in case.reasons[:REASONS_SHOWN]), *more)


def by_severity(cases: Iterable[Case]) -> str:
    """``2 critical, 5 high``."""
    counts = Counter(case.severity for case in cases)
    return ", ".join(f"{counts[level]} {level}" for level in sorted(Severity, reverse=True) if counts[level])


def joined(*parts: str) -> str:
    """The parts that say something as one sentence without its full stop."""
    return upper_first("; ".join(part for part in parts if part))
