"""What makes two mentions one story, and what a further verdict does to a case: decided on values."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.types import Case, CaseState, Mention, Verdict, Work

_UNITED = ("labels", "ask", "clauses", "recipients", "reasons", "tags", "routes", "guards", "conflicts")
NOT_STORED = 0  # the number of a case before the database gives it one


def story_key(mention: Mention) -> str:
    """SHA-256 (hex) of the words and the author, blind to case, spacing, punctuation and compatibility forms.

    The same words by the same author, at whatever source, are one story; by another author never. Where no
    author is known, two who say the same may be two people: such a mention is a story of its own.
    """
    words = _plain(mention.full_text) or mention.full_text
    author = mention.author.strip().casefold()
    parts = (words, author) if author else (words, author, mention.source, mention.key)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def opened(verdict: Verdict, now: datetime) -> Case:
    """The case that a flagged verdict opens, not stored yet."""
    parts: dict[str, Any] = {name: union(getattr(verdict, name)) for name in _UNITED}
    return Case(id=NOT_STORED, state=CaseState.raised, severity=verdict.severity, detected_at=now, **parts)


def fold(case: Case, verdict: Verdict, *, edited: bool = False, now: datetime | None = None) -> Case:
    """Join a flagged verdict to a case: the gravest severity, all labels, clauses, recipients, reasons and guards.

    The revision rises when a copy was ``edited`` to new flagged words, when the severity rises, when somebody
    else must be told, or when a closed case opens again: each is an occasion to tell people anew. A case that
    opens again has no outcome; what it was before stands on record. What was seen to be gone is not gone, and labels
    that no person has judged yet leave the decision open. One that opens again or grows graver is renewed ``now``.
    """
    closed = case.state is CaseState.closed
    parts = _both(case, verdict)
    told_anew = edited or closed or verdict.severity > case.severity or parts["recipients"] != case.recipients
    work = replace(case.work, gone_at=None)
    if closed or not set(parts["labels"]) <= set(case.labels):
        work = replace(work, upheld=None)
    if closed:
        work = replace(work, closed_at=None, outcome="")
    if closed or verdict.severity > case.severity:
        work = renewed(work, now)
    return replace(
        case,
        state=CaseState.reopened if closed else case.state,
        severity=max(case.severity, verdict.severity),
        revision=case.revision + told_anew,
        work=work,
        **parts,
    )


def renewed(work: Work, now: datetime | None) -> Work:
    """Work whose clocks begin anew: what was done before, but for the confirmation, does not meet them."""
    return replace(work, renewed_at=now, seen_at=None, acted_at=None)


def unite(case: Case, other: Case) -> Case:
    """What a case is after ``other`` was joined to it by hand: nothing that either bore or was guarded by is lost.

    It was confirmed when the first of the two was, and routes stay locked while either had them locked. The revision
    rises as in ``fold``.
    """
    parts = _both(case, other)
    graver = other.severity > case.severity or parts["recipients"] != case.recipients
    return replace(
        case,
        severity=max(case.severity, other.severity),
        revision=case.revision + graver,
        work=_united(case, other),
        **parts,
    )


def _both(case: Case, other: Case | Verdict) -> dict[str, Any]:
    return {name: union(getattr(case, name), getattr(other, name)) for name in _UNITED}


def _united(case: Case, other: Case) -> Work:
    mine, theirs = case.work, other.work
    gate = [one for one in (case, other) if "speak_up" in one.guards]
    releases = [one.work.released_at for one in gate]
    breaches = [one for one in (mine.own_breach, theirs.own_breach) if one is not None]
    return replace(
        mine,
        aware_at=_earliest(mine.aware_at, theirs.aware_at),
        acted_at=mine.acted_at or theirs.acted_at,
        released_at=None if None in releases else _latest(*releases),
        own_breach=any(breaches) if breaches else None,
        gone_at=None,
    )


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((one for one in moments if one is not None), default=None)


def union(*parts: Iterable[str]) -> tuple[str, ...]:
    """All strings in the order of their first mention, each once."""
    return tuple(dict.fromkeys(string for part in parts for string in part))


def _plain(text: str) -> str:
    """Letters, digits, marks and symbols; every run of anything else is one space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if unicodedata.category(c)[0] in "LNMS" else " " for c in folded).split())
