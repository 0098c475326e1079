"""What can be set for every connector that asks a platform with the organisation's query."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from core.sections import Duration
from core.vocabulary import PLATFORMS


def _web(url: object) -> object:
    if not isinstance(url, str) or not url.lower().startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return url


def _platform(platform: str) -> str:
    if platform not in PLATFORMS:
        raise ValueError(f"must be one of {', '.join(PLATFORMS)}")
    return platform


WebAddress = Annotated[str, BeforeValidator(_web)]
Address = Annotated[WebAddress, AfterValidator(lambda url: url.rstrip("/"))]
"""A web address that paths are put behind."""
Platform = Annotated[str, AfterValidator(_platform)]


class Asking(BaseModel):
    """The options that connectors share.

    ``name`` is the source's own, and ``query`` the text to ask with, aliases written out: the organisation's unless
    the source has one of its own; both are set by whoever wires the source. ``max_pages`` bounds how far one visit
    reads in each list, ``backfill`` how far back the first visit looks. A field of type ``SecretStr`` is a secret: it
    is never taken from the configuration file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    query: str = ""
    max_pages: int = Field(default=10, ge=1, le=200)
    backfill: Duration = timedelta(days=7)
