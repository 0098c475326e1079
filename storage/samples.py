"""The weekly random sample of what was not flagged, which a reviewer reads: what did the machine miss?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, select

from core.errors import RedshankError
from storage import audit
from storage.bulk import insert_unknown
from storage.tables import AssessmentRow, MentionRow
from storage.tables_work import SampleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mention that was settled without a case; ``scores`` is empty where no model was asked."""

    mention_id: int
    version: int
    scores: Mapping[str, float]
    relevant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One mention of a sample, at the version drawn: ``labels`` is None while it waits for an answer.

    ``case_id`` is the case that it has become part of since, ``sealed`` whether its words are shut by now.
    """

    id: int
    week: date
    mention_id: int
    version: int
    stratum: str
    stratum_size: int
    labels: tuple[str, ...] | None
    answered_by: str
    answered_at: datetime | None
    case_id: int | None = None
    sealed: bool = False


def candidates(session: Session, since: datetime, until: datetime) -> list[Candidate]:
    """The mentions settled from ``since`` to before ``until`` that belong to no case, at that version, by id."""
    newer = aliased(AssessmentRow)
    newest = ~exists().where(
        col(newer.mention_id) == col(AssessmentRow.mention_id),
        col(newer.version) == col(AssessmentRow.version),
        tuple_(col(newer.at), col(newer.model)) > tuple_(col(AssessmentRow.at), col(AssessmentRow.model)),
    )
    rows = session.exec(
        select(MentionRow.id, MentionRow.assessed_version, AssessmentRow.scores, AssessmentRow.relevant)
        .join(
            AssessmentRow,
            and_(
                col(AssessmentRow.mention_id) == MentionRow.id,
                col(AssessmentRow.version) == MentionRow.assessed_version,
                newest,
            ),
            isouter=True,
        )
        .where(
            col(MentionRow.settled_at) >= since,
            col(MentionRow.settled_at) < until,
            col(MentionRow.case_id).is_(None),
            col(MentionRow.sealed).is_(False),
        )
        .order_by(col(MentionRow.id))
    )
    return [
        Candidate(mention_id=id_ or 0, version=version, scores=scores or {}, relevant=bool(relevant))
        for id_, version, scores, relevant in rows
    ]


def write(
    session: Session,
    week: date,
    chosen: Mapping[str, Sequence[Candidate]],
    sizes: Mapping[str, int],
    now: datetime,
) -> int:
    """Keep the sample of a week, by stratum; drawing it again writes nothing. Says how many were new."""
    rows = [
        {
            "week": week,
            "mention_id": one.mention_id,
            "version": one.version,
            "stratum": stratum,
            "stratum_size": sizes[stratum],
            "drawn_at": now,
            "labels": None,
            "answered_by": "",
            "answered_at": None,
        }
        for stratum, some in chosen.items()
        for one in some
    ]
    if not rows or drawn(session, week):
        return 0
    return len(
        session.exec(insert_unknown(session, SampleRow).returning(col(SampleRow.id)), params=rows).all()
    )


def drawn(session: Session, week: date | None = None) -> list[Drawn]:
    """The samples of a week, or of all weeks, in the order in which they are to be read."""
    found = (
        select(SampleRow, MentionRow.case_id, MentionRow.sealed)
        .join(MentionRow, col(MentionRow.id) == col(SampleRow.mention_id))
        .order_by(col(SampleRow.week), col(SampleRow.id))
    )
    rows = session.exec(found if week is None else found.where(SampleRow.week == week)).all()
    return [
        Drawn(
            id=row.id or 0,
            week=row.week,
            mention_id=row.mention_id,
            version=row.version,
            stratum=row.stratum,
            stratum_size=row.stratum_size,
            labels=None if row.labels is None else tuple(row.labels),
            answered_by=row.answered_by,
            answered_at=row.answered_at,
            case_id=case_id,
            sealed=sealed,
        )
        for row, case_id, sealed in rows
    ]


def answer(
    session: Session, number: int, labels: Sequence[str], *, actor: str, role: str, now: datetime
) -> Drawn:
    """Write what a reviewer found in a sampled mention; an answer may be mended, and both stand on record.

    Raises RedshankError where there is no such sample.
    """
    row = session.exec(select(SampleRow).where(SampleRow.id == number).with_for_update()).one_or_none()
    if row is None:
        raise RedshankError(f"there is no sample {number}; `redshank sample list` shows those that wait")
    row.labels, row.answered_by, row.answered_at = list(labels), actor, now
    audit.append(
        session,
        at=now,
        actor=actor,
        role=role,
        action="answer sample",
        reason="what a reviewer found in a mention that was not flagged",
        details={"sample": number, "labels": list(labels)},
    )
    session.flush()
    return next(one for one in drawn(session, row.week) if one.id == number)
