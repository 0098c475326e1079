"""Who is to be told what, now: pure decisions over what is known and what was told before.

``sent`` always holds the keys of every notice already in the outbox, whatever became of it; planning again
with the keys of an earlier plan yields nothing. ``refused`` holds those among them that were refused for good:
they are not sent again, and what they would have told is still to be told.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts._words import age_words, day_words
from alerts.routes import Routes, fingerprint
from core.errors import ConfigError
from core.types import Case, CaseState, Notice

LATE = timedelta(hours=1)


def plan(cases: Sequence[Case], routes: Routes, sent: Set[str], now: datetime) -> list[Notice]:
    """The notices that are due at once, gravest and then oldest first.

    One for each open case of severity ``immediate_from`` or above and each address of its recipients (of
    governance, where the policy names none). A new revision of a case is told anew.
    """
    due = [c for c in cases if c.state is not CaseState.closed and c.severity >= routes.immediate_from]
    due.sort(key=lambda case: (-case.severity, case.detected_at, case.id))
    notices: dict[str, Notice] = {}
    for case in due:
        for role, address, note in recipients(case.recipients or ("governance",), routes):
            key = f"case/{case.id}/r{case.revision}/{routes.channel}/{fingerprint(address)}"
            if key not in sent:
                notices.setdefault(
                    key,
                    Notice(
                        key=key,
                        kind="case",
                        role=role,
                        to=address,
                        channel=routes.channel,
                        why=sentence(_occasion(case, routes, now), f"sent to you as {role}", note),
                        case_id=case.id,
                    ),
                )
    return list(notices.values())


def plan_digest(
    routes: Routes,
    sent: Set[str],
    now: datetime,
    *,
    since: date | None = None,
    refused: Set[str] = frozenset(),
) -> list[Notice]:
    """The digests of the latest local day whose hour has come, one for each address.

    Days that were slept through are not made up one by one: the latest digest covers them (see
    ``covers_from``), and digests sent by hand count for nothing here. ``since`` is the first day of operation,
    and nothing is sent for days before it; where it is not known, a day before today is only due once anything
    was ever sent.
    """
    day, today = latest_due(now, routes.digest_at, routes.timezone), now.astimezone(routes.timezone).date()
    if day < (since or (day if sent else today)):
        return []
    notices = digest_notices(day, routes.digest_roles, routes, sent, today=today, refused=refused)
    return [notice for notice in notices if notice.key not in sent]


def digest_notices(
    day: date,
    roles: Iterable[str],
    routes: Routes,
    sent: Set[str] = frozenset(),
    *,
    today: date,
    refused: Set[str] = frozenset(),
    by_hand_at: datetime | None = None,
) -> list[Notice]:
    """The digest of a day for each address of these roles, whether or not its hour has come.

    One that somebody asks for at the moment ``by_hand_at`` has a key of its own, so that the one of the
    schedule still goes and still covers all that it would have covered. ``today`` is the local day.

    Raises:
        ConfigError: ``day`` is after ``today``.
    """
    if day > today:
        raise ConfigError(f"{day.isoformat()} has not come yet: a digest can tell of today or an earlier day")
    occasion = f"digest/{day.isoformat()}"
    if by_hand_at is not None:
        occasion = f"digest-by-hand/{day.isoformat()}/{by_hand_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
    sent_to = "sent by hand to you as" if by_hand_at else "sent to you as"
    return [
        Notice(
            key=f"{occasion}/{role}/{fingerprint(address)}",
            kind="digest",
            role=role,
            to=address,
            channel=routes.channel,
            why=sentence(
                f"the digest of {day_words(day)}, {sent_to} {role}",
                _caught_up(previous_digest(sent, address, day, refused), day),
                note,
            ),
            day=day,
        )
        for role, address, note in recipients(roles, routes)
    ]


def latest_due(now: datetime, at: time, tz: ZoneInfo) -> date:
    """The latest local day on which ``at`` has come by ``now``."""
    day = now.astimezone(tz).date()
    while due_at(day, at, tz) > now:
        day -= timedelta(days=1)
    return day


def due_at(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant (UTC) of a local time of day.

    A time that the clock skips in spring comes as much later as the clock skips; of a time that comes twice
    in autumn the first counts (PEP 495, fold=0).
    """
    return datetime.combine(day, at, tz).astimezone(UTC)


def previous_digest(
    sent: Set[str], address: str, before: date, refused: Set[str] = frozenset()
) -> date | None:
    """The day of the last digest of the schedule before ``before`` that this address got or is yet to get.

    In whichever role; those sent by hand and those refused for good do not count.
    """
    ending = "/" + fingerprint(address)
    keys = (key for key in sent if key.startswith("digest/") and key.endswith(ending) and key not in refused)
    days = (date.fromisoformat(key.split("/")[1]) for key in keys)
    return max((day for day in days if day < before), default=None)


def covers_from(
    notice: Notice, routes: Routes, sent: Set[str], refused: Set[str] = frozenset()
) -> datetime | None:
    """From when a digest covers: the hour of the previous one to this address; None if it is the first.

    The hour at which it was due, not when it went: what came between the two is told twice rather than
    never. A digest that was refused for good (``refused``) told nothing, so the next one reaches back past it.
    """
    if notice.day is None:
        return None
    day = previous_digest(sent, notice.to, notice.day, refused)
    return None if day is None else due_at(day, routes.digest_at, routes.timezone)


def recipients(roles: Iterable[str], routes: Routes) -> Iterator[tuple[str, str, str]]:
    """``(role, address, note)`` for each address once, under the first role that leads to it.

    The notes of roles that lost their own mail this way are kept, so that no missing address goes unsaid.
    """
    first: dict[str, tuple[str, str]] = {}
    notes: dict[str, list[str]] = {}
    for role in roles:
        for address in routes.to(role):
            # Two spellings of one address share a fingerprint: one mailbox, one message.
            mailbox = fingerprint(address)
            first.setdefault(mailbox, (role, address))
            notes.setdefault(mailbox, []).append(routes.note(role))
    for mailbox, (role, address) in first.items():
        yield role, address, sentence(*notes[mailbox])


def sentence(*parts: str) -> str:
    """The parts that say something, each once."""
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _caught_up(before: date | None, day: date) -> str:
    late = before is not None and before < day - timedelta(days=1)
    return f"caught up, the last one was of {day_words(before)}" if before and late else ""


def _occasion(case: Case, routes: Routes, now: datetime) -> str:
    grown = f"the case has grown graver (revision {case.revision})" if case.revision > 1 else ""
    waited = now - case.detected_at
    late = f"told late, {age_words(waited)} after it was found" if waited >= LATE and not grown else ""
    return sentence(f"{case.severity} is told at once ({routes.immediate_from} or graver)", grown, late)
