"""The tables of ``redshank.toml``, one class each: what may stand in them and what it means."""

import re
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
)

from core.hours import Hours
from core.types import Severity
from core.vocabulary import ROLES
from core.worktime import Allowance, Nation

_DURATION = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(value: object) -> object:
    """``"90s"``, ``"10m"``, ``"1h"`` or ``"1d"`` as a timedelta; anything else is left to be refused."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('write a duration as a number and s, m, h or d: "10m"')
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        raise ValueError("is longer than anybody can wait") from None


def _severity(value: object) -> object:
    if isinstance(value, Severity):
        return value
    if not isinstance(value, str) or value not in Severity.__members__:
        raise ValueError(f"must be one of {', '.join(Severity.__members__)}")
    return Severity[value]


def _leave(value: object) -> object:
    """``"2026-12-24..2027-01-02"`` or a single day (a string or a date) as its first and last day."""
    if isinstance(value, date):
        return value, value
    if not isinstance(value, str):
        return value
    first, dots, last = value.partition("..")
    try:
        span = date.fromisoformat(first.strip()), date.fromisoformat(last.strip() if dots else first.strip())
    except ValueError:
        raise ValueError('write leave as "2026-12-24" or "2026-12-24..2027-01-02"') from None
    if span[1] < span[0]:
        raise ValueError("leave ends before it begins")
    return span


def _hours(value: str) -> str:
    Hours.parse(value)
    return value


def _allowance(value: str) -> str:
    Allowance.parse(value)
    return value


def _channel_name(value: str) -> str:
    """A variable of the environment must be able to name it, and ``mail`` is the mail server's."""
    if not re.fullmatch(r"[a-z0-9]([_-]?[a-z0-9])*", value) or value == "mail":
        raise ValueError('no channel can be named so: use small letters and digits, as in "teams"')
    return value


ChannelName = Annotated[str, AfterValidator(_channel_name)]
HoursText = Annotated[str, AfterValidator(_hours)]
AllowanceText = Annotated[str, AfterValidator(_allowance)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
Leave = Annotated[tuple[date, date], BeforeValidator(_leave)]
SeverityName = Annotated[Severity, BeforeValidator(_severity)]


class Section(BaseModel):
    """A table whose every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Governance(Section):
    """The reference of the data protection impact assessment, without which nothing is collected."""

    dpia: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    purpose: str = ""


class Mail(Section):
    """The SMTP server that takes our mail; the password comes from the environment or a secret file."""

    host: str
    port: int | None = Field(default=None, ge=1, le=65535)
    sender: str = Field(alias="from", pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    timeout: Duration = timedelta(seconds=30)
    ca_file: Path | None = None


class Pace(Section):
    """How soon an unacknowledged case is told again, and told to the next role: "15m" or "4 working hours"."""

    repeat: AllowanceText
    escalate: AllowanceText


class Alerts(Section):
    """When people are told, how often again, and what may be shown to whom.

    ``chain`` are the roles that are told next when nobody takes note. ``show`` maps a channel ("mail"), a role
    and a channel ("hr.mail") to how much may be shown. ``heartbeat`` is an address asked after each audit that
    found nothing wrong: whoever waits for it tells you when this machine is silent.
    """

    immediate_from: SeverityName = Severity.high
    digest_at: time = time(7, 30)
    digest_roles: tuple[str, ...] = ("governance", "safeguarding", "operator")
    weekly_roles: tuple[str, ...] = ()
    monthly_roles: tuple[str, ...] = ()
    chain: tuple[str, ...] = ("deputy", "governance", "safeguarding", "legal")
    critical: Pace = Pace(repeat="15m", escalate="30m")
    high: Pace = Pace(repeat="4 working hours", escalate="8 working hours")
    show: dict[str, str] = Field(default_factory=dict)
    link_base: str = ""
    heartbeat: SecretStr = SecretStr("")

    @field_validator("digest_roles", "weekly_roles", "monthly_roles", "chain")
    @classmethod
    def _known_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return known_roles(value)


class TeamMember(Section):
    """Somebody who holds roles, by name: needed for rotas, leave, further channels and conflicts of interest.

    ``leave`` holds days ("2026-12-24") and spans of days ("2026-12-24..2027-01-02"), both ends included.
    """

    name: str = Field(min_length=2)
    roles: tuple[str, ...] = Field(min_length=1)
    mail: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    also: tuple[str, ...] = ()
    title: str = ""
    channels: tuple[str, ...] = ()
    hours: HoursText = "always"
    leave: tuple[Leave, ...] = ()

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return known_roles(value)


class ChannelSettings(Section):
    """One further way of telling people; ``url`` is where to, ``key`` what a webhook is signed with."""

    kind: Literal["webhook", "apprise"]
    url: SecretStr = SecretStr("")
    key: SecretStr = SecretStr("")
    timeout: Duration = timedelta(seconds=20)
    allow_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None


class Level(Section):
    """The service levels of one severity; an empty one keeps the default."""

    first_eyes: str = ""
    owner_told: str = ""
    first_route: str = ""


class Clocks(Section):
    """Working hours, holidays and service levels: "1h clock", "4 working hours", "2 working days".

    ``closed`` are the organisation's own closing days, besides the bank holidays of its ``nation``.
    """

    hours: HoursText = "Mon-Fri 08:00-18:00"
    nation: Nation = "England"
    closed: tuple[date, ...] = ()
    critical: Level = Level()
    high: Level = Level()
    medium: Level = Level()
    low: Level = Level()


class Sampling(Section):
    """How many mentions that were not flagged are read each week (0: none), and which role reads them."""

    each_week: int = Field(default=50, ge=0, le=1000)
    reviewer: str = "safeguarding"

    @field_validator("each_week")
    @classmethod
    def _enough(cls, value: int) -> int:
        if 0 < value < 10:
            raise ValueError("fewer than 10 a week tell nothing: give 10 or more, or 0 for none")
        return value

    @field_validator("reviewer")
    @classmethod
    def _known_role(cls, value: str) -> str:
        return known_roles((value,))[0]


class Review(Section):
    """The review site: where it listens, and the address by which people reach it from their mails.

    Without an ``address`` mails hold no links to acknowledge by. ``key`` signs the links; where it is not given,
    one is made in ``var`` at the first start.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8470, ge=1, le=65535)
    address: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    links_last: Duration = timedelta(days=3)
    key: SecretStr = SecretStr("")

    @field_validator("links_last")
    @classmethod
    def _long_enough(cls, value: timedelta) -> timedelta:
        if value < timedelta(hours=1):
            raise ValueError('a link that lasts for less than "1h" has run out before it is read')
        return value


class Model(Section):
    """The model artefact: ``bundled``, or the folder of another."""

    path: str = "bundled"
    threads: int = Field(default=0, ge=0, le=256)


class Storage(Section):
    """The database: ``sqlite:///file`` (beside the configuration file) or ``postgresql://…``."""

    # Not shown: from the environment it may hold a password.
    url: str = Field(default="sqlite:///var/redshank.db", repr=False)

    @field_validator("url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value


def known_roles(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, if each is a role; raises ValueError for one that is not."""
    unknown = [name for name in names if name not in ROLES]
    if unknown:
        raise ValueError(f"unknown role {unknown[0]}; known are {', '.join(ROLES)}")
    return names
