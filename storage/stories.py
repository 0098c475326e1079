"""What makes two mentions one story, and what a further verdict does to a case: decided on values."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.copies import plain
from core.types import Case, CaseState, Mention, Severity, Verdict, Work

_UNITED = ("labels", "ask", "clauses", "recipients", "reasons", "tags", "routes", "guards", "conflicts")
NOT_STORED = 0  # the number of a case before the database gives it one
# Under these names forums and platforms write for people whom they do not name.
_NAMELESS = frozenset(("[deleted]", "[removed]", "deleted", "anonymous", "anon", "guest", "unknown"))


def author_key(author: str) -> str:
    """Who wrote something, to compare by; "" where nobody knows."""
    key = author.strip().casefold()
    return "" if key in _NAMELESS else key


def story_key(mention: Mention) -> str:
    """SHA-256 (hex) of the words and the author, blind to case, spacing, punctuation and compatibility forms.

    The same words by the same author, at whatever source, are one story; by another author never. Where no
    author is known, two who say the same may be two people: such a mention is a story of its own. So is one without
    words, of which nobody knows what it says.
    """
    words = plain(mention.full_text) or mention.full_text
    author = author_key(mention.author)
    parts = (words, author) if author and words.strip() else (words, author, mention.source, mention.key)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def opened(verdict: Verdict, now: datetime, *, backfill: bool = False) -> Case:
    """The case that a flagged verdict opens, not stored yet; ``backfill`` where it came from a source's past."""
    parts: dict[str, Any] = {name: union(getattr(verdict, name)) for name in _UNITED}
    return Case(
        id=NOT_STORED,
        state=CaseState.raised,
        severity=verdict.severity,
        detected_at=now,
        backfill=backfill,
        **parts,
    )


def fold(
    case: Case,
    verdict: Verdict,
    *,
    edited: bool = False,
    now: datetime | None = None,
    backfill: bool = False,
) -> Case:
    """Join a flagged verdict to a case: the gravest severity, all labels, clauses, recipients, reasons and guards.

    The revision rises when a copy was ``edited`` to new flagged words, when the severity rises, when somebody
    else must be told, when what was known from the past alone (``backfill``) is said anew, or when the case moves
    (see ``_stands``): each is an occasion to tell people anew. What was seen to be gone is not gone, and labels that
    no person has judged yet leave the decision open. One that moves or grows graver is renewed ``now``, one on hold at
    each such occasion; the hold stays.
    """
    parts = _both(case, verdict)
    held = case.state is CaseState.on_hold
    stood = case.work.held_from if held else case.state
    graver = verdict.severity > case.severity
    anew = case.backfill and not backfill
    grown = edited or graver or anew or parts["recipients"] != case.recipients
    stands = _stands(stood, grown=grown)
    moved = stands is not stood
    work = _freed(case, verdict, edited=edited, reopened=moved and stands is CaseState.reopened)
    if moved:
        work = replace(work, outcome="")
    if moved or graver or (held and grown):
        work = renewed(work, now)
    return replace(
        case,
        state=case.state if held or stands is None else stands,
        severity=max(case.severity, verdict.severity),
        revision=case.revision + (grown or moved),
        backfill=case.backfill and backfill,
        work=replace(work, held_from=stands) if held else work,
        **parts,
    )


def _stands(stood: CaseState | None, *, grown: bool) -> CaseState | None:
    """Where a further copy or edit leaves a case, as policies.moves lets the machine move it; on hold, behind it.

    What was closed opens again, as does what was handed over elsewhere and has ``grown`` since; what was to be
    looked for is still up.
    """
    match stood:
        case CaseState.closed:
            return CaseState.reopened
        case CaseState.diverted if grown:
            return CaseState.reopened
        case CaseState.verifying:
            return CaseState.actioning
        case _:
            return stood


def _freed(case: Case, verdict: Verdict, *, edited: bool, reopened: bool) -> Work:
    """The work on a case without what a verdict takes back: that it is gone, what was upheld, what was released."""
    before = {*case.labels, *case.ask}
    work = replace(case.work, gone_at=None)
    if reopened or not set(verdict.labels) <= set(case.labels):
        work = replace(work, upheld=None)
    if reopened:
        work = replace(work, closed_at=None)
    # What was released was another disclosure.
    other = edited or reopened or not {*verdict.labels, *verdict.ask} <= before
    if "speak_up" in verdict.guards and (other or "speak_up" not in case.guards):
        work = replace(work, released_at=None)
    return work


def shut(verdict: Verdict, twin: str) -> Verdict:
    """The verdict on words or a link sealed already, as ``twin`` says: sealed too, whoever wrote them and where.

    What a person shut stays shut, though the machine sees nothing in it.
    """
    return replace(
        verdict,
        flagged=True,
        severity=max(verdict.severity, Severity.critical),
        recipients=union(verdict.recipients, ("safeguarding",)),
        guards=union(verdict.guards, ("sealed",)),
        reasons=union((twin,), verdict.reasons if verdict.flagged else ()),
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
        backfill=case.backfill and other.backfill,
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
