"""What is broken, and when somebody must be told so: silence is loud (pure)."""

import hashlib
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alerts._words import count, one_line, when_words
from alerts.plan import due_at, recipients
from alerts.routes import Routes, fingerprint
from core.types import Notice, SourceState

PATIENCE = timedelta(hours=24)
REMIND = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is broken: ``slug`` tells it apart, ``began`` is None where that is not known.

    ``words`` has a headline as its first line and what to know or do as the second.
    """

    slug: str
    words: str
    began: datetime | None
    roles: tuple[str, ...] = ("operator",)


def plan_faults(
    states: Sequence[SourceState],
    configured: Sequence[str],
    *,
    stuck: int,
    undelivered: int,
    routes: Routes,
    sent: Set[str],
    now: datetime,
    since: date | None = None,
    stuck_since: datetime | None = None,
    undelivered_at: datetime | None = None,
) -> list[Notice]:
    """A notice for each fault and address: at its start, and again every seven days while it lasts.

    Sources first, in the order configured. ``since`` is the first day of operation (a source that was never
    visited is told 24 hours after it; at once where it is None), ``stuck_since`` when the longest waiting of
    the ``stuck`` mentions came in, ``undelivered_at`` when a mail was last refused for good. Where a start
    is not known, the first notice counts as the start.
    """
    by_name = {state.name: state for state in states}
    found: list[Fault] = []
    for name in dict.fromkeys(configured):
        found += _source(name, by_name.get(name), routes, now, since)
    found += _queues(stuck, undelivered, stuck_since, undelivered_at)
    notices = (notice for fault in found for notice in _notices(fault, routes, sent, now))
    return list({notice.key: notice for notice in notices}.values())


def _source(
    name: str, state: SourceState | None, routes: Routes, now: datetime, since: date | None
) -> Iterator[Fault]:
    label, slug = one_line(name, 60), _slug(name)
    if state is None or state.last_try_at is None:
        began = None if since is None else due_at(since, time.max, routes.timezone)
        if began is None or now - began >= PATIENCE:
            words = f"Source {label} has never been read\nIt is configured, but no visit has been recorded."
            yield Fault(slug=f"unvisited/{slug}", words=words, began=began)
    elif state.retired_at is not None:
        words = (
            f"Source {label} is gone\nThe other side retired it on "
            f"{when_words(state.retired_at, routes.timezone)}; it is no longer asked. Remove or replace it."
        )
        yield Fault(slug=f"gone/{slug}", words=words, began=state.retired_at)
    elif state.failing_since is not None:
        if not state.error_temporary or now - state.failing_since >= PATIENCE:
            words = (
                f"Source {label} has been broken since {when_words(state.failing_since, routes.timezone)}\n"
                f"{_last_error(state)}"
            )
            yield Fault(slug=f"broken/{slug}", words=words, began=state.failing_since)
    elif now - state.last_try_at >= PATIENCE and not (state.not_before and state.not_before > now):
        words = (
            f"Source {label} has not been visited since {when_words(state.last_try_at, routes.timezone)}\n"
            "Nothing says that it failed: see whether the collecting runs at all."
        )
        yield Fault(slug=f"unvisited/{slug}", words=words, began=state.last_try_at)


def _queues(
    stuck: int, undelivered: int, stuck_since: datetime | None, undelivered_at: datetime | None
) -> Iterator[Fault]:
    if stuck:
        words = (
            f"{count(stuck, 'mention')} could not be assessed\n"
            "They stay in the queue and nobody has judged them: run `redshank triage` and see what it says."
        )
        yield Fault(slug="stuck", words=words, began=stuck_since)
    if undelivered:
        words = (
            f"{count(undelivered, 'mail')} could not be delivered\n"
            "They were refused for good: check the addresses under [people]. What they told is on record."
        )
        # Governance as well: the operator's own address may be the one that refuses.
        yield Fault(slug="undelivered", words=words, began=undelivered_at, roles=("operator", "governance"))


def _notices(fault: Fault, routes: Routes, sent: Set[str], now: datetime) -> Iterator[Notice]:
    today = now.astimezone(routes.timezone).date()
    for role, address, note in recipients(fault.roles, routes):
        if fault.began is None:
            day = _running_since(fault.slug, address, sent, today)
        else:
            day = min(fault.began, now).astimezone(routes.timezone).date()
        week = (today - day) // REMIND
        key = f"fault/{fault.slug}/{day.isoformat()}/w{week}/{fingerprint(address)}"
        if key not in sent:
            again = f"This is reminder {week}: it has not been put right." if week else ""
            why = "\n".join(part for part in (fault.words, again, note) if part)
            yield Notice(
                key=key, kind="fault", role=role, to=address, channel=routes.channel, why=why, day=day
            )


def _running_since(slug: str, address: str, sent: Set[str], today: date) -> date:
    """When a fault without a known start was first told, unless its reminders have lapsed; else today."""
    start, ending = f"fault/{slug}/", f"/{fingerprint(address)}"
    told = (key.split("/")[-3:-1] for key in sent if key.startswith(start) and key.endswith(ending))
    rows = [(date.fromisoformat(day), int(week.removeprefix("w"))) for day, week in told]
    running = (day for day, week in rows if day + (week + 2) * REMIND > today)
    return max(running, default=today)


def _last_error(state: SourceState) -> str:
    kind = "may pass by itself" if state.error_temporary else "will not pass by itself"
    return f"Last error, which {kind}: {one_line(state.error, 200) or 'none recorded'}"


def _slug(name: str) -> str:
    """The name where it may stand in a key, else its fingerprint."""
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", name)
    return name if plain else hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
