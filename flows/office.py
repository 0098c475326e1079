"""The office: who is there, when, how they are reached and what they may be shown, made from the settings once."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from pydantic import BaseModel, ValidationError

from alerts import channels, showing
from alerts.addresses import fingerprint
from alerts.routes import Routes
from alerts.rules import PACES, Pace, Rules
from alerts.showing import Showing
from core.errors import ConfigError
from core.hours import Hours
from core.links import Links, signing_key
from core.sections import ChannelSettings, TeamMember
from core.settings import Settings
from core.types import Case, Severity
from core.work import Clock, Member
from core.worktime import Allowance, Calendar, bank_holidays
from policies.books import Books, books
from policies.clocks import Levels, clocks, parse_levels


@dataclass(frozen=True, slots=True)
class Way:
    """One way of telling somebody: the channel and its options."""

    channel: channels.Channel
    options: BaseModel


class Office:
    """Everything about people and time that the flows and the review site ask for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def calendar(self) -> Calendar:
        """When the organisation works."""
        asked = self._settings.clocks
        return Calendar(
            Hours.parse(asked.hours), self._settings.zone, bank_holidays(asked.nation, asked.closed)
        )

    @cached_property
    def team(self) -> tuple[Member, ...]:
        """Those known by name."""
        return tuple(_member(one) for one in self._settings.team)

    @cached_property
    def routes(self) -> Routes:
        """Who holds which role, and where links lead."""
        alerts = self._settings.alerts
        try:
            return Routes(
                people=self._settings.people,
                team=self.team,
                timezone=self._settings.zone,
                link_base=alerts.link_base,
                holidays=self.calendar.holidays,
            )
        except ConfigError as error:
            raise self._settings.error(("people",), error.problem) from None

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody who holds a role."""
        return tuple(self.routes.roster.members)

    @cached_property
    def rules(self) -> Rules:
        """What is told at once, how soon again, to whom next, and when the digests go; ConfigError names the line."""
        alerts = self._settings.alerts
        paces = {
            severity: Pace(
                repeat=Allowance.parse(pace.repeat),
                escalate=Allowance.parse(pace.escalate),
                onward=PACES[severity].onward,
                idle=PACES[severity].idle,
            )
            for severity, pace in ((Severity.critical, alerts.critical), (Severity.high, alerts.high))
        }
        try:
            return Rules(
                immediate_from=alerts.immediate_from,
                paces=paces,
                chain=alerts.chain,
                digest_at=alerts.digest_at,
                digest_roles=alerts.digest_roles,
                weekly_roles=alerts.weekly_roles,
                monthly_roles=alerts.monthly_roles,
            )
        except ConfigError as error:
            # It begins with the key that is wrong.
            raise self._settings.error(("alerts", error.problem.split()[0]), error.problem) from None

    @cached_property
    def levels(self) -> Levels:
        """The service levels; raises ConfigError naming the line of a wrong one."""
        asked = self._settings.clocks
        given = {name: getattr(asked, name).model_dump() for name in ("critical", "high", "medium", "low")}
        try:
            return parse_levels(given)
        except ValueError as error:
            place = str(error).partition(":")[0].split(".")
            raise self._settings.error(("clocks", *place), str(error)) from None

    def clocks(
        self, case: Case, *, told_at: datetime | None = None, reported_at: datetime | None = None
    ) -> tuple[Clock, ...]:
        """The service levels at work on a case."""
        return clocks(
            case,
            self.levels,
            self.calendar,
            since=case.work.renewed_at,
            told_at=told_at,
            reported_at=reported_at,
            members=self.team,
        )

    @property
    def books(self) -> Books:
        """The route book and the law book."""
        return books()

    @cached_property
    def ways(self) -> MappingProxyType[str, Way]:
        """The channels by name, but for the mail server; raises ConfigError naming the line of a wrong option."""
        return MappingProxyType({name: self._way(name, one) for name, one in self._settings.channels.items()})

    def _way(self, name: str, given: ChannelSettings) -> Way:
        channel = channels.load()[given.kind]
        values = given.model_dump(exclude_unset=True, exclude={"kind", "timeout", "ca_file"})
        values["timeout"] = given.timeout.total_seconds()
        if given.ca_file:
            values["ca_file"] = self._settings.folder / given.ca_file
        try:
            return Way(channel, channel.Options(**values))
        except ValidationError as error:
            raise self._settings.explain(error, ("channels", name)) from None

    @cached_property
    def showing(self) -> Showing:
        """How much may be shown to which role by which channel."""
        kinds = {"mail": "mail", **{name: one.kind for name, one in self._settings.channels.items()}}
        try:
            return showing.parse(self._settings.alerts.show, kinds)
        except ConfigError as error:
            raise self._settings.error(("alerts", "show"), error.problem) from None

    @cached_property
    def name_key(self) -> bytes:
        """The key under which names of people whom abuse is aimed at are hashed: without it nobody can try names."""
        return signing_key("", self._settings.folder / "var", "names.key").encode()

    @cached_property
    def links(self) -> Links:
        """The links by which somebody takes note of a message."""
        review = self._settings.review
        key = (
            signing_key(review.key.get_secret_value(), self._settings.folder / "var")
            if review.address
            else ""
        )
        return Links(key, review.address, review.links_last)

    def require(self) -> None:
        """Open every part now, so that what is wrong in the settings shows at the start."""
        _ = self.routes, self.rules, self.levels, self.ways, self.showing
        for index, member in enumerate(self._settings.team):
            unknown = [name for name in member.channels if name not in self.ways]
            if unknown:
                raise self._settings.error(
                    ("team", index, "channels"),
                    f"no channel is named {unknown[0]!r}: add [channels.{unknown[0]}]",
                )


def _member(given: TeamMember) -> Member:
    return Member(
        id=re.sub(r"[^a-z0-9]+", "-", given.name.casefold()).strip("-") or fingerprint(given.mail),
        name=given.name,
        roles=given.roles,
        mail=given.mail,
        also=given.also,
        title=given.title,
        channels=given.channels,
        hours=given.hours,
        leave=given.leave,
    )
