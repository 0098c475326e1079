"""Decisions as labelled examples: what people upheld, dismissed or found in a sample, without whom it is about.

A line has the shape that training and `redshank evaluate` read. Its text is masked: every piece of personal data
that the detectors find becomes its kind. Sealed texts never leave. Read a file before you pass it on: no machine
finds every name.
"""

import hashlib
from collections.abc import Iterator, Sequence

from sqlmodel import Session

from classifiers.redact import redact
from core.types import Case, Severity, StoredMention
from flows.digests import ALWAYS
from flows.wiring import House
from storage import audit, cases, mentions, samples
from storage.engine import session

Line = dict[str, object]


def training(house: House, *, actor: str, role: str) -> list[Line]:
    """One line a text that a person has judged, in the order of the mentions; the export goes on record."""
    with session(house.engine) as db:
        lines = [*_decided(house, db), *_sampled(house, db)]
        audit.append(
            db,
            at=house.now(),
            actor=actor,
            role=role,
            action="export training",
            reason="decisions as labelled examples, masked",
            details={"lines": len(lines)},
        )
    return lines


def _decided(house: House, db: Session) -> Iterator[Line]:
    judged = (case for case in cases.opened_since(db, ALWAYS) if case.work.upheld is not None)
    for case in (case for case in judged if case.work.folded_into is None):
        stored = mentions.read(db, [copy.mention_id for copy in case.copies if not copy.sealed])
        for one, text in zip(stored, _masked(house, stored), strict=True):
            labels = case.work.upheld or ()
            severity = case.severity if labels else Severity.none
            yield _line(db, one, text, labels=labels, severity=severity, case=_kind(case))


def _sampled(house: House, db: Session) -> Iterator[Line]:
    answered = {one.mention_id: one for one in samples.drawn(db) if one.labels is not None}
    stored = [one for one in mentions.read(db, list(answered)) if one.version == answered[one.id].version]
    for one, text in zip(stored, _masked(house, stored), strict=True):
        labels = answered[one.id].labels or ()
        # How grave it is was not asked; the least that a label can be is not a guess.
        severity = Severity.low if labels else Severity.none
        yield _line(db, one, text, labels=labels, severity=severity, case="sample of the unflagged")


def _kind(case: Case) -> str:
    return "flagged and upheld" if case.work.upheld else "flagged and dismissed"


def _masked(house: House, stored: Sequence[StoredMention]) -> list[str]:
    texts = [one.mention.full_text for one in stored]
    said = house.judgement.assess(texts, explain=False) if texts else []
    return [redact(text, one.findings) for text, one in zip(texts, said, strict=True)]


def _line(
    db: Session,
    stored: StoredMention,
    text: str,
    *,
    labels: Sequence[str],
    severity: Severity,
    case: str,
) -> Line:
    assessment = mentions.assessment(db, stored)
    return {
        # The source and the key could be looked up on the web; their hash cannot.
        "id": hashlib.sha256(f"{stored.mention.source}\0{stored.mention.key}".encode()).hexdigest()[:16],
        "text": text,
        "platform": stored.mention.platform,
        "author_role": assessment.author_role if assessment else "unknown",
        "relevant": True,
        "labels": list(labels),
        "case": case,
        "severity": str(severity),
    }
