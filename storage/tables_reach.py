"""The tables of reaching widely: what hangs together, what queries were put, budgets, pauses; private as the others."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from storage.columns import Utc
from storage.tables import Row


class BandRow(Row, table=True):
    """One band of the sketch of what a mention said at one version: who shares a band may say nearly the same."""

    __tablename__ = "mention_band"

    band: int = Field(primary_key=True, sa_type=BigInteger)
    mention_id: int = Field(primary_key=True, foreign_key="mention.id", index=True, ondelete="CASCADE")
    version: int = Field(primary_key=True)


class LinkRow(Row, table=True):
    """What a mention has in common with an earlier one, or (``how`` is "shares") with the one it passes on."""

    __tablename__ = "mention_link"

    mention_id: int = Field(primary_key=True, foreign_key="mention.id", ondelete="CASCADE")
    other_id: int = Field(primary_key=True, foreign_key="mention.id", index=True, ondelete="CASCADE")
    how: str = Field(primary_key=True)


class QueryRow(Row, table=True):
    """One version of a query, as it was written and as it was put to the sources.

    ``in_force_at`` is when what is stored was last tried again because this version had become the organisation's.
    """

    __tablename__ = "query_version"

    version: str = Field(primary_key=True)
    text: str
    expanded: str
    first_used: datetime = Field(sa_type=Utc)
    in_force_at: datetime | None = Field(default=None, sa_type=Utc)


class BudgetRow(Row, table=True):
    """How much of an allowance was used in the window that began at ``window_start``."""

    __tablename__ = "api_budget"

    key: str = Field(primary_key=True)
    window_start: datetime = Field(primary_key=True, sa_type=Utc)
    used: int = 0


class PauseRow(Row, table=True):
    """A source that somebody has asked to be left alone ``until`` a moment."""

    __tablename__ = "source_pause"

    name: str = Field(primary_key=True)
    reason: str
    until: datetime = Field(sa_type=Utc)
    by: str
    at: datetime = Field(sa_type=Utc)


class HourRow(Row, table=True):
    """How many mentions a source brought that were new, in the hour that began at ``hour``."""

    __tablename__ = "source_hour"

    name: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Utc)
    new: int = 0
