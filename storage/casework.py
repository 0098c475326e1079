"""The writing behind mentions.settle: opening cases, joining copies to them, keeping the record.

What belongs together in a person's eyes is joined and parted by hand in storage.joining.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from core.types import Case, CaseState, Step, StoredMention, Verdict
from storage import cases, copies
from storage.stories import fold, opened, story_key
from storage.tables import CaseRow, MentionRow

MACHINE = "machine"
# The steps of policies.moves that fold takes.
_MOVED = {CaseState.reopened: "reopen", CaseState.actioning: "still_up"}
_HELD = ", the case has grown while on hold: look whether the hold is still right"


def join(
    session: Session,
    row: MentionRow,
    stored: StoredMention,
    verdict: Verdict,
    now: datetime,
    *,
    copied: Sequence[int] = (),
) -> Case | None:
    """Open a case for a flagged mention, or fold it into the one of its story or of what it is a copy of.

    ``copied`` are the mentions that it is a copy of, closest first. Give the case when people must be told, else
    None. The caller has taken its turn.
    """
    edited = row.case_id is not None
    # What was put into it since is of today.
    past = row.backfill and stored.version == 1 and not edited
    case_row = _case_of(session, row, stored, copied)
    if case_row is None:
        return _open(session, row, stored, verdict, now, past=past)
    row.case_id = case_row.id
    before = cases.values(session, [case_row])[0]
    after = fold(before, verdict, edited=edited, now=now, backfill=past)
    cases.write(session, case_row, after)
    after = cases.values(session, [case_row])[0]
    cause = "edited at the source" if edited else "another copy"
    held = (
        _HELD if after.state is CaseState.on_hold and after.work.renewed_at != before.work.renewed_at else ""
    )
    reason = f"{cause} (mention {stored.id}, version {stored.version}){held}: {why(verdict)}"
    verb = "edit" if edited else "copy"
    if after.state is not before.state:
        verb = _MOVED[after.state]
    _record(session, after, before.state, now=now, reason=reason, verb=verb)
    return after if after.revision > before.revision else None


def note_harmless(session: Session, case_id: int, stored: StoredMention, now: datetime) -> None:
    """Record that a further version of a copy is not flagged. The case stays: what was said was said."""
    case_row = session.exec(select(CaseRow).where(CaseRow.id == case_id)).one()
    case = cases.values(session, [case_row])[0]
    reason = f"edited at the source: version {stored.version} of mention {stored.id} bears no flagged label"
    _record(session, case, case.state, now=now, reason=reason, verb="edit")


def note_deleted(session: Session, gone: Iterable[tuple[int, int | None]], now: datetime) -> None:
    """Record with their cases, where they have any, that mentions were deleted at the source. No case moves.

    It is the word of the source: whether the words can be read no more is for a person to see.
    """
    for mention_id, case_id in gone:
        _note(session, case_id, now, reason=f"deleted at the source: mention {mention_id}", verb="deleted")


def note_back(session: Session, back: Iterable[tuple[int, int | None]], now: datetime) -> None:
    """Record with their cases, where they have any, that mentions said to be deleted came again."""
    for mention_id, case_id in back:
        _note(session, case_id, now, reason=f"back again at the source: mention {mention_id}", verb="back")


def _note(session: Session, case_id: int | None, now: datetime, *, reason: str, verb: str) -> None:
    if case_id is None:
        return
    case = cases.values(session, [cases.locked_row(session, case_id)])[0]
    _record(session, case, case.state, now=now, reason=reason, verb=verb)


def _case_of(
    session: Session, row: MentionRow, stored: StoredMention, copied: Sequence[int]
) -> CaseRow | None:
    """The case that the mention belongs to already, else that of its story or of a copy; locked until commit.

    Where that one was joined to another by hand, the other.
    """
    case_row = None
    if row.case_id is None:
        same_story = select(CaseRow).where(col(CaseRow.story) == story_key(stored.mention))
        found = same_story.with_for_update(key_share=True).execution_options(populate_existing=True)
        case_row = session.exec(found).one_or_none()
    number = row.case_id if row.case_id is not None or case_row else copies.case_of(session, row, copied)
    if case_row is None and number is not None:
        case_row = cases.locked_row(session, number)
    while case_row is not None and case_row.folded_into is not None:
        case_row = cases.locked_row(session, case_row.folded_into)
    return case_row


def _open(
    session: Session, row: MentionRow, stored: StoredMention, verdict: Verdict, now: datetime, *, past: bool
) -> Case:
    case_row = insert(session, opened(verdict, now, backfill=past), story_key(stored.mention))
    row.case_id = case_row.id
    cases.write(session, case_row, cases.values(session, [case_row])[0])
    case = cases.values(session, [case_row])[0]
    _record(session, case, None, now=now, reason=why(verdict), verb="raise")
    return case


def insert(session: Session, case: Case, story: str) -> CaseRow:
    """Write a case that is not stored yet, whatever its number; for this folder only."""
    row = CaseRow.model_validate(cases.standing(case) | {"story": story, "detected_at": case.detected_at})
    session.add(row)
    session.flush()
    return row


def _record(
    session: Session, case: Case, before: CaseState | None, *, now: datetime, reason: str, verb: str
) -> None:
    """Put a move of the machine's on record; ``case`` stands where it stands afterwards."""
    step = Step(
        case_id=case.id,
        before=before,
        after=case.state,
        actor=MACHINE,
        role=MACHINE,
        at=now,
        reason=reason,
        verb=verb,
    )
    cases.record(session, step)


def why(verdict: Verdict) -> str:
    """The sentences of a verdict in one line, for the record."""
    return "; ".join(verdict.reasons)
