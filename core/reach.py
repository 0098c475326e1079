"""The tables of ``redshank.toml`` that say what is read: the sources, how we ask, the keys and what they may spend."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from core.organisation import Permit
from core.sections import Duration, Section

SHORTEST = timedelta(seconds=30)


def _polite(value: timedelta) -> timedelta:
    if value < SHORTEST:
        raise ValueError('asking more often than "30s" is not polite')
    return value


def _key_name(value: str) -> str:
    """A variable of the environment must be able to name it."""
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", value):
        raise ValueError('no key can be named so: use small letters, digits and "_", as in "reddit_care"')
    return value


def _source_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", value):
        raise ValueError('a name is of small letters, digits, "-" and "_", as in "local-news"')
    return value


def _canary(value: str) -> str:
    if value and not re.fullmatch(r"\S{6,60}", value):
        raise ValueError("a canary is one word of 6 to 60 characters")
    return value


SourceName = Annotated[str, AfterValidator(_source_name)]
KeyName = Annotated[str, AfterValidator(_key_name)]
Interval = Annotated[Duration, AfterValidator(_polite)]


class SourceSettings(BaseModel):
    """One place to read. Keys beyond these belong to the connector of that kind, which checks them.

    It is visited ``every`` so often while it brings something new, and more and more seldom while it does not, up to
    ``slowest`` (not given: always ``every``). ``about_us`` says that everything there is about the organisation (its
    own page, a saved search), so that the query is not asked; ``query`` takes the place of the organisation's, with a
    ``permit`` where it names a person alone. ``key`` names the keys and the budget that it uses, by default those of
    its kind. ``approval`` is the reference of the platform's approval, where the platform asks for one. ``canary`` is
    a word that somebody plants there each day. ``quiet_alarm`` tells the operator when it brings much less than at
    other times. Of what its first visit finds only the critical is told at once, unless ``first_run`` is "tell".
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: SourceName
    kind: str
    every: Interval = timedelta(minutes=15)
    slowest: Interval | None = None
    allow_hosts: tuple[str, ...] = ()
    enabled: bool = True
    about_us: bool = False
    query: str = ""
    permit: Permit | None = None
    key: KeyName | None = None
    approval: str = ""
    canary: Annotated[str, AfterValidator(_canary)] = ""
    quiet_alarm: bool = True
    first_run: Literal["silent", "tell"] = "silent"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.slowest is not None and self.slowest < self.every:
            raise ValueError("slowest must not be shorter than every")
        return self


class Fetch(Section):
    """How we ask: whom a site may write to about us, for how long we wait, and how many requests run at once."""

    contact: str = ""
    timeout: Duration = timedelta(seconds=60)
    workers: int = Field(default=8, ge=1, le=64)
    per_host: int = Field(default=2, ge=1, le=64)


class BudgetSettings(Section):
    """What a key may spend, in place of what the platform allows: so many ``units`` each ``per``."""

    units: int = Field(ge=0)
    per: Duration = Field(default=timedelta(days=1), ge=timedelta(seconds=1), le=timedelta(days=31))
