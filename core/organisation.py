"""The tables of ``redshank.toml`` that say whom the mentions are about, and how they are told from others."""

import re
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from core.sections import Section


def _cue(value: str) -> str:
    """Two letters at least, and a star only behind them."""
    if not re.fullmatch(r"[^*]*[^\W_]{2}[^*]*\*?", value):
        raise ValueError("a cue is a word or words of two letters or more, with a * only at its end")
    return value


AliasName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$")]
Cue = Annotated[str, AfterValidator(_cue)]


class Cues(Section):
    """Words by which a mention is told to be about the organisation, and by which to be about a namesake.

    Each is a word or words in a row, with * for any ending; ``places`` are the towns and streets where it works,
    ``staff`` titles and never names, ``negative`` the other things of its name ("camera", "Ford", "focus group").
    """

    places: tuple[Cue, ...] = ()
    services: tuple[Cue, ...] = ()
    staff: tuple[Cue, ...] = ()
    other: tuple[Cue, ...] = ()
    negative: tuple[Cue, ...] = ()

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return any((self.places, self.services, self.staff, self.other, self.negative))


class Permit(Section):
    """Why a query may ask for a person by name and for nothing else: for which case, and until which day."""

    case: int = Field(ge=1)
    reason: str = Field(min_length=10)
    until: date


class Organisation(Section):
    """Whom the mentions are about, and the organisation's own public face.

    ``aliases`` are sets of words that the query takes by name; ``must_match`` and ``must_not_match`` are examples, on
    which the query is tried at every start.
    """

    name: str = Field(min_length=2)
    query: str = ""
    aliases: dict[AliasName, tuple[str, ...]] = Field(default_factory=dict)
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()
    cues: Cues = Cues()
    accounts: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    sealed_premises: tuple[str, ...] = ()
    timezone: str = "Europe/London"
    policy: str = "focus"
    permit: Permit | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError) as error:
            raise ValueError('no such time zone; write one as "Europe/London"') from error
        return value
