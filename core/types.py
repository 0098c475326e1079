"""The values that pass between the rooms. Values only: no I/O, no clock, no settings.

All times are timezone-aware and in UTC. All offsets into a text count Unicode code points.
Labels, platforms, author roles and roles are those of ``core.vocabulary``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


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
    """One public item as a source gave it; ``key`` tells it apart within its source for good.

    ``kind`` is one of ``core.vocabulary.KINDS``, ``lang`` the ISO 639-1 code that the platform states, and
    ``shared`` the address of the item that this one passes on or quotes; each is empty where nothing is said of it.
    """

    source: str
    key: str
    url: str
    text: str
    platform: str
    title: str = ""
    author: str = ""
    posted_at: datetime | None = None
    kind: str = ""
    lang: str = ""
    shared: str = ""

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
    ``deleted`` are the keys of what the source says is gone; it may name keys that nobody has ever seen.
    """

    mentions: tuple[Mention, ...] = ()
    cursor: str | None = None
    missed: str = ""
    not_before: datetime | None = None
    unchanged: bool = False
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a source is visited: ``every`` so often at most, and at least once in ``slowest``."""

    every: timedelta
    slowest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is known of a source's health: the coverage statement is made from these.

    ``interval`` is the pause between visits that it has earned within its rhythm, ``answered_at`` when it last brought
    anything new, ``backfilled_at`` when its past had been read, ``canary_at`` when its canary last came out at the end.
    """

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
    interval: timedelta | None = None
    answered_at: datetime | None = None
    backfilled_at: datetime | None = None
    canary_at: datetime | None = None


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
    ``tags`` are those of ``core.vocabulary.TAGS`` that small detectors saw: no labels, they route and grade.
    ``relevance_why`` says what spoke for and against its being about the organisation, in words of the configuration.
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
    tags: tuple[str, ...] = ()
    relevance_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a policy makes of an assessed mention.

    ``flagged`` opens or joins a case. ``reasons`` are sentences for the record and the mail: they name
    labels, clauses and rules, never what was written. ``recipients`` are roles, ``routes`` the lawful ways to
    act that the clauses open, in the order to try them, ``guards`` those of ``core.vocabulary.GUARDS`` that
    stand over the mention, and ``conflicts`` the ids of members whom it names or accuses. ``relevant`` is False where
    it is not about the organisation at all.
    """

    flagged: bool
    severity: Severity
    labels: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    relevant: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy of what a case is about, with its own link; the link of a ``sealed`` one is left empty.

    ``deleted_at`` is when its source said that it is gone; nobody has looked yet whether that is so.
    """

    mention_id: int
    source: str
    platform: str
    url: str
    posted_at: datetime | None
    found_at: datetime
    sealed: bool = False
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What people have done about a case so far; a moment is None while it has not come.

    ``seen_at`` is when human eyes first met it, ``aware_at`` when a person confirmed it (the second clock),
    ``acted_at`` when the first route was sent, ``gone_at`` when removal was verified, ``moved_at`` the last
    step a person took. ``held_from`` is the state to go back to after a hold, ``released_at`` when an
    independent reviewer opened the routes that the speak-up gate had locked, ``upheld`` the labels that a
    person confirmed (None before a decision), ``folded_into`` the case that this one was joined to by hand.
    ``renewed_at`` is when it last opened again or grew graver: its clocks run from then, and ``seen_at`` and
    ``acted_at`` are to come anew.
    """

    seen_at: datetime | None = None
    aware_at: datetime | None = None
    decided_at: datetime | None = None
    acted_at: datetime | None = None
    gone_at: datetime | None = None
    closed_at: datetime | None = None
    moved_at: datetime | None = None
    renewed_at: datetime | None = None
    assignee: str = ""
    held_from: CaseState | None = None
    hold_until: datetime | None = None
    own_breach: bool | None = None
    released_at: datetime | None = None
    outcome: str = ""
    upheld: tuple[str, ...] | None = None
    folded_into: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A flagged story and where it stands; ``revision`` rises when it grows graver: tell people anew.

    ``backfill`` stands while all its copies were found in what a source held from before it was watched.
    """

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
    tags: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    backfill: bool = False
    work: Work = Work()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something done to a case, as it goes on record; ``verb`` says what, the states are equal where none moved."""

    case_id: int
    before: CaseState | None
    after: CaseState
    actor: str
    role: str
    at: datetime
    reason: str
    verb: str = ""
