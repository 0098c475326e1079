"""Which digests are due, to whom, and from when each covers. Pure.

A digest has the name of the day, week or month in which it goes. ``sent`` always holds the keys of everything
that is in the outbox, whatever became of it; ``refused`` those among them that were refused for good: they are
not sent again, and what they would have told is still to be told.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from alerts.addresses import fingerprint
from alerts.moments import due_at, first_working_day, latest_due
from alerts.roster import MAIL, Roster, first_for_each, sentence
from alerts.rules import Rules
from alerts.words.phrases import day_words
from core.errors import ConfigError
from core.telling import Notice, Occasion
from core.worktime import Calendar

BY_HAND = "digest-by-hand"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a digest goes: ``day`` is on or before a given one, ``name`` and ``read`` its period in a key."""

    kind: str
    words: str
    day: Callable[[date, Calendar], date]
    name: Callable[[date], str]
    read: Callable[[str, Calendar], date]


def _week(name: str) -> date:
    year, week = name.split("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def _week_name(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _month_day(day: date, calendar: Calendar) -> date:
    """The first working day of a month, of the month before where it has not come yet."""
    first = first_working_day(day, calendar)
    return first if first <= day else first_working_day(day.replace(day=1) - timedelta(days=1), calendar)


DAILY = Rhythm(
    "digest", "digest", lambda day, _: day, date.isoformat, lambda name, _: date.fromisoformat(name)
)
WEEKLY = Rhythm(
    "weekly",
    "weekly digest",
    lambda day, _: day - timedelta(days=day.weekday()),
    _week_name,
    lambda name, _: _week(name),
)
MONTHLY = Rhythm(
    "monthly",
    "monthly digest",
    _month_day,
    lambda day: f"{day:%Y-%m}",
    lambda name, calendar: first_working_day(date.fromisoformat(f"{name}-01"), calendar),
)
RHYTHMS = (DAILY, WEEKLY, MONTHLY)


def roles_of(rhythm: Rhythm, rules: Rules) -> tuple[str, ...]:
    """The roles that get a digest in this rhythm."""
    return {"weekly": rules.weekly_roles, "monthly": rules.monthly_roles}.get(rhythm.kind, rules.digest_roles)


def plan_digest(
    roster: Roster,
    rules: Rules,
    calendar: Calendar,
    *,
    sent: Set[str],
    now: datetime,
    since: date | None = None,
    refused: Set[str] = frozenset(),
) -> list[Notice]:
    """The digests whose hour has come, the latest in each rhythm, one for each address.

    What was slept through is not made up one by one: the latest digest covers it (see ``covers_from``), and
    digests sent by hand count for nothing here. ``since`` is the first day of operation, and nothing is sent for
    days before it; where it is not known, a day before today is only due once anything was ever sent.
    """
    latest, today = latest_due(now, rules.digest_at, calendar.zone), now.astimezone(calendar.zone).date()
    notices: list[Notice] = []
    for rhythm in RHYTHMS:
        day = rhythm.day(latest, calendar)
        if day >= (since or (day if sent else today)):
            at = due_at(day, rules.digest_at, calendar.zone)
            notices += _notices(
                rhythm,
                day,
                roster,
                calendar,
                roles=roles_of(rhythm, rules),
                at=at,
                sent=sent,
                refused=refused,
            )
    told = {box(key) for key in sent}
    return [notice for notice in notices if box(notice.key) not in told]


def digest_notices(
    day: date,
    roles: Iterable[str],
    roster: Roster,
    calendar: Calendar,
    *,
    by_hand_at: datetime,
    sent: Set[str] = frozenset(),
    refused: Set[str] = frozenset(),
) -> list[Notice]:
    """The digest of a day for each address of these roles, asked for at a moment, whether or not its hour has come.

    It has a key of its own, so that the one of the schedule still goes and covers all that it would have covered.

    Raises:
        ConfigError: ``day`` has not come.
    """
    if day > by_hand_at.astimezone(calendar.zone).date():
        raise ConfigError(f"{day.isoformat()} has not come yet: a digest can tell of today or an earlier day")
    return list(
        _notices(
            DAILY, day, roster, calendar, roles=roles, at=by_hand_at, sent=sent, refused=refused, by_hand=True
        )
    )


def covers_from(
    notice: Notice, rules: Rules, calendar: Calendar, *, sent: Set[str], refused: Set[str] = frozenset()
) -> datetime | None:
    """From when a digest covers: the hour of the previous one in its rhythm to this address; None if it is the first.

    The hour at which it was due, not when it went: what came between the two is told twice rather than
    never. A digest that was refused for good (``refused``) told nothing, so the next one reaches back past it.
    """
    if notice.day is None:
        return None
    day = _previous(rhythm_of(notice), notice.to, notice.day, calendar, sent - refused)
    return None if day is None else due_at(day, rules.digest_at, calendar.zone)


def rhythm_of(notice: Notice) -> Rhythm:
    """How often a digest like this one goes; one sent by hand is a daily one."""
    kind = notice.key.partition("/")[0]
    return next((rhythm for rhythm in RHYTHMS if rhythm.kind == kind), DAILY)


def box(key: str) -> tuple[str, ...]:
    """What a key of a digest says but for the role: one mailbox gets each once, in whichever role."""
    kind, *rest = key.split("/")
    of_schedule = kind in {rhythm.kind for rhythm in RHYTHMS} and len(rest) > 1
    return (kind, rest[0], rest[-1]) if of_schedule else (key,)


def _notices(
    rhythm: Rhythm,
    day: date,
    roster: Roster,
    calendar: Calendar,
    *,
    roles: Iterable[str],
    at: datetime,
    sent: Set[str],
    refused: Set[str],
    by_hand: bool = False,
) -> Iterator[Notice]:
    start = f"{rhythm.kind}/{rhythm.name(day)}"
    if by_hand:
        start = f"{BY_HAND}/{day.isoformat()}/{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
    for role, member, note in first_for_each((role, roster.everybody(role, at)) for role in roles):
        key = f"{start}/{role}/{fingerprint(member.mail)}"
        before = _previous(rhythm, member.mail, day, calendar, sent - refused)
        sent_to = "sent by hand to you as" if by_hand else "sent to you as"
        yield Notice(
            key=key,
            kind="digest",
            role=role,
            to=member.mail,
            channel=MAIL,
            why=sentence(
                f"the {rhythm.words} of {day_words(day)}, {sent_to} {role}",
                _caught_up(rhythm, before, day, calendar),
                note,
            ),
            occasions=(Occasion(key=key),),
            day=day,
        )


def _previous(rhythm: Rhythm, address: str, before: date, calendar: Calendar, sent: Set[str]) -> date | None:
    """The day of the last digest of a rhythm before ``before`` that this address got or is yet to get, in any role."""
    start, ending = f"{rhythm.kind}/", f"/{fingerprint(address)}"
    names = {key.split("/")[1] for key in sent if key.startswith(start) and key.endswith(ending)}
    days = (rhythm.read(name, calendar) for name in names)
    return max((day for day in days if day < before), default=None)


def _caught_up(rhythm: Rhythm, before: date | None, day: date, calendar: Calendar) -> str:
    late = before is not None and before < rhythm.day(day - timedelta(days=1), calendar)
    return f"caught up, the last one was of {day_words(before)}" if before and late else ""
