"""Who is written in the settings, as one checked value: the addresses of roles, the team, and where links lead."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alerts.addresses import fingerprint
from alerts.roster import Roster
from core.errors import ConfigError
from core.vocabulary import ROLES
from core.work import Member

__all__ = ["Routes", "fingerprint", "members_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """``people`` are roles and their addresses; ``team`` are those known by name, with rota, leave and channels.

    ``link_base`` is the address of the review site ("https://redshank.example"), or "" while there is none: mails
    then link the post itself. ``roster`` holds everybody. Raises ConfigError for an unknown role, a malformed
    address, or if there is nobody to tell at all.
    """

    people: Mapping[str, tuple[str, ...]]
    timezone: ZoneInfo
    team: Sequence[Member] = ()
    link_base: str = ""
    holidays: Container[date] = frozenset()
    roster: Roster = field(init=False)

    def __post_init__(self) -> None:
        if self.link_base and urlsplit(self.link_base).scheme not in {"http", "https"}:
            raise ConfigError("link_base must begin with https:// or http://, or be empty")
        members = members_of(self.people, self.team)
        object.__setattr__(self, "link_base", self.link_base.rstrip("/"))
        object.__setattr__(self, "roster", Roster(members, self.timezone, self.holidays))

    def to(self, role: str) -> tuple[str, ...]:
        """The addresses that stand for a role whoever is there; never empty, as a role without one falls to another."""
        return self.roster.addresses(role)


def members_of(people: Mapping[str, Iterable[str]], team: Sequence[Member] = ()) -> tuple[Member, ...]:
    """The team, and as a member each further address of ``people``, known by its fingerprint alone.

    Whoever stands in both is one member with the roles of both. Raises ConfigError for an unknown role.
    """
    for role in people:
        if role not in ROLES:
            raise ConfigError(f"{role!r} is not a role; the roles are {', '.join(ROLES)}")
    members = list(team)
    for role in (role for role in ROLES if role in people):
        for address in people[role]:
            _add(members, role, address.strip())
    return tuple(members)


def _add(members: list[Member], role: str, address: str) -> None:
    box = fingerprint(address)
    for place, member in enumerate(members):
        if fingerprint(member.mail) == box:
            members[place] = replace(member, roles=tuple(dict.fromkeys((*member.roles, role))))
            return
    members.append(Member(id=box, name="", roles=(role,), mail=address))
