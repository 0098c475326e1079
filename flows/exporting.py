"""Decisions as labelled examples: what people upheld, dismissed or found in a sample, without whom it is about.

A line has the shape that training and `redshank evaluate` read. Its text is masked: every piece of personal data
that the detectors find becomes its kind. Sealed texts and what may be a worker's disclosure never leave. Read a file
before you pass it on: no machine finds every name.
"""

import hashlib
from collections.abc import Iterator, Sequence

from sqlmodel import Session

from classifiers.redact import redact
from core.errors import RedshankError
from core.types import Case, Severity, StoredMention
from flows.digests import ALWAYS
from flows.wiring import House
from policies.checks import restricted
from storage import audit, cases, contents, mentions, samples
from storage.engine import session
from storage.samples import Drawn

Line = dict[str, object]

EXPORTERS = ("governance", "dpo", "safeguarding")
# Under these guards no text leaves.
_NEVER = frozenset({"speak_up", "sealed"})
# Outcomes of a dismissal that say it was wrongly flagged; a duplicate may have been rightly.
_NOT_UPHELD = frozenset({"irrelevant", "no_ground"})


def training(house: House, *, actor: str, role: str, with_safeguarding: bool = False) -> list[Line]:
    """One line a text that a person has judged, as it was then; the export goes on record.

    Left out are disclosures that may be a worker's, what is sealed, and cases of safeguarding unless that role asks
    for them. Raises RedshankError for a role that may not export, or not those.
    """
    if role not in EXPORTERS:
        raise RedshankError(f"role {role} takes no examples out: {', '.join(EXPORTERS)} do")
    if with_safeguarding and role != "safeguarding":
        raise RedshankError("texts of safeguarding are taken out by role safeguarding alone")
    with session(house.engine) as db:
        every = cases.opened_since(db, ALWAYS)
        kept = {case.id for case in every if not _leaves(case, with_safeguarding=with_safeguarding)}
        judged = [case for case in every if case.work.folded_into is None and case.id not in kept]
        answered = [
            one
            for one in samples.drawn(db)
            if one.labels is not None and not one.sealed and one.case_id not in kept
        ]
        if not with_safeguarding:
            answered = [one for one in answered if "safeguarding" not in (one.labels or ())]
        lines = [*_decided(house, db, judged), *_sampled(house, db, answered)]
        audit.append(
            db,
            at=house.now(),
            actor=actor,
            role=role,
            action="export training",
            reason="decisions as labelled examples, masked",
            details={"lines": len(lines), "safeguarding": with_safeguarding},
        )
    return lines


def _leaves(case: Case, *, with_safeguarding: bool) -> bool:
    """Whether the texts of a case may leave the house, masked."""
    return _NEVER.isdisjoint(case.guards) and (with_safeguarding or not restricted(case))


def _decided(house: House, db: Session, judged: Sequence[Case]) -> Iterator[Line]:
    for case in judged:
        if (labels := upheld(case)) is None:
            continue
        severity, kind = (case.severity, "upheld") if labels else (Severity.none, "dismissed")
        # What it says now nobody has judged, if it was edited since.
        at = case.work.decided_at if case.work.upheld is not None else case.work.closed_at
        ids = [copy.mention_id for copy in case.copies if not copy.sealed]
        stored = contents.as_of(db, ids, at or house.now())
        for one, text in zip(stored, _masked(house, stored), strict=True):
            line = _line(db, one, text, labels=labels, severity=severity, case=f"flagged and {kind}")
            yield line | {"relevant": bool(labels) or case.work.outcome != "irrelevant"}


def upheld(case: Case) -> tuple[str, ...] | None:
    """The labels that a person confirmed, none of them where it was dismissed; None while nobody has judged it."""
    work = case.work
    return () if work.upheld is None and work.outcome in _NOT_UPHELD else work.upheld


def _sampled(house: House, db: Session, answered: Sequence[Drawn]) -> Iterator[Line]:
    found = contents.at_versions(db, [(one.mention_id, one.version) for one in answered])
    said = [(one, found[place]) for one in answered if (place := (one.mention_id, one.version)) in found]
    masked = _masked(house, [stored for _, stored in said])
    for (one, stored), text in zip(said, masked, strict=True):
        labels = one.labels or ()
        # How grave it is was not asked; the least that a label can be is not a guess.
        severity = Severity.low if labels else Severity.none
        yield _line(db, stored, text, labels=labels, severity=severity, case="sample of the unflagged")


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
