"""How much of a case may be shown, by the role that is told and the channel that carries it (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from core.errors import ConfigError
from core.vocabulary import ROLES

ANY = "*"


class Shown(IntEnum):
    """How much may be shown, each level with all before it.

    ``number``: number, severity and link of a case. ``labels``: labels, clauses and ages. ``reasons``: the
    rule's reasons, names of sources, and links to posts where there is no review site.
    """

    number = 1
    labels = 2
    reasons = 3

    def __str__(self) -> str:
        return self.name


# By kind of channel; one that is not named here shows the least.
DEFAULTS: Mapping[str, Shown] = MappingProxyType(
    {"mail": Shown.reasons, "webhook": Shown.labels, "apprise": Shown.number}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What the settings say: ``rules`` by role and channel ("*" for any), ``kinds`` by name of a channel."""

    rules: Mapping[tuple[str, str], Shown] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=lambda: {"mail": "mail"})

    def level(self, role: str, channel: str) -> Shown:
        """How much may be shown to a role on a channel.

        The most specific rule counts: for both, then for either (where each has one, the one that shows
        less), then for any; without one, what the kind of the channel shows by itself.
        """
        for pairs in (((role, channel),), ((role, ANY), (ANY, channel)), ((ANY, ANY),)):
            if found := [self.rules[pair] for pair in pairs if pair in self.rules]:
                return min(found)
        return DEFAULTS.get(self.kinds.get(channel, ""), Shown.number)


def parse(table: Mapping[str, str], kinds: Mapping[str, str]) -> Showing:
    """The table [alerts.show]: ``"mail"``, ``"hr.mail"``, ``"hr.*"`` or ``"*.teams"``, each with a level.

    ``kinds`` are the kinds of the channels by name. Raises ConfigError for an unknown role, channel or level,
    and where two keys mean the same.
    """
    rules: dict[tuple[str, str], Shown] = {}
    for key, level in table.items():
        role, channel = _pair(key, kinds)
        if (role, channel) in rules:
            raise ConfigError(f"[alerts.show] speaks of {key!r} twice: write it once")
        if level not in Shown.__members__:
            raise ConfigError(
                f"[alerts.show] {key!r} must be one of {', '.join(Shown.__members__)}, not {level!r}"
            )
        rules[role, channel] = Shown[level]
    return Showing(rules=MappingProxyType(rules), kinds=MappingProxyType(dict(kinds)))


def _pair(key: str, kinds: Mapping[str, str]) -> tuple[str, str]:
    """The role and the channel that a key means; a key without a dot is a channel."""
    before, dot, after = key.partition(".")
    role, channel = (before, after) if dot else (ANY, before)
    if role not in {ANY, *ROLES}:
        raise ConfigError(f"[alerts.show] {key!r}: {role!r} is not a role; the roles are {', '.join(ROLES)}")
    if channel not in {ANY, *kinds}:
        raise ConfigError(
            f"[alerts.show] {key!r}: {channel!r} is not a channel; the channels are {', '.join(sorted(kinds))}"
        )
    return role, channel
