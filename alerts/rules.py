"""When people are told: what is told at once, how soon again, to whom next, and when the digests go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType

from core.errors import ConfigError
from core.types import Severity
from core.vocabulary import ROLES
from core.worktime import Allowance


def wait(text: str) -> Allowance:
    """A wait as it is written in the settings: "15m" counts by the clock, "4 working hours" in working time.

    Raises ValueError saying what is wrong.
    """
    try:
        return Allowance.parse(text)
    except ValueError:
        return Allowance.parse(f"{text} clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How one severity is followed up.

    Until somebody takes note it is told again after each ``repeat`` and to the next role after each ``escalate``;
    once every role was told, again to all of them after each ``onward``. ``idle`` is how long whoever took note
    may leave it lying before being reminded.
    """

    repeat: Allowance
    escalate: Allowance
    onward: Allowance
    idle: Allowance

    @classmethod
    def of(cls, repeat: str, escalate: str, onward: str, idle: str) -> "Pace":
        """A pace from its waits in words; raises ValueError."""
        return cls(repeat=wait(repeat), escalate=wait(escalate), onward=wait(onward), idle=wait(idle))


# domain guide: default service levels; ``idle`` is half the time that they give to the first human eyes.
PACES: Mapping[Severity, Pace] = MappingProxyType(
    {
        Severity.critical: Pace.of("15m", "30m", "1h", "30m"),
        Severity.high: Pace.of("4 working hours", "8 working hours", "1 working day", "2 working hours"),
        Severity.medium: Pace.of("2 working days", "4 working days", "2 working days", "1 working day"),
        Severity.low: Pace.of("5 working days", "10 working days", "5 working days", "3 working days"),
    }
)
STALLED = wait("5 working days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is told at once and how it is followed up; digests and lesser matters go at ``digest_at``, local time.

    ``chain`` are the roles told next, in this order, when nobody takes note. ``paces`` may leave severities out:
    they keep the default. An open case on which nothing runs is spoken of after each ``stalled``. One message
    speaks of at most ``cases_a_message`` cases. Raises ConfigError for an unknown role, an empty list of digest
    roles, a time of day with a zone of its own, or a number that makes no sense.
    """

    immediate_from: Severity = Severity.high
    paces: Mapping[Severity, Pace] = field(default_factory=dict)
    chain: tuple[str, ...] = ("deputy", "governance", "safeguarding", "legal")
    stalled: Allowance = STALLED
    digest_at: time = time(7, 30)
    digest_roles: tuple[str, ...] = ("governance", "safeguarding", "operator")
    weekly_roles: tuple[str, ...] = ()
    monthly_roles: tuple[str, ...] = ("governance",)
    cases_a_message: int = 20

    def __post_init__(self) -> None:
        for role in (*self.chain, *self.digest_roles, *self.weekly_roles, *self.monthly_roles):
            if role not in ROLES:
                raise ConfigError(f"{role!r} is not a role; the roles are {', '.join(ROLES)}")
        if not self.digest_roles:
            raise ConfigError("digest_roles is empty: somebody must get the digest, also on quiet days")
        if self.digest_at.tzinfo is not None:
            raise ConfigError("digest_at is a local time of day and takes no time zone of its own")
        if self.cases_a_message < 1:
            raise ConfigError("cases_a_message must be 1 or more")
        object.__setattr__(self, "paces", MappingProxyType({**PACES, **self.paces}))

    def pace(self, severity: Severity) -> Pace:
        """How a severity is followed up; what bears none is followed up as low."""
        return self.paces.get(severity, self.paces[Severity.low])

    def at_once(self, severity: Severity) -> bool:
        """Whether a severity is told the moment it is found."""
        return severity >= self.immediate_from
