"""What must not be, looked for in the messages of benchmarks/month.py: told twice, a digest short, told to the accused.

And how many messages a person has to live with.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from month_sinks import SETTLED, SEVERAL, Received
from month_town import LONDON
from month_world import World

from core.hours import Hours
from core.types import Severity
from core.work import Member
from core.worktime import Calendar

_DAY = timedelta(days=1)
# A step that is told once to each person, or once for each of their roles.
_ONCE = {"", "Now for you too"}
# What came after it was seen to says so, for each occasion; and a short form of several does not say which step.
_NOTHING_NEW = {SETTLED, SEVERAL}
# One course each, so that two within minutes are one too many; two clocks may run out at once.
_COURSES = {"Again", "Reminder"}
# Nothing is told again so soon.
_APART = timedelta(minutes=10)
# A story is a case when it has been judged, which is up to three minutes after it was fetched.
_JUDGED = timedelta(minutes=3)
LIMITS = {Severity.critical: timedelta(minutes=5), Severity.high: timedelta(hours=1)}
_DIGESTS_TO = {"governance", "safeguarding", "operator"}


class Digests:
    """The daily digests: whether each went once to each who gets it, and whether it counts what is new.

    ``missing`` and ``wrong`` say in words which did not. The numbers are looked at in those of the decision owner.
    """

    def __init__(self, world: World, messages: Sequence[Received], members: Sequence[Member]) -> None:
        self.missing: list[str] = []
        self.wrong: list[str] = []
        self._went: list[datetime] = []
        self._world = world
        for member in members:
            if _DIGESTS_TO & set(member.roles):
                self._of(member, [one for one in messages if one.to == member.mail and one.kind == "digest"])
        self._went.sort()

    def after(self, at: datetime) -> datetime | None:
        """When the first digest arrived that counts what was fetched at a moment; None where none did."""
        return next((went for went in self._went if went > at + _JUDGED), None)

    def _of(self, member: Member, mine: Sequence[Received]) -> None:
        for due in self._mornings():
            name = f"Digest {due.day} {due:%B}:"
            got = [one for one in mine if one.subject.startswith(f"[Redshank] {name}")]
            if len(got) != 1:
                self.missing.append(f"{name} {len(got)} times to {member.id}")
            elif "governance" in member.roles:
                self._went.append(got[0].at)
                self._count(member, due, got[0])

    def _mornings(self) -> Iterator[datetime]:
        day = self._world.begin.astimezone(LONDON).date()
        while (due := datetime(day.year, day.month, day.day, 7, 30, tzinfo=LONDON)) < self._world.end:
            yield due
            day += _DAY

    def _count(self, member: Member, due: datetime, one: Received) -> None:
        """A digest counts what came from the hour of the one before it to its own sending; those at the edge may."""
        since = (due.replace(tzinfo=None) - _DAY).replace(tzinfo=LONDON)
        found = [s.posts[0].at for s in self._world.stories if member.id not in s.accused]
        least = sum(since <= at < one.at - _JUDGED for at in found)
        most = sum(since - _JUDGED <= at <= one.at for at in found)
        if not least <= one.new <= most:
            self.wrong.append(f"{one.subject}: {least} to {most} were to be expected")


def twice(
    messages: Sequence[Received],
    by_case: Mapping[int, Sequence[Received]],
    revisions: Mapping[int, int],
    members: Sequence[Member],
    *,
    crashes: int,
) -> tuple[int, list[str]]:
    """How many came again under the same identifier, and what was told twice (as many as ``crashes`` are forgiven)."""
    came = Counter((one.ident, one.to) for one in messages)
    repeated = sum(times - 1 for times in came.values())
    found = [f"{ident} came {times} times" for (ident, _), times in came.items() if times > 1]
    roles = {way: len(member.roles) for member in members for way in (member.mail, *member.channels)}
    return repeated, [
        *(found if repeated > crashes else ()),
        *(
            words
            for number, some in by_case.items()
            for words in _again(number, some, revisions[number], roles)
        ),
    ]


def _again(
    number: int, messages: Sequence[Received], revision: int, roles: Mapping[str, int]
) -> Iterator[str]:
    """The same step of one case to the same person by the same channel, oftener than it may be or too soon."""
    told: dict[tuple[str, str, str], dict[str, datetime]] = defaultdict(dict)
    for one in messages:
        if one.kind == "case" and one.steps[number] not in _NOTHING_NEW:
            told[one.to, one.channel, one.steps[number]].setdefault(one.ident, one.at)
    for (to, channel, step), idents in told.items():
        most = revision * (roles.get(to, 1) if step else 1)
        times = sorted(idents.values())
        close = step in _COURSES and any(after - before < _APART for before, after in pairwise(times))
        if (step in _ONCE and len(times) > most) or close:
            said = ", ".join(f"{at:%d %H:%M}" for at in times[:6])
            yield f"case {number} {step or 'first'} to {to} by {channel}: {said}"


def left_out(
    world: World,
    by_case: Mapping[int, Sequence[Received]],
    numbers: Mapping[int, int],
    members: Sequence[Member],
    calendar: Calendar,
) -> list[str]:
    """Who holds a role that the policy tells at once, is on duty, and was not told in time: person by person.

    Asked only of what is critical or high when it is found, while the mail server is there and no silence is set.
    """
    found: list[str] = []
    quiet = [(world.down, world.up), *((hush.starts_at, hush.ends_at) for hush in world.hushes)]
    for story in world.stories:
        at, verdict, number = story.posts[0].at, story.verdicts[0], numbers.get(story.number, 0)
        limit = LIMITS.get(verdict.severity)
        if limit is None or any(since - limit < at < until for since, until in quiet):
            continue
        told = {one.to for one in by_case[number] if at <= one.at <= at + limit}
        roles = set(verdict.recipients) - ({"hr"} if "speak_up" in verdict.guards else set())
        for member in members:
            wanted = roles & set(member.roles) and member.id not in story.accused
            if (
                wanted
                and _on_duty(member, at, limit, calendar)
                and not told & {member.mail, *member.channels}
            ):
                found.append(f"case {number} ({verdict.severity}, found {at:%d %H:%M}): {member.id}")
    return found


def _on_duty(member: Member, at: datetime, limit: timedelta, calendar: Calendar) -> bool:
    """Whether somebody is there all the while that a message may take."""
    day = at.astimezone(LONDON).date()
    if any(first <= day <= last for first, last in member.leave):
        return False
    if member.hours == "always":
        return True
    rota = Calendar(Hours.parse(member.hours), LONDON, calendar.holidays)
    return rota.open_at(at) and rota.open_at(at + limit)


def burden(
    messages: Sequence[Received], members: Sequence[Member], calendar: Calendar
) -> tuple[list[int], str]:
    """How many messages each person had on each working day, and the most on one."""
    who = {way: member.id for member in members for way in (member.mail, *member.channels)}
    days: Counter[tuple[str, str]] = Counter()
    worked = set[str]()
    for one in messages:
        at = one.at.astimezone(LONDON)
        if calendar.open_at(at.replace(hour=12, minute=0, second=0, microsecond=0)):
            worked.add(at.date().isoformat())
            days[who.get(one.to, one.to), at.date().isoformat()] += 1
    if not days:
        return [], ""
    (name, day), most = days.most_common(1)[0]
    return [days[member.id, day] for member in members for day in worked], f"{most} ({name}, {day})"


def privacy(
    world: World, messages: Sequence[Received], numbers: Mapping[int, int], members: Sequence[Member]
) -> tuple[list[str], list[str]]:
    """Messages to somebody of a case that accuses them, even by its number in a fault; and links of sealed posts."""
    ways = {member.id: {member.mail, *member.channels} for member in members}
    told: list[str] = []
    links: list[str] = []
    for story in world.stories:
        number = numbers.get(story.number, 0)
        for who in story.accused:
            named = (one for one in messages if one.to in ways[who] and _names(one, number))
            told += [f"case {number} to {who}: {one.subject}" for one in named]
        if story.sealed:
            urls = [re.escape(post.mention.url) for post in story.posts]
            any_of = re.compile(rf"(?:{'|'.join(urls)})\b")
            links += [f"case {number}: {one.subject}" for one in messages if any_of.search(one.text)]
    return told, links


def _names(one: Received, number: int) -> bool:
    if one.kind != "fault":
        return number in one.steps
    lines = " ".join(line for line in one.text.splitlines() if "Numbers:" in line)
    return str(number) in re.findall(r"\d+", lines)
