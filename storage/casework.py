"""The writing behind mentions.settle: opening cases, joining copies to them, keeping the record."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from core.types import Case, CaseState, StoredMention, Verdict
from storage import cases
from storage.bulk import on_postgresql
from storage.stories import fold, story_key, union
from storage.tables import CaseRow, MentionRow, StepRow

_MACHINE = "machine"
_TURN = 7_230_002  # the advisory lock under which cases are opened and joined


def take_turn(session: Session) -> None:
    """Wait until no other transaction opens or joins a case: two copies found at once are one case.

    One lock for all stories, so that transactions which settle several mentions cannot wait for one
    another in a circle. On SQLite every writing transaction has its turn already.
    """
    if on_postgresql(session):
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})


def join(
    session: Session, row: MentionRow, stored: StoredMention, verdict: Verdict, now: datetime
) -> Case | None:
    """Open a case for a flagged mention, or fold it into the one of its story.

    Give the case when people must be told, else None. The caller has taken its turn.
    """
    edited = row.case_id is not None
    case_row = _case_of(session, row, stored)
    if case_row is None:
        return _open(session, row, stored, verdict, now)
    row.case_id = case_row.id
    before = cases.values(session, [case_row])[0]
    after = fold(before, verdict, edited=edited)
    cause = "edited at the source" if edited else "another copy"
    reason = f"{cause} (mention {stored.id}, version {stored.version}): {why(verdict)}"
    _step(session, after, before.state, now, reason)
    for name in ("state", "severity", "labels", "ask", "clauses", "recipients", "reasons", "revision"):
        setattr(case_row, name, getattr(after, name))
    return after if after.revision > before.revision else None


def note_harmless(session: Session, case_id: int, stored: StoredMention, now: datetime) -> None:
    """Record that a further version of a copy is not flagged. The case stays: what was said was said."""
    case_row = session.exec(select(CaseRow).where(CaseRow.id == case_id)).one()
    case = cases.values(session, [case_row])[0]
    reason = f"edited at the source: version {stored.version} of mention {stored.id} bears no flagged label"
    _step(session, case, case.state, now, reason)


def _case_of(session: Session, row: MentionRow, stored: StoredMention) -> CaseRow | None:
    """The case that the mention belongs to already, else the one of its story; locked until commit."""
    same_story = col(CaseRow.story) == story_key(stored.mention)
    this = same_story if row.case_id is None else col(CaseRow.id) == row.case_id
    found = select(CaseRow).where(this).with_for_update().execution_options(populate_existing=True)
    return session.exec(found).one_or_none()


def _open(session: Session, row: MentionRow, stored: StoredMention, verdict: Verdict, now: datetime) -> Case:
    case_row = CaseRow.model_validate(
        {
            "story": story_key(stored.mention),
            "state": CaseState.raised,
            "severity": verdict.severity,
            "labels": union(verdict.labels),
            "ask": union(verdict.ask),
            "clauses": union(verdict.clauses),
            "recipients": union(verdict.recipients),
            "reasons": union(verdict.reasons),
            "detected_at": now,
        }
    )
    session.add(case_row)
    session.flush()
    row.case_id = case_row.id
    opened = cases.values(session, [case_row])[0]
    _step(session, opened, None, now, why(verdict))
    return opened


def _step(session: Session, case: Case, before: CaseState | None, now: datetime, reason: str) -> None:
    """Put a move of the machine's on record; ``case`` stands where it stands afterwards."""
    values = {
        "case_id": case.id,
        "before": before,
        "after": case.state,
        "actor": _MACHINE,
        "role": _MACHINE,
        "at": now,
        "reason": reason,
    }
    session.add(StepRow.model_validate(values))


def why(verdict: Verdict) -> str:
    """The sentences of a verdict in one line, for the record."""
    return "; ".join(verdict.reasons)
