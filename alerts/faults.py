"""What is broken, and when somebody must be told so: silence is loud (pure)."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alerts.addresses import fingerprint
from alerts.caseload import COUNTS_ONLY
from alerts.coverage import patience
from alerts.moments import due_at
from alerts.roster import MAIL, Roster, first_for_each
from alerts.words.phrases import count, day_words, one_line, when_words
from core.telling import Notice, Occasion
from core.types import SourceState
from core.work import Member

PATIENCE = timedelta(hours=24)
REMIND = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is broken: ``slug`` tells it apart, ``began`` is None where that is not known.

    ``words`` has a headline as its first line and what to know or do as the second. An event (``passing``) is
    over once told; what lasts is told again every seven days. ``instead_of`` are addresses that mails do not reach:
    a further channel is used where there is one, else another address. ``barred`` are the ids of members who must
    not learn of it. ``brief`` is what a role that may only know how many cases there are reads instead of ``words``.
    ``of_people`` says that somebody has not done what they should; the machine is as it should be.
    """

    slug: str
    words: str
    began: datetime | None
    roles: tuple[str, ...] = ("operator",)
    passing: bool = False
    instead_of: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    brief: str = ""
    of_people: bool = False

    def words_for(self, role: str) -> str:
        """What this role may read of it."""
        return self.brief if self.brief and role in COUNTS_ONLY else self.words


def plan_faults(
    states: Sequence[SourceState],
    configured: Mapping[str, timedelta],
    *,
    stuck: int,
    undelivered: int,
    roster: Roster,
    sent: Set[str],
    now: datetime,
    since: date | None = None,
    stuck_since: datetime | None = None,
    undelivered_at: datetime | None = None,
    found: Sequence[Fault] = (),
) -> list[Notice]:
    """A notice for each fault and address: at its start, and again every seven days while it lasts.

    Sources first, in the order of ``configured``, which holds the interval between visits of each. ``since`` is
    the first day of operation (a source that was never visited is told 24 hours after it; at once where it is
    None), ``stuck_since`` when the longest waiting of the ``stuck`` mentions came in. Where a start is not
    known, the first notice counts as the start.

    Mails refused for good are an event: told once, and again only for newer refusals, these at most every
    seven days. ``undelivered`` says how many there were, ``undelivered_at`` at which moment the newest was
    refused (not written; None: now).
    """
    by_name = {state.name: state for state in states}
    faults: list[Fault] = []
    for name, every in configured.items():
        faults += _source(name, by_name.get(name), every, roster, now=now, since=since)
    faults += _stuck(stuck, stuck_since)
    faults += _refused(undelivered, undelivered_at or now, roster)
    notices = (notice for fault in (*faults, *found) for notice in _notices(fault, roster, sent, now))
    return list({notice.key: notice for notice in notices}.values())


def _source(
    name: str,
    state: SourceState | None,
    every: timedelta,
    roster: Roster,
    *,
    now: datetime,
    since: date | None,
) -> Iterator[Fault]:
    label, slug = one_line(name, 60), slug_of(name)
    if state is None or state.last_try_at is None:
        if since is None or now - due_at(since, time.max, roster.zone) >= PATIENCE:
            words = f"Source {label} has never been read\nIt is configured, but no visit has been recorded."
            # It may have been configured long after the first day, so nobody knows when this began.
            yield Fault(slug=f"unvisited/{slug}", words=words, began=None)
    elif state.retired_at is not None:
        words = (
            f"Source {label} is gone\nThe other side retired it on "
            f"{when_words(state.retired_at, roster.zone)}; it is no longer asked. Remove or replace it."
        )
        yield Fault(slug=f"gone/{slug}", words=words, began=state.retired_at)
    elif state.failing_since is not None:
        if not state.error_temporary or now - state.failing_since >= PATIENCE:
            words = (
                f"Source {label} has been broken since {when_words(state.failing_since, roster.zone)}\n"
                f"{_last_error(state)}"
            )
            yield Fault(slug=f"broken/{slug}", words=words, began=state.failing_since)
    elif now >= (due := state.last_try_at + patience(every)) and not _waits(state, now):
        words = (
            f"Source {label} has not been visited since {when_words(state.last_try_at, roster.zone)}\n"
            "Nothing says that it failed: see whether the collecting runs at all."
        )
        yield Fault(slug=f"unvisited/{slug}", words=words, began=due)


def _waits(state: SourceState, now: datetime) -> bool:
    """Whether the source itself asked for the wait."""
    return state.not_before is not None and state.not_before > now


def _stuck(stuck: int, since: datetime | None) -> Iterator[Fault]:
    if stuck:
        words = (
            f"{count(stuck, 'mention')} could not be assessed\n"
            "They stay in the queue and nobody has judged them: run `redshank triage` and see what it says."
        )
        yield Fault(slug="stuck", words=words, began=since)


def _refused(undelivered: int, newest: datetime, roster: Roster) -> Iterator[Fault]:
    if undelivered:
        were = "was" if undelivered == 1 else "were"
        words = (
            f"{count(undelivered, 'message')} {were} refused for good\n"
            f"The last time was {when_words(newest, roster.zone)}. Check the addresses under [people]; what "
            "was to be told is on record."
        )
        # Governance as well: the operator's own address may be the one that refuses.
        yield Fault(
            slug="undelivered", words=words, began=newest, roles=("operator", "governance"), passing=True
        )


def _notices(fault: Fault, roster: Roster, sent: Set[str], now: datetime) -> Iterator[Notice]:
    today = now.astimezone(roster.zone).date()
    began = fault.began and min(fault.began, now).astimezone(roster.zone).date()
    for role, channel, address, note in _whom(fault, roster, now):
        told = _told(fault.slug, address, sent)
        if fault.passing and not _news(told, began or today, today):
            continue
        day = began or _running_since(told, today)
        week = 0 if fault.passing else (today - day) // REMIND
        key = f"fault/{fault.slug}/{day.isoformat()}/w{week}/{fingerprint(address)}"
        if key not in sent:
            yield Notice(
                key=key,
                kind="fault",
                role=role,
                to=address,
                channel=channel,
                why="\n".join(
                    part for part in (fault.words_for(role), _again(fault, week, told), note) if part
                ),
                occasions=(Occasion(key=key),),
                day=day,
            )


def _whom(fault: Fault, roster: Roster, now: datetime) -> Iterator[tuple[str, str, str, str]]:
    """``(role, channel, address, note)`` for each who is told of a fault."""
    barred, boxes = roster.barred(set(fault.barred)), {fingerprint(address) for address in fault.instead_of}
    deaf = {one.id for one in roster.members if fingerprint(one.mail) in boxes} - barred
    reached = ((role, roster.everybody(role, now, exclude=barred)) for role in fault.roles)
    for role, member, note in first_for_each(reached):
        further = roster.ways(member, barred)[1:]
        if member.id not in deaf:
            yield role, MAIL, member.mail, note
        elif further:
            yield role, *further[0], note
        else:
            for other in _others(roster, role, now, barred, deaf):
                yield role, MAIL, other.mail, f"mails to {role} do not arrive"


def _others(roster: Roster, role: str, now: datetime, barred: Set[str], deaf: Set[str]) -> tuple[Member, ...]:
    """Whom to tell instead of the deaf; where all who may be told are, the same again: better than not to try."""
    may = {one.id for one in roster.members if one.roles} - barred
    return roster.reach(role, now, exclude=barred | deaf if may - deaf else barred).members


def _again(fault: Fault, week: int, told: Sequence[tuple[date, int]]) -> str:
    if fault.passing and told:
        return f"More were refused since {day_words(max(told)[0])}, up to which you were told."
    return f"This is reminder {week}: it has not been put right." if week else ""


def _told(slug: str, address: str, sent: Set[str]) -> list[tuple[date, int]]:
    """The day and the week of each notice of a fault that this address was told."""
    start, ending = f"fault/{slug}/", f"/{fingerprint(address)}"
    told = (key.split("/")[-3:-1] for key in sent if key.startswith(start) and key.endswith(ending))
    return [(date.fromisoformat(day), int(week.removeprefix("w"))) for day, week in told]


def _news(told: Sequence[tuple[date, int]], newest: date, today: date) -> bool:
    """Whether an event is newer than the last one told, and that is a week ago."""
    last = max((day for day, _ in told), default=None)
    return last is None or (newest > last and today >= last + REMIND)


def _running_since(told: Sequence[tuple[date, int]], today: date) -> date:
    """When a fault without a known start was first told, unless its reminders have lapsed; else today."""
    running = (day for day, week in told if day + (week + 2) * REMIND > today)
    return max(running, default=today)


def _last_error(state: SourceState) -> str:
    kind = "may pass by itself" if state.error_temporary else "will not pass by itself"
    error = f"Last error, which {kind}: {one_line(state.error, 200) or 'none recorded'}"
    if state.error_temporary:
        return error
    name = one_line(state.name, 60)
    return (
        f"{error}\nOnce that is mended, `redshank collect --source {name}` asks at once, else within 6 hours."
    )


def slug_of(name: str) -> str:
    """The name where it may stand in a key, else its fingerprint."""
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", name)
    return name if plain else hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
