"""The tables. Private: rows never leave this folder, callers get the values of core.types.

SQLModel does not validate a table row that is constructed; rows are built with ``model_validate`` or
written in bulk from values that core.types has already shaped.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, MetaData, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.columns import Strings, Utc

_WAITING = text("assessed_version < version")
# SQLite would give a forgotten row's number to the next one, and the record would speak of two things as one.
NEVER_REUSED = {"sqlite_autoincrement": True}


class Row(SQLModel):
    """What all tables share: a metadata of our own, which names constraints so that they can be altered."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SourceRow(Row, table=True):
    """A source's cursor and health. ``failures`` counts those in a row.

    ``backfilled_at`` is when its past had been read, ``interval_s`` the seconds between visits that its pace asks for,
    ``answered_at`` when it last brought anything new, ``canary_at`` when its canary last came out at the end.
    """

    __tablename__ = "source_state"

    name: str = Field(primary_key=True)
    cursor: str | None = None
    first_try_at: datetime | None = Field(default=None, sa_type=Utc)
    last_try_at: datetime | None = Field(default=None, sa_type=Utc)
    last_ok_at: datetime | None = Field(default=None, sa_type=Utc)
    failing_since: datetime | None = Field(default=None, sa_type=Utc)
    error: str = ""
    error_temporary: bool = True
    not_before: datetime | None = Field(default=None, sa_type=Utc)
    retired_at: datetime | None = Field(default=None, sa_type=Utc)
    missed: str = ""
    missed_at: datetime | None = Field(default=None, sa_type=Utc)
    mentions: int = 0
    failures: int = 0
    backfilled_at: datetime | None = Field(default=None, sa_type=Utc)
    interval_s: int | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Utc)
    canary_at: datetime | None = Field(default=None, sa_type=Utc)


class CaseRow(Row, table=True):
    """A flagged story. ``story`` is unique: a copy that comes after closing reopens its case.

    What follows ``revision`` is ``core.types.Work``: what people have done about it. ``backfill`` stands while all
    its copies came in a back-fill.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("story"),
        Index(None, "state"),
        Index(None, "detected_at"),
        NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True)
    story: str
    state: str
    severity: int
    labels: tuple[str, ...] = Field(default=(), sa_type=Strings)
    ask: tuple[str, ...] = Field(default=(), sa_type=Strings)
    clauses: tuple[str, ...] = Field(default=(), sa_type=Strings)
    recipients: tuple[str, ...] = Field(default=(), sa_type=Strings)
    reasons: tuple[str, ...] = Field(default=(), sa_type=Strings)
    tags: tuple[str, ...] = Field(default=(), sa_type=Strings)
    routes: tuple[str, ...] = Field(default=(), sa_type=Strings)
    guards: tuple[str, ...] = Field(default=(), sa_type=Strings)
    conflicts: tuple[str, ...] = Field(default=(), sa_type=Strings)
    detected_at: datetime = Field(sa_type=Utc)
    revision: int = 1
    seen_at: datetime | None = Field(default=None, sa_type=Utc)
    aware_at: datetime | None = Field(default=None, sa_type=Utc)
    decided_at: datetime | None = Field(default=None, sa_type=Utc)
    acted_at: datetime | None = Field(default=None, sa_type=Utc)
    gone_at: datetime | None = Field(default=None, sa_type=Utc)
    closed_at: datetime | None = Field(default=None, sa_type=Utc)
    moved_at: datetime | None = Field(default=None, sa_type=Utc)
    renewed_at: datetime | None = Field(default=None, sa_type=Utc)
    assignee: str = ""
    held_from: str | None = None
    hold_until: datetime | None = Field(default=None, sa_type=Utc)
    own_breach: bool | None = None
    released_at: datetime | None = Field(default=None, sa_type=Utc)
    outcome: str = ""
    upheld: list[str] | None = Field(default=None, sa_type=JSON)
    folded_into: int | None = Field(default=None, foreign_key="cases.id")
    backfill: bool = False


class MentionRow(Row, table=True):
    """One public item. Its words lie in mention_version; it waits while assessed_version < version.

    Its versions are assessed one by one, in order. ``attempts`` (begun, not only failed), ``last_failure`` and
    ``retry_at``, the end of a pause, speak of the version whose turn it is. ``claimed_until`` is a worker's
    claim, which runs out when it crashes. ``verdict_reason`` says why the version settled last, at
    ``settled_at``, was not flagged. The link and the words of a ``sealed`` one are shown to nobody.
    ``canonical`` and ``shared`` are links as core.canonical writes them. ``relevant`` is None before it was settled.
    ``raised_by`` is who brought it by hand, ``own_post`` says that they wrote it themselves, ``deleted_at`` when its
    source said that it is gone, and ``text_gone_at`` when its words were erased here.
    """

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index("ix_mention_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_mention_sealed", "id", sqlite_where=text("sealed = 1"), postgresql_where=text("sealed")),
        NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str
    key: str
    url: str
    platform: str
    author: str = ""
    posted_at: datetime | None = Field(default=None, sa_type=Utc)
    version: int
    content_hash: str
    found_at: datetime = Field(sa_type=Utc)
    assessed_version: int = 0
    attempts: int = 0
    last_failure: str = ""
    claimed_until: datetime | None = Field(default=None, sa_type=Utc)
    retry_at: datetime | None = Field(default=None, sa_type=Utc)
    settled_at: datetime | None = Field(default=None, sa_type=Utc)
    verdict_reason: str = ""
    sealed: bool = False
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    kind: str = ""
    lang: str = ""
    canonical: str = Field(default="", index=True)
    shared: str = Field(default="", index=True)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    query_version: str = ""
    relevant: bool | None = None
    backfill: bool = False
    raised_by: str = ""
    own_post: bool = False
    text_gone_at: datetime | None = Field(default=None, sa_type=Utc)


class VersionRow(Row, table=True):
    """What a mention said at one version (1 is the first seen)."""

    __tablename__ = "mention_version"

    mention_id: int = Field(primary_key=True, foreign_key="mention.id", ondelete="CASCADE")
    version: int = Field(primary_key=True)
    content_hash: str
    title: str
    text: str
    seen_at: datetime = Field(sa_type=Utc)


class AssessmentRow(Row, table=True):
    """What a model made of one version. Findings and reasons are spans, never the words themselves."""

    __tablename__ = "assessment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["mention_id", "version"],
            ["mention_version.mention_id", "mention_version.version"],
            ondelete="CASCADE",
        ),
    )

    mention_id: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    model: str = Field(primary_key=True)
    scores: dict[str, float] = Field(sa_type=JSON)
    labels: tuple[str, ...] = Field(default=(), sa_type=Strings)
    ask: tuple[str, ...] = Field(default=(), sa_type=Strings)
    severity: int
    relevance: float
    relevant: bool
    author_role: str
    findings: list[Any] = Field(sa_type=JSON)
    reasons: list[Any] = Field(sa_type=JSON)
    language: str = ""
    tags: tuple[str, ...] = Field(default=(), sa_type=Strings)
    relevance_why: str = ""
    at: datetime = Field(sa_type=Utc)
