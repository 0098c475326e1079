"""``redshank.toml``, read once and checked whole: an unknown key or a wrong value names its file and line.

Sources, first wins: environment variables (``REDSHANK_MAIL__PASSWORD``), a folder of secret files named by
``REDSHANK_SECRETS`` (one value a file, ``mail__password``), the file. Secrets are refused in the file itself.
"""

import os
import re
import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.errors import ConfigError
from core.files import check_secrets, read_config
from core.lines import Place, explain, key_lines, nearest_line
from core.types import Severity
from core.vocabulary import ROLES

_DURATION = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SECRETS: tuple[Place, ...] = (("mail", "password"),)
_PREFIX = "REDSHANK_"


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


Duration = Annotated[timedelta, BeforeValidator(duration)]
SeverityName = Annotated[Severity, BeforeValidator(_severity)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Organisation(_Section):
    """Whom the mentions are about, and the organisation's own public face."""

    name: str = Field(min_length=2)
    query: str = ""
    accounts: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    sealed_premises: tuple[str, ...] = ()
    timezone: str = "Europe/London"
    policy: str = "focus"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError) as error:
            raise ValueError('no such time zone; write one as "Europe/London"') from error
        return value


class Governance(_Section):
    """The reference of the data protection impact assessment, without which nothing is collected."""

    dpia: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    purpose: str = ""


class SourceSettings(BaseModel):
    """One place to read. Keys beyond these belong to the connector of that kind, which checks them.

    ``about_us`` says that everything there is about the organisation (its own page, a saved search), so that
    the query is not asked.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    kind: str
    every: Duration = timedelta(minutes=15)
    allow_hosts: tuple[str, ...] = ()
    enabled: bool = True
    about_us: bool = False

    @field_validator("every")
    @classmethod
    def _polite(cls, value: timedelta) -> timedelta:
        if value < timedelta(seconds=30):
            raise ValueError('asking more often than "30s" is not polite')
        return value


class Mail(_Section):
    """The SMTP server that takes our mail; the password comes from the environment or a secret file."""

    host: str
    port: int | None = Field(default=None, ge=1, le=65535)
    sender: str = Field(alias="from", pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    timeout: Duration = timedelta(seconds=30)
    ca_file: Path | None = None


class Alerts(_Section):
    """When people are told."""

    immediate_from: SeverityName = Severity.high
    digest_at: time = time(7, 30)
    digest_roles: tuple[str, ...] = ("governance", "safeguarding", "operator")
    link_base: str = ""

    @field_validator("digest_roles")
    @classmethod
    def _known_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _roles(value)


class Model(_Section):
    """The model artefact: ``bundled``, or the folder of another."""

    path: str = "bundled"
    threads: int = Field(default=0, ge=0, le=256)


class Storage(_Section):
    """The database: ``sqlite:///file`` (beside the configuration file) or ``postgresql://…``."""

    # Not shown: from the environment it may hold a password.
    url: str = Field(default="sqlite:///var/redshank.db", repr=False)

    @field_validator("url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value


class Fetch(_Section):
    """How we ask: whom a site may write to about us, for how long we wait, and how many requests run at once."""

    contact: str = ""
    timeout: Duration = timedelta(seconds=60)
    workers: int = Field(default=8, ge=1, le=64)
    per_host: int = Field(default=2, ge=1, le=64)


def _roles(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in ROLES]
    if unknown:
        raise ValueError(f"unknown role {unknown[0]}; known are {', '.join(ROLES)}")
    return names


class Settings(BaseSettings):
    """Everything that an operator decides; frozen once read."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=_PREFIX, env_nested_delimiter="__", populate_by_name=True
    )

    organisation: Organisation
    governance: Governance = Governance()
    sources: tuple[SourceSettings, ...] = ()
    mail: Mail | None = None
    people: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    alerts: Alerts = Alerts()
    model: Model = Model()
    storage: Storage = Storage()
    fetch: Fetch = Fetch()

    _path: Path = PrivateAttr(default=Path("redshank.toml"))
    _lines: dict[Place, int] = PrivateAttr(default_factory=dict)

    @field_validator("people")
    @classmethod
    def _known_people(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        _roles(tuple(value))
        for role, addresses in value.items():
            if any(not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address) for address in addresses):
                raise ValueError(f"{role} holds something that is no mail address")
        return value

    @field_validator("sources")
    @classmethod
    def _distinct(cls, value: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
        names = [source.name for source in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two sources are named {twice[0]}; a name tells a source apart for good")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment, then secret files, then the file (which arrives as the initial values)."""
        secrets = os.environ.get(f"{_PREFIX}SECRETS")
        if not secrets:
            return env_settings, init_settings
        folder = NestedSecretsSettingsSource(
            file_secret_settings, secrets_dir=secrets, env_prefix="", secrets_nested_delimiter="__"
        )
        return env_settings, folder, init_settings

    @property
    def folder(self) -> Path:
        """Where the configuration file lies; relative paths in it start there."""
        return self._path.parent

    @property
    def path(self) -> Path:
        """The configuration file."""
        return self._path

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.organisation.timezone)

    @property
    def database(self) -> str:
        """The storage URL, with a relative SQLite path made absolute."""
        prefix, _, path = self.storage.url.partition("sqlite:///")
        if prefix or not path or path == ":memory:":
            return self.storage.url
        return f"sqlite:///{(self.folder / path).resolve()}"

    def explain(self, error: ValidationError, within: Place) -> ConfigError:
        """What pydantic found in the part of the file at ``within``, by line."""
        return explain(error, self._path, self._lines, within)

    def error(self, place: Place, problem: str) -> ConfigError:
        """A ConfigError that points at the line of the key at ``place``."""
        return ConfigError(problem, path=self._path, line=nearest_line(self._lines, place))


def load(path: Path) -> Settings:
    """Read and check the configuration file at ``path``.

    Raises:
        ConfigError: the file is missing, not TOML, writable by anybody, or holds a key or value that is
            not allowed; each problem names its line.
    """
    text = read_config(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise ConfigError(
            f"not valid TOML: {error}", path=path, line=int(found[1]) if found else None
        ) from None
    lines = key_lines(text)
    _refuse_secrets(content, lines, path)
    check_secrets(os.environ.get(f"{_PREFIX}SECRETS"))
    try:
        settings = Settings(**content)
    except ValidationError as error:
        raise explain(error, path, lines) from None
    settings._path = path.resolve()
    settings._lines = lines
    return settings


def _refuse_secrets(content: dict[str, Any], lines: dict[Place, int], path: Path) -> None:
    """Passwords come from the environment or a secret file: this one is read, copied and mailed about."""
    held = [place for place in _SECRETS if place in lines]
    storage = content.get("storage")
    url = storage.get("url") if isinstance(storage, dict) else None
    if isinstance(url, str) and re.match(r"\w+(\+\w+)?://[^/@]*:[^/@]+@", url):
        held.append(("storage", "url"))
    for place in held:
        variable = _PREFIX + "__".join(str(part) for part in place).upper()
        raise ConfigError(
            f"secrets do not belong in this file: set {variable} or use a secret file",
            path=path,
            line=lines.get(place),
        )
