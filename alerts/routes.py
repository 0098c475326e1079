"""Who holds which role, and when and where they are told: settings as one checked value."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from core.errors import ConfigError
from core.types import Severity
from core.vocabulary import ROLES

# Deliberately narrower than RFC 5321: one @, no blanks, no quoting, nothing that could end a header.
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f@<>,;:\"()\[\]\\]{1,64}@[^\s\x00-\x1f\x7f@<>,;:\"()\[\]\\]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Roles and their addresses, what is told at once, and when the digest goes.

    ``digest_at`` is a local time of day in ``timezone``. ``link_base`` is the address of the review site
    ("https://redshank.example"), or "" while there is none: mails then link the post itself. Raises
    ConfigError for an unknown role, a malformed address, or if there is nobody to tell at all.
    """

    people: Mapping[str, tuple[str, ...]]
    timezone: ZoneInfo
    immediate_from: Severity = Severity.high
    digest_at: time = time(7, 30)
    digest_roles: tuple[str, ...] = ("governance", "safeguarding", "operator")
    channel: str = "mail"
    link_base: str = ""

    def __post_init__(self) -> None:
        for role in (*self.people, *self.digest_roles):
            if role not in ROLES:
                raise ConfigError(f"{role!r} is not a role; the roles are {', '.join(ROLES)}")
        people = {role: _addresses(role, self.people.get(role, ())) for role in ROLES}
        if not any(people.values()):
            raise ConfigError("nobody has an address, so nobody could be told: give at least governance one")
        if not self.digest_roles:
            raise ConfigError("digest_roles is empty: somebody must get the digest, also on quiet days")
        if self.digest_at.tzinfo is not None:
            raise ConfigError("digest_at is a local time of day and takes no time zone of its own")
        if self.link_base and urlsplit(self.link_base).scheme not in {"http", "https"}:
            raise ConfigError("link_base must begin with https:// or http://, or be empty")
        object.__setattr__(self, "people", MappingProxyType({r: a for r, a in people.items() if a}))
        object.__setattr__(self, "link_base", self.link_base.rstrip("/"))

    def stand_in(self, role: str) -> str:
        """The role whose addresses are used: itself, else governance, else the first role that has any."""
        return next(name for name in (role, *ROLES) if name in self.people)

    def to(self, role: str) -> tuple[str, ...]:
        """The addresses to tell for a role; never empty, as a role without one falls to its stand-in."""
        return self.people[self.stand_in(role)]

    def note(self, role: str) -> str:
        """Empty, or in words that somebody else is told in place of this role."""
        stand_in = self.stand_in(role)
        return "" if stand_in == role else f"no address for {role}: told {stand_in} instead"


def fingerprint(address: str) -> str:
    """16 hex digits of the SHA-256 of an address: keys end up in logs, and addresses must not."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()[:16]


def _addresses(role: str, given: tuple[str, ...]) -> tuple[str, ...]:
    unique: dict[str, str] = {}
    for address in given:
        stripped = address.strip()
        if not _ADDRESS.fullmatch(stripped):
            raise ConfigError(f"an address of role {role} is not a mail address (one name@host each)")
        unique.setdefault(stripped.casefold(), stripped)
    return tuple(unique.values())
