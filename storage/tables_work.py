"""The tables of telling people and of what people do; private as those of storage.tables, which hold the rest.

What else lies here is the history of outages. Everything that happens to a case, and every read of something
sealed, is a row of ``audit``: appended, never changed, each holding the digest of the row before.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from storage.columns import Strings, Utc
from storage.tables import NEVER_REUSED, Row


class OutageRow(Row, table=True):
    """A stretch in which a source could not be read; ``ended`` is None while it lasts, which one at a time does."""

    __tablename__ = "outage"
    __table_args__ = (Index(None, "source", "began"), NEVER_REUSED)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    began: datetime = Field(sa_type=Utc)
    ended: datetime | None = Field(default=None, sa_type=Utc)
    kind: str


class AuditRow(Row, table=True):
    """One line of the audit log: who, in which role, did what to which case, from what to what, and why."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("previous"), NEVER_REUSED)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    actor: str
    role: str
    action: str
    case_id: int | None = Field(default=None, index=True)
    before: str = ""
    after: str = ""
    reason: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    previous: str
    digest: str


class AuditEndRow(Row, table=True):
    """Where the audit log ends, in one row: the number and the digest of its last line, written with it."""

    __tablename__ = "audit_end"

    id: int = Field(primary_key=True)
    line: int
    digest: str


class NoticeRow(Row, table=True):
    """The outbox. ``status`` is queued, sent, bounced or refused; a claimed notice has its next try put off.

    ``message_id`` is the identifier under which a mail went out: what comes back is known by it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "status", "next_try_at"),
        Index(None, "created_at"),
        Index(None, "message_id"),
        NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    kind: str
    role: str
    to: str
    channel: str
    why: str
    day: date | None = None
    status: str = "queued"
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    sent_at: datetime | None = Field(default=None, sa_type=Utc)
    refused_at: datetime | None = Field(default=None, sa_type=Utc)
    last_error: str = ""
    message_id: str = ""


class OccasionRow(Row, table=True):
    """What a notice tells: each occasion stands in one notice only, however often it is planned."""

    __tablename__ = "occasion"

    key: str = Field(primary_key=True)
    notice_id: int = Field(foreign_key="outbox.id", index=True, ondelete="CASCADE")
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)


class AcknowledgementRow(Row, table=True):
    """Somebody took note of a case at one revision. ``ticket`` is the link's number, which serves once."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("ticket", "case_id"), NEVER_REUSED)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    revision: int
    role: str
    who: str
    at: datetime = Field(sa_type=Utc)
    ticket: str | None = None


class ActionRow(Row, table=True):
    """One use of a route on a case."""

    __tablename__ = "action"
    __table_args__ = (NEVER_REUSED,)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    route: str
    state: str
    drafted_by: str
    drafted_at: datetime = Field(sa_type=Utc)
    approved_by: str = ""
    sent_at: datetime | None = Field(default=None, sa_type=Utc)
    answer_due_at: datetime | None = Field(default=None, sa_type=Utc)
    reference: str = ""
    answer: str = ""


class SilenceRow(Row, table=True):
    """Cases that nobody is told of at once, from ``starts_at`` to ``ends_at`` (moved forward when ended early)."""

    __tablename__ = "silence"
    __table_args__ = (NEVER_REUSED,)

    id: int | None = Field(default=None, primary_key=True)
    owner: str
    reason: str
    starts_at: datetime = Field(sa_type=Utc)
    ends_at: datetime = Field(sa_type=Utc)
    labels: tuple[str, ...] = Field(default=(), sa_type=Strings)
    severity: int | None = None
    sources: tuple[str, ...] = Field(default=(), sa_type=Strings)
    platforms: tuple[str, ...] = Field(default=(), sa_type=Strings)
    case_id: int | None = Field(default=None, foreign_key="cases.id")


class TargetRow(Row, table=True):
    """Somebody whom an abusive mention is aimed at, as a keyed hash of the name: counted, never named."""

    __tablename__ = "target"

    mention_id: int = Field(primary_key=True, foreign_key="mention.id", ondelete="CASCADE")
    who: str = Field(primary_key=True, index=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    at: datetime = Field(sa_type=Utc, index=True)


class SampleRow(Row, table=True):
    """One mention of a week's random sample of what was not flagged, and what a reviewer found in it.

    ``stratum_size`` is how many mentions it was drawn from; ``labels`` is None until somebody has answered.
    """

    __tablename__ = "sample"
    __table_args__ = (UniqueConstraint("week", "mention_id"), NEVER_REUSED)

    id: int | None = Field(default=None, primary_key=True)
    week: date = Field(index=True)
    mention_id: int = Field(foreign_key="mention.id", index=True, ondelete="CASCADE")
    version: int
    stratum: str
    stratum_size: int
    drawn_at: datetime = Field(sa_type=Utc)
    labels: list[str] | None = Field(default=None, sa_type=JSON)
    answered_by: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Utc)
