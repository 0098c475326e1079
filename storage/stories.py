"""What makes two mentions one story, and what a further verdict does to a case: decided on values."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from core.types import Case, CaseState, Mention, Verdict


def story_key(mention: Mention) -> str:
    """SHA-256 (hex) of the words and the author, blind to case, spacing, punctuation and compatibility forms.

    The same words by the same author, at whatever source, are one story; by another author never. Where no
    author is known, two who say the same may be two people: such a mention is a story of its own.
    """
    words = _plain(mention.full_text) or mention.full_text
    author = mention.author.strip().casefold()
    parts = (words, author) if author else (words, author, mention.source, mention.key)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def fold(case: Case, verdict: Verdict, *, edited: bool = False) -> Case:
    """Join a flagged verdict to a case: the gravest severity, all labels, clauses, recipients and reasons.

    The revision rises when a copy was ``edited`` to new flagged words, when the severity rises, when somebody
    else must be told, or when a closed case opens again: each is an occasion to tell people anew.
    """
    closed = case.state is CaseState.closed
    recipients = union(case.recipients, verdict.recipients)
    told_anew = edited or closed or verdict.severity > case.severity or recipients != case.recipients
    return replace(
        case,
        state=CaseState.reopened if closed else case.state,
        severity=max(case.severity, verdict.severity),
        labels=union(case.labels, verdict.labels),
        ask=union(case.ask, verdict.ask),
        clauses=union(case.clauses, verdict.clauses),
        recipients=recipients,
        reasons=union(case.reasons, verdict.reasons),
        revision=case.revision + told_anew,
    )


def union(*parts: Iterable[str]) -> tuple[str, ...]:
    """All strings in the order of their first mention, each once."""
    return tuple(dict.fromkeys(string for part in parts for string in part))


def _plain(text: str) -> str:
    """Letters, digits, marks and symbols; every run of anything else is one space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if unicodedata.category(c)[0] in "LNMS" else " " for c in folded).split())
