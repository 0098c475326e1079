"""The values of working a case: members, clocks, actions, silences, acknowledgements. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.types import Case, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who holds roles: a person of the house, known by ``id`` (a slug of the name).

    ``also`` are other names that posts may use, ``title`` the job title. ``mail`` is the address, ``channels``
    the names of further channels that reach them. ``hours`` is a rota as written ("Mon-Fri 08:00-18:00"; empty:
    always on duty), ``leave`` the first and last day of each absence.
    """

    id: str
    name: str
    roles: tuple[str, ...]
    mail: str
    also: tuple[str, ...] = ()
    title: str = ""
    channels: tuple[str, ...] = ()
    hours: str = ""
    leave: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One service level at work on a case (all moments UTC).

    ``name`` is one of first_eyes, owner_told, first_route, own_breach; ``owner`` the role that answers for it.
    ``half_at`` and ``most_at`` are when 50 % and 80 % of the allowance are used up, counted as the allowance
    counts: in working hours or by the clock. ``met_at`` is when it was met; ``paused`` while the case is on hold.
    """

    name: str
    owner: str
    starts_at: datetime
    half_at: datetime
    most_at: datetime
    due_at: datetime
    allowance: str
    met_at: datetime | None = None
    paused: bool = False

    def late(self, now: datetime) -> bool:
        """Whether it ran out before it was met, or has run out by now."""
        return not self.paused and (self.met_at or now) > self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody has taken note of a case at one revision; ``who`` is a fingerprint or a member's id."""

    case_id: int
    revision: int
    role: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that decides who must be told of a case: the case, its clocks and who took note of it."""

    case: Case
    clocks: tuple[Clock, ...] = ()
    acknowledged: tuple[Acknowledgement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Cases that nobody wants to be told of at once, for a while and for a reason.

    A case matches when it fits every criterion that is given: any of ``labels`` (it bears no other), at most
    ``severity``, all its copies at ``sources`` or on ``platforms``, or the one ``case_id``. Never matched are
    critical cases and those where safeguarding is seen or suspected.
    """

    id: int
    owner: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    labels: tuple[str, ...] = ()
    severity: Severity | None = None
    sources: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    case_id: int | None = None


class ActionState(StrEnum):
    """Where one use of a route stands."""

    drafted = "drafted"
    approved = "approved"
    sent = "sent"
    acknowledged = "acknowledged"
    refused = "refused"
    answered = "answered"
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One use of a route on a case: drafted by one person, approved where it must be, sent with a reference."""

    id: int
    case_id: int
    route: str
    state: ActionState
    drafted_by: str
    drafted_at: datetime
    approved_by: str = ""
    sent_at: datetime | None = None
    answer_due_at: datetime | None = None
    reference: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit log; ``digest`` is the SHA-256 over it and the digest of the line before."""

    id: int
    at: datetime
    actor: str
    role: str
    action: str
    case_id: int | None
    before: str
    after: str
    reason: str
    details: Mapping[str, object] = field(default_factory=dict)
    previous: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A source that is not visited ``until`` a moment, by whose decision and why."""

    name: str
    reason: str
    until: datetime
    by: str
    at: datetime
