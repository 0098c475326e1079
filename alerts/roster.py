"""Who holds which role, who is on duty at a moment, and who is told in whose place. Pure.

Nobody left untold comes before every rota: whoever is asked for a role always gets somebody.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.addresses import check_address, fingerprint
from core.errors import ConfigError
from core.hours import Hours
from core.vocabulary import ROLES
from core.work import Member
from core.worktime import Calendar

MAIL = "mail"
# Who stands in for a role, the nearest to deciding first; hr last, as a disclosure must not reach it by accident.
STAND_INS = tuple(
    dict.fromkeys(("deputy", "governance", "safeguarding", "dpo", "legal", "speak_up", "auditor", *ROLES))
)
_LAST = ("auditor", "legal", "operator", *ROLES)
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom to tell for a role: never nobody. ``note`` is empty, or says in words why it is others than asked."""

    members: tuple[Member, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """The members of the house and their rotas, read in ``zone``.

    Who keeps hours is off on ``holidays``. Raises ConfigError for an unknown role, a malformed address, name of a
    channel or rota, an id that is there twice, or if there is nobody to tell at all.
    """

    members: Sequence[Member]
    zone: ZoneInfo
    holidays: Container[date] = frozenset()
    _rotas: Mapping[str, Calendar] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        members = tuple(self.members)
        if not any(member.roles for member in members):
            raise ConfigError("nobody has an address, so nobody could be told: give at least governance one")
        if len({member.id for member in members}) < len(members):
            raise ConfigError("two members of the team have the same name: write one of them differently")
        for member in members:
            _check(member)
        rotas = {
            one.hours: Calendar(Hours.parse(one.hours), self.zone, self.holidays)
            for one in members
            if one.hours
        }
        object.__setattr__(self, "members", members)
        object.__setattr__(self, "_rotas", rotas)

    def holders(self, role: str) -> tuple[Member, ...]:
        """Everybody who holds a role, there or not."""
        return tuple(member for member in self.members if role in member.roles)

    def member(self, who: str) -> Member | None:
        """The member known by an id or by the fingerprint of the address."""
        return next((one for one in self.members if who in {one.id, fingerprint(one.mail)}), None)

    def on_leave(self, member: Member, now: datetime) -> bool:
        """Whether a member is away on the local day of a moment; both ends of a leave are days away."""
        today = now.astimezone(self.zone).date()
        return any(first <= today <= last for first, last in member.leave)

    def on_duty(self, member: Member, now: datetime) -> bool:
        """Whether a member's rota and leave have them there at a moment; without a rota they always are."""
        if self.on_leave(member, now):
            return False
        return not member.hours or self._rotas[member.hours].open_at(now)

    def barred(self, exclude: Set[str]) -> frozenset[str]:
        """The ids of the members to keep out, with those who read the same mailbox."""
        boxes = {fingerprint(member.mail) for member in self.members if member.id in exclude}
        return frozenset(member.id for member in self.members if fingerprint(member.mail) in boxes)

    def reach(
        self, role: str, now: datetime, *, exclude: Set[str] = frozenset(), urgent: bool = False
    ) -> Reach:
        """Whom to tell for a role at a moment: those on duty.

        With nobody on duty it is all who are not on leave, and where it is ``urgent`` the next role as well. With
        nobody at all, or all on leave, it is the role that stands in, and if everybody is on leave those on leave.
        Nobody in ``exclude`` (ids) is told, unless there is nobody else in the house: then whoever is the most
        independent, and the note says so.
        """
        barred = self.barred(exclude)
        there = self._there(role, now, barred)
        duty = tuple(member for member in there if self.on_duty(member, now))
        if duty or not there:
            return Reach(duty) if duty else self._instead(role, now, barred)
        if not urgent:
            return Reach(there, f"nobody on duty as {role}: it waits for them")
        other, more = self._stand_in(role, now, barred | {member.id for member in there})
        said = f"told {other} as well" if more else "there is nobody else to tell"
        return Reach((*there, *more), f"nobody on duty as {role}: {said}")

    def everybody(self, role: str, now: datetime, *, exclude: Set[str] = frozenset()) -> Reach:
        """Whom to tell what can wait, such as a digest: all who hold a role and are not on leave, or a stand-in.

        ``exclude`` (ids) as for ``reach``.
        """
        barred = self.barred(exclude)
        there = self._there(role, now, barred)
        return Reach(there) if there else self._instead(role, now, barred)

    def addresses(self, role: str) -> tuple[str, ...]:
        """The mail addresses of all who hold a role, there or not; of the role that stands in where nobody does."""
        name = next(name for name in (role, *STAND_INS) if self.holders(name))
        return tuple(member.mail for member in self.holders(name))

    def last_resort(self) -> tuple[Member, ...]:
        """Who is told what concerns everybody there is: the most independent of them."""
        return self.holders(self._last_role())

    def ways(self, member: Member, exclude: Set[str] = frozenset()) -> tuple[tuple[str, str], ...]:
        """Each channel that reaches a member and where to: mail first, then the further ones.

        A further channel is its own address, as it may be a room: one that an excluded member reads is left out.
        """
        barred = self.barred(exclude) - {member.id}
        shared = {name for one in self.members if one.id in barred for name in one.channels}
        further = ((name, name) for name in member.channels if name not in shared)
        return (MAIL, member.mail), *further

    def _there(self, role: str, now: datetime, barred: Container[str]) -> tuple[Member, ...]:
        held = self.holders(role)
        return tuple(one for one in held if one.id not in barred and not self.on_leave(one, now))

    def _stand_in(self, role: str, now: datetime, barred: Container[str]) -> tuple[str, tuple[Member, ...]]:
        """The first other role with somebody on duty, else with somebody who is not on leave."""
        others = [(name, self._there(name, now, barred)) for name in STAND_INS if name != role]
        for name, there in others:
            if duty := tuple(member for member in there if self.on_duty(member, now)):
                return name, duty
        return next(((name, there) for name, there in others if there), ("", ()))

    def _instead(self, role: str, now: datetime, barred: Container[str]) -> Reach:
        """Whom to tell where nobody who holds a role is there."""
        held = self.holders(role)
        if not held:
            why = f"no address for {role}"
        elif all(member.id in barred for member in held):
            why = f"whoever is {role} must not be told of it"
        else:
            why = f"everybody who is {role} is on leave"
        other, members = self._stand_in(role, now, barred)
        if members:
            return Reach(members, f"{why}: told {other} instead")
        for name in (role, *STAND_INS):
            if away := tuple(one for one in self.holders(name) if one.id not in barred):
                return Reach(away, f"everybody is on leave: told {name} all the same")
        last = self._last_role()
        return Reach(
            self.last_resort(), f"it concerns everybody there is: told {last}, as nobody else is left"
        )

    def _last_role(self) -> str:
        return next(name for name in _LAST if self.holders(name))


def first_for_each(reached: Iterable[tuple[str, Reach]]) -> Iterator[tuple[str, Member, str]]:
    """``(role, member, note)`` for each mailbox once, under the first role that leads to it.

    The notes of roles that lost their own message this way are kept, so that no missing person goes unsaid.
    """
    first: dict[str, tuple[str, Member]] = {}
    notes: dict[str, list[str]] = {}
    for role, reach in reached:
        for member in reach.members:
            # Two spellings of one address share a fingerprint: one mailbox, one message.
            mailbox = fingerprint(member.mail)
            first.setdefault(mailbox, (role, member))
            notes.setdefault(mailbox, []).append(reach.note)
    for mailbox, (role, member) in first.items():
        yield role, member, sentence(*notes[mailbox])


def sentence(*parts: str) -> str:
    """The parts that say something, each once, also where one of them is a sentence of several."""
    return "; ".join(dict.fromkeys(one for part in parts if part for one in part.split("; ")))


def _check(member: Member) -> None:
    for role in member.roles:
        if role not in ROLES:
            raise ConfigError(f"{role!r} is not a role; the roles are {', '.join(ROLES)}")
    check_address(member.mail, member.roles[0] if member.roles else "nobody")
    for name in member.channels:
        if not _CHANNEL.fullmatch(name) or name == MAIL:
            raise ConfigError(f"{name!r} cannot be the name of a further channel")
    if any(last < first for first, last in member.leave):
        raise ConfigError(f"a leave of {member.id} ends before it begins")
    try:
        _ = member.hours and Hours.parse(member.hours)
    except ValueError as error:
        raise ConfigError(f"hours of {member.id}: {error}") from None
