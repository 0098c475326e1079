"""What is forgotten: the words of what is not about us, a while after that was seen, and of what its source deleted."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select, update

from storage.bulk import AT_ONCE
from storage.tables import AssessmentRow, MentionRow, VersionRow
from storage.tables_reach import BandRow
from storage.tables_work import SampleRow


def forget_irrelevant(session: Session, before: datetime, now: datetime) -> int:
    """Erase title, text and author of up to ``AT_ONCE`` mentions settled as irrelevant before then; how many it were.

    The link, the key and the hash stay, by which the same is known when it is brought again; what waits for an
    assessment or for the reader of a sample, or belongs to a case, is left alone. Call it until it gives none.
    """
    waits = select(SampleRow.id).where(
        col(SampleRow.mention_id) == col(MentionRow.id), col(SampleRow.answered_at).is_(None)
    )
    old = col(MentionRow.settled_at) < before
    return _forget(session, now, col(MentionRow.relevant).is_(False), old, ~waits.exists())


def forget_deleted(session: Session, now: datetime) -> int:
    """Erase likewise what its source says is deleted; what belongs to a case is kept as its evidence."""
    return _forget(session, now, col(MentionRow.deleted_at).is_not(None))


def _forget(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    these = select(MentionRow.id).where(
        *which,
        col(MentionRow.case_id).is_(None),
        col(MentionRow.text_gone_at).is_(None),
        col(MentionRow.assessed_version) >= col(MentionRow.version),
    )
    locked = these.order_by(col(MentionRow.id)).limit(AT_ONCE).with_for_update(skip_locked=True)
    ids = [one for one in session.exec(locked) if one is not None]
    if not ids:
        return 0
    session.exec(update(MentionRow).where(col(MentionRow.id).in_(ids)).values(author="", text_gone_at=now))
    session.exec(update(VersionRow).where(col(VersionRow.mention_id).in_(ids)).values(title="", text=""))
    spans = update(AssessmentRow).where(col(AssessmentRow.mention_id).in_(ids))
    session.exec(spans.values(findings=[], reasons=[]))
    session.exec(delete(BandRow).where(col(BandRow.mention_id).in_(ids)))
    return len(ids)
