"""What benchmarks/month.py measures: from what arrived and from what was drawn, never from the program's ledger.

Of the database only this is read: which mention became which case, what was settled, and the audit log.
"""

import sqlite3
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from month_checks import LIMITS, Digests, burden, left_out, privacy, twice
from month_sinks import SETTLED, Received
from month_world import Story, World

from core.types import Severity
from core.work import Member
from core.worktime import Calendar

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """How a story was first told: ``found`` when it was fetched at this severity, ``told`` to any person at all.

    ``grown`` is a story that was told before and must be told anew, as it grew graver or was edited.
    """

    story: int
    case: int
    severity: Severity
    found: datetime
    told: datetime | None
    way: str = ""
    grown: bool = False

    @property
    def minutes(self) -> float:
        """From the fetching to the message."""
        return (self.told - self.found) / _MINUTE if self.told else float("inf")

    def __str__(self) -> str:
        told = f"told {self.told:%d %H:%M} by {self.way or 'mail'}" if self.told else "never told"
        grown = ", grown or edited" if self.grown else ""
        return f"case {self.case} (story {self.story}): {self.severity}{grown}, found {self.found:%d %H:%M}, {told}"


@dataclass(slots=True, kw_only=True)
class Score:
    """All figures; those that ``wrong`` names must be nought."""

    firsts: list[First] = field(default_factory=list)
    late: list[First] = field(default_factory=list)
    mail_down: list[First] = field(default_factory=list)
    waited_for_mail: list[First] = field(default_factory=list)
    hushed: list[First] = field(default_factory=list)
    covered: list[First] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    repeated: int = 0
    warned: str = "never"
    kinds: Counter[str] = field(default_factory=Counter)
    escalations: int = 0
    settled: int = 0
    a_day: list[int] = field(default_factory=list)
    busiest: str = ""
    cases_a_message: list[int] = field(default_factory=list)
    digests_missing: list[str] = field(default_factory=list)
    digests_wrong: list[str] = field(default_factory=list)
    accused: dict[int, tuple[str, ...]] = field(default_factory=dict)
    accused_told: list[str] = field(default_factory=list)
    sealed_links: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)

    @property
    def burden(self) -> str:
        """Messages to one person on one working day."""
        return f"{statistics.median(self.a_day):.0f} / {self.busiest}" if self.a_day else "-"

    @property
    def spared(self) -> str:
        """How many critical ones a silence would cover, and how many of them it kept from being told in time."""
        return f"{len(self.covered)} / {sum(one in self.late for one in self.covered)}"

    @property
    def fullness(self) -> str:
        """Cases in one message about cases."""
        some = self.cases_a_message
        return f"{statistics.mean(some):.1f} / {max(some)}" if some else "-"

    @property
    def wrong(self) -> list[str]:
        """The figures that must be nought and are not."""
        must = """late waited_for_mail lost left_out duplicates digests_missing digests_wrong
                  accused_told sealed_links unsettled"""
        return [name for name in must.split() if getattr(self, name)]


def score(
    messages: Sequence[Received],
    *,
    world: World,
    database: Path,
    members: tuple[Member, ...],
    calendar: Calendar,
    crashes: int,
) -> Score:
    """Compare what arrived with what was drawn; of messages sent twice as many as ``crashes`` are forgiven."""
    found = Score()
    with sqlite3.connect(database) as db:
        numbers = _case_numbers(db, world, found)
        _settled(db, world, found, numbers)
        revisions = dict(db.execute("SELECT id, revision FROM cases").fetchall())
    digests = Digests(world, messages, members)
    found.digests_missing, found.digests_wrong = digests.missing, digests.wrong
    by_case: dict[int, list[Received]] = defaultdict(list)
    for one in messages:
        for number in one.steps:
            by_case[number].append(one)
    for story in world.stories:
        if number := numbers.get(story.number):
            _Tellings(world, story, number, by_case[number], found).look(digests.after(story.posts[0].at))
    found.repeated, found.duplicates = twice(messages, by_case, revisions, members, crashes=crashes)
    found.left_out = left_out(world, by_case, numbers, members, calendar)
    found.accused = {
        numbers[story.number]: story.accused
        for story in world.stories
        if story.accused and story.number in numbers
    }
    found.accused_told, found.sealed_links = privacy(world, messages, numbers, members)
    found.a_day, found.busiest = burden(messages, members, calendar)
    found.warned = _warned(world, messages)
    for one in messages:
        found.kinds[f"{one.kind} by {'mail' if one.channel == 'mail' else 'webhook'}"] += 1
        found.escalations += "Now for you too" in one.steps.values()
        if one.kind == "case":
            found.settled += set(one.steps.values()) == {SETTLED}
            found.cases_a_message.append(len(one.steps))
    return found


def _case_numbers(db: sqlite3.Connection, world: World, found: Score) -> dict[int, int]:
    """Which case each story became; a story without one, or with two, is not settled as it should be."""
    rows = db.execute("SELECT source, key, case_id FROM mention WHERE case_id IS NOT NULL").fetchall()
    cases = {(source, key): case for source, key, case in rows}
    numbers: dict[int, int] = {}
    for story in world.stories:
        have = {cases.get((post.source, post.key)) for post in story.posts}
        if len(have) == 1 and (number := have.pop()) is not None:
            numbers[story.number] = number
        else:
            found.unsettled.append(f"story {story.number} became {have}")
    for number, times in Counter(numbers.values()).items():
        if times > 1:
            found.unsettled.append(f"case {number} holds {times} stories")
    return numbers


def _settled(db: sqlite3.Connection, world: World, found: Score, numbers: dict[int, int]) -> None:
    """Every version of every mention settled once: the machine wrote a line into the log for each that is flagged."""
    versions, waiting = db.execute(
        "SELECT sum(version), sum(version - assessed_version) FROM mention"
    ).fetchone()
    if versions != world.posts or waiting:
        found.unsettled.append(f"{versions} versions of {world.posts} are there, {waiting} of them wait")
    machine = "SELECT case_id, count(*) FROM audit WHERE actor = 'machine' GROUP BY case_id"
    lines = dict(db.execute(machine).fetchall())
    for story in world.stories:
        number = numbers.get(story.number)
        if number is not None and lines.get(number) != story.flagged:
            found.unsettled.append(
                f"story {story.number} was settled {lines.get(number)} times, not {story.flagged}"
            )


class _Tellings:
    """How soon one story was told: first of all, and anew where it has grown or was edited."""

    def __init__(
        self, world: World, story: Story, number: int, messages: list[Received], found: Score
    ) -> None:
        self.world, self.story, self.number, self.messages, self.found = world, story, number, messages, found

    def look(self, counted: datetime | None) -> None:
        """``counted`` is when a digest arrived that counts it among its new cases."""
        story, before = self.story, Severity.none
        for place, post in enumerate(story.posts):
            severity = story.severity(post.at)
            edited = any(other.key == post.key for other in story.posts[:place])
            if severity >= Severity.high and (severity > before or edited):
                self._at_once(post.at, severity, grown=place > 0)
            elif not place:
                known = [at for at in (counted, *(one.at for one in self.messages[:1])) if at]
                first = self._first(post.at, severity, min(known, default=None))
                self.found.firsts.append(first)
                self.found.lost += [] if first.told else [str(first)]
            before = severity

    def _first(self, at: datetime, severity: Severity, told: datetime | None, **more: object) -> First:
        return First(
            story=self.story.number,
            case=self.number,
            severity=severity,
            found=at,
            told=told,
            **more,  # type: ignore[arg-type]
        )

    def _at_once(self, at: datetime, severity: Severity, *, grown: bool) -> None:
        # What comes in the very minute of an edit still tells of what was before it.
        named = next((one for one in self.messages if one.at > at or (one.at == at and not grown)), None)
        way = named.channel if named else ""
        first = self._first(at, severity, named.at if named else None, way=way, grown=grown)
        covered = self._hushed(at, severity)
        if covered and severity is not Severity.critical:
            self.found.hushed.append(first)
            return
        if covered:
            self.found.covered.append(first)
        self.found.firsts.append(first)
        limit, world = LIMITS[severity], self.world
        down = at < world.up and at + limit > world.down
        if first.told and first.told - at <= limit:
            if down and way != "mail":
                self.found.mail_down.append(first)
        elif not first.told and not grown:
            self.found.lost.append(str(first))
        elif down:
            self.found.waited_for_mail.append(first)
        else:
            self.found.late.append(first)

    def _hushed(self, at: datetime, severity: Severity) -> bool:
        """Whether one of the month's silences covers the story as it is known at a moment, were it not critical."""
        story = self.story
        seen = [(post, v) for post, v in zip(story.posts, story.verdicts, strict=True) if post.at <= at]
        borne = {label for _, verdict in seen for label in (*verdict.labels, *verdict.ask)}
        if "safeguarding" in borne or any("sealed" in verdict.guards for _, verdict in seen):
            return False
        return any(
            # It is judged some minutes after it was fetched.
            hush.starts_at <= at + 3 * _MINUTE
            and at < hush.ends_at
            and (not hush.labels or borne <= set(hush.labels))
            and (hush.severity is None or min(severity, Severity.high) <= hush.severity)
            and (not hush.sources or {post.source for post, _ in seen} <= set(hush.sources))
            for hush in self.world.hushes
        )


def _warned(world: World, messages: Sequence[Received]) -> str:
    """When somebody was first told, by another channel, that mails do not go."""
    for one in messages:
        if world.down <= one.at < world.up and one.kind == "fault" and one.channel != "mail":
            return f"after {span((one.at - world.down) / _MINUTE)}: {one.subject}"
    return "never"


def spread(values: Iterable[float]) -> str:
    """The median and the worst, in minutes or, where that is long, hours."""
    known = sorted(values)
    return f"{span(statistics.median(known))} / {span(known[-1])}" if known else "-"


def span(minutes: float) -> str:
    """Minutes, or hours where they are many."""
    return f"{minutes:.0f} min" if minutes < 180 else f"{minutes / 60:.1f} h"
