"""The values that pass between the rooms. Values only: no I/O, no clock, no settings.

All times are timezone-aware and in UTC. All offsets into a text count Unicode code points.
Labels, platforms, author roles and roles are those of ``core.vocabulary``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Literal


class Severity(IntEnum):
    """How grave a mention is: critical is life, a child at risk or a credible threat; none bears no label."""

    none = 0
    low = 1
    medium = 2
    high = 3
    critical = 4

    def __str__(self) -> str:
        return self.name


class CaseState(StrEnum):
    """Where a case stands between being raised and being closed."""

    raised = "raised"
    triaged = "triaged"
    in_review = "in_review"
    decided = "decided"
    actioning = "actioning"
    verifying = "verifying"
    closed = "closed"
    on_hold = "on_hold"
    diverted = "diverted"
    reopened = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One public item as a source gave it; ``key`` tells it apart within its source for good."""

    source: str
    key: str
    url: str
    text: str
    platform: str
    title: str = ""
    author: str = ""
    posted_at: datetime | None = None

    @property
    def full_text(self) -> str:
        """What a reader sees: the title and the text, once where the text repeats the title."""
        if not self.title or self.text.startswith(self.title):
            return self.text or self.title
        return f"{self.title}\n\n{self.text}" if self.text else self.title

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of title and text: a change makes a new version of the same mention."""
        return hashlib.sha256(f"{self.title}\0{self.text}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMention:
    """A mention as the database holds it, at one version (1 is the first seen)."""

    id: int
    version: int
    mention: Mention
    fetched_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one visit to a source brought.

    ``cursor`` is opaque to everyone but the connector and is saved in the transaction that saves the
    mentions. ``missed`` is empty, or says in words why something may have been missed. ``not_before`` is
    the earliest next visit that the source allows. ``unchanged`` is true when the source said so (304).
    """

    mentions: tuple[Mention, ...] = ()
    cursor: str | None = None
    missed: str = ""
    not_before: datetime | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is known of a source's health: the coverage statement is made from these."""

    name: str
    cursor: str | None = None
    last_try_at: datetime | None = None
    last_ok_at: datetime | None = None
    failing_since: datetime | None = None
    error: str = ""
    error_temporary: bool = True
    not_before: datetime | None = None
    retired_at: datetime | None = None
    missed: str = ""
    missed_at: datetime | None = None
    mentions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A piece of personal data in a text: its kind and where it stands, never its value."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The stretch of text that carries a label: taking it out lowers the probability by ``weight``."""

    label: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a text says, as far as the machine can tell.

    ``scores`` holds a calibrated probability per label. ``labels`` are those at the "sure" threshold,
    ``ask`` those at the lower "ask a person" threshold (so ``labels`` is always a subset of ``ask``).
    ``language`` is empty where the model can read the text, else the ISO 639 code of its language ("und" where
    none is likely): a person must read it.
    """

    scores: Mapping[str, float]
    labels: tuple[str, ...]
    ask: tuple[str, ...]
    severity: Severity
    relevance: float
    relevant: bool
    author_role: str
    model: str
    findings: tuple[Finding, ...] = ()
    reasons: tuple[Reason, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a policy makes of an assessed mention.

    ``flagged`` opens or joins a case. ``reasons`` are sentences for the record and the mail: they name
    labels, clauses and rules, never what was written. ``recipients`` are roles.
    """

    flagged: bool
    severity: Severity
    labels: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy of what a case is about: its own link, its own takedown state later on."""

    mention_id: int
    source: str
    platform: str
    url: str
    posted_at: datetime | None
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A flagged story and where it stands; ``revision`` rises when it grows graver: tell people anew."""

    id: int
    state: CaseState
    severity: Severity
    labels: tuple[str, ...]
    ask: tuple[str, ...]
    clauses: tuple[str, ...]
    recipients: tuple[str, ...]
    reasons: tuple[str, ...]
    detected_at: datetime
    revision: int = 1
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move of a case from state to state, as it goes on record."""

    case_id: int
    before: CaseState | None
    after: CaseState
    actor: str
    role: str
    at: datetime
    reason: str


NoticeKind = Literal["case", "digest", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody must be told something: a row of the outbox.

    ``key`` names the occasion (what, whom, by which channel): planning it twice writes it once, and sending
    it twice shows the recipient one message. ``why`` is the reason for the record.
    """

    key: str
    kind: NoticeKind
    role: str
    to: str
    channel: str
    why: str
    case_id: int | None = None
    day: date | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture that travels inside a message."""

    cid: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice in words, ready for a channel: the text part and the HTML part say the same."""

    key: str
    to: str
    subject: str
    text: str
    html: str
    images: tuple[Image, ...] = field(default=())


class DeliveryStatus(StrEnum):
    """How an attempt to tell somebody ended."""

    sent = "sent"
    delayed = "delayed"
    refused = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The outcome of one attempt: sent, delayed (try again at ``next_try_at``) or refused for good."""

    key: str
    status: DeliveryStatus
    at: datetime
    error: str = ""
    next_try_at: datetime | None = None
