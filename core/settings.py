"""``redshank.toml``, read once and checked whole: an unknown key or a wrong value names its file and line.

Sources, first wins: environment variables (``REDSHANK_MAIL__PASSWORD``), a folder of secret files named by
``REDSHANK_SECRETS`` (one value a file, ``mail__password``), the file. Secrets are refused in the file itself.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.errors import ConfigError
from core.files import check_secrets, read_config
from core.lines import Place, explain, key_lines, nearest_line
from core.organisation import Organisation
from core.reach import BudgetSettings, Fetch, KeyName, SourceSettings
from core.sections import (
    Alerts,
    ChannelName,
    ChannelSettings,
    Clocks,
    Governance,
    Mail,
    Model,
    Review,
    Sampling,
    Storage,
    TeamMember,
    known_roles,
)

__all__ = ["Mail", "Settings", "SourceSettings", "load"]

_SECRETS: tuple[Place, ...] = (("mail", "password"), ("alerts", "heartbeat"), ("review", "key"))
_PREFIX = "REDSHANK_"


class Settings(BaseSettings):
    """Everything that an operator decides; frozen once read."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=_PREFIX, env_nested_delimiter="__", populate_by_name=True
    )

    organisation: Organisation
    governance: Governance = Governance()
    sources: tuple[SourceSettings, ...] = ()
    keys: dict[KeyName, dict[str, SecretStr]] = Field(default_factory=dict)
    budgets: dict[KeyName, dict[str, BudgetSettings]] = Field(default_factory=dict)
    mail: Mail | None = None
    people: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    team: tuple[TeamMember, ...] = ()
    channels: dict[ChannelName, ChannelSettings] = Field(default_factory=dict)
    clocks: Clocks = Clocks()
    review: Review = Review()
    sampling: Sampling = Sampling()
    alerts: Alerts = Alerts()
    model: Model = Model()
    storage: Storage = Storage()
    fetch: Fetch = Fetch()

    _path: Path = PrivateAttr(default=Path("redshank.toml"))
    _lines: dict[Place, int] = PrivateAttr(default_factory=dict)

    @field_validator("people")
    @classmethod
    def _known_people(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        known_roles(tuple(value))
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

    @field_validator("team")
    @classmethod
    def _distinct_members(cls, value: tuple[TeamMember, ...]) -> tuple[TeamMember, ...]:
        names = [member.name.casefold() for member in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two members are named {twice[0]}; a name tells a member apart")
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
    held: list[Place] = [place for place in _SECRETS if place in lines]
    channels = content.get("channels")
    for name, channel in channels.items() if isinstance(channels, dict) else ():
        secret = (
            ("url", "key") if isinstance(channel, dict) and channel.get("kind") == "apprise" else ("key",)
        )
        held += [("channels", name, key) for key in secret if ("channels", name, key) in lines]
    held += [place for place in lines if place[0] == "keys" and len(place) > 2]
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
