"""What was said, and the queue of what nobody has judged yet.

    collect   add_new                                    a batch in, ids of what is new out
    triage    unassessed -> record_assessment -> settle  or failed, when no assessment could be made

A mention waits while its assessed version is older than its newest one, so an edit waits again. Versions have
their turn one by one, oldest first: what was said and then taken back was said. Attempts are counted when they
begin, so that a text which kills the process is counted too.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, or_, update
from sqlmodel import Session, col, select

from core.types import Assessment, Case, Finding, Mention, Reason, Severity, StoredMention, Verdict
from storage import arrivals, cases, casework, contents, copies, sealing
from storage.bulk import backoff, chunks
from storage.stories import shut
from storage.tables import AssessmentRow, MentionRow, VersionRow
from storage.versions import by_place, storable_key, unseen

_LONGEST_PAUSE = timedelta(hours=1)
_STUCK_AFTER = timedelta(hours=1)
_STUCK_ATTEMPTS = 3
_SUSPICIOUS_ATTEMPTS = 2
Found = arrivals.Found
_FOUND_BY_WATCHING = Found()
# Others may point at it meanwhile: so that a link to it does not wait for whoever settles it.
_HELD = {"key_share": True}
_WAITING = col(MentionRow.assessed_version) < col(MentionRow.version)
_TURN = col(MentionRow.assessed_version) + 1  # the version whose turn it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many mentions there are, wait for an assessment, and wait for too long or failed too often."""

    mentions: int
    unassessed: int
    stuck: int


def add_new(
    session: Session, mentions: Sequence[Mention], now: datetime, how: Found = _FOUND_BY_WATCHING
) -> list[int]:
    """Add a batch, found ``how``; give the ids of the mentions that are new or say something new.

    Adding the same again changes nothing. An edit is a further version, and the mention waits for
    assessment again. What its source had said was deleted is back again. Two processes may add the same at once:
    one of them finds it known.
    """
    changed: list[int] = []
    back: list[int] = []
    places = by_place(mentions)
    while places:
        known = arrivals.known(session, places)
        edited = {
            one.id: places[place] for place, one in known.items() if unseen(places[place], one.content_hash)
        }
        back += [one.id for one in known.values() if one.gone]
        changed += arrivals.edit(session, edited, now)
        fresh = {place: contents for place, contents in places.items() if place not in known}
        written = arrivals.insert(session, fresh, now, how)
        changed += written.values()
        # What another process wrote since we looked is known in the next round.
        places = {place: contents for place, contents in fresh.items() if place not in written}
    if back:
        casework.note_back(session, arrivals.mark_deleted(session, back, None), now)
    return changed


def deleted(
    session: Session, source: str, keys: Sequence[str], now: datetime
) -> list[tuple[int, int | None]]:
    """Note what a source says is deleted; give the mentions of which it says so for the first time, and their cases.

    Keys that nobody knows are passed over. The record of each case tells it, and no case moves: it is the word of the
    source. In a transaction of its own or after ``add_new``: others lock in that order.
    """
    known = arrivals.known(session, sorted({(source, storable_key(key)) for key in keys}))
    gone = arrivals.mark_deleted(session, [one.id for one in known.values() if not one.gone], now)
    casework.note_deleted(session, gone, now)
    return gone


def count_by_source(session: Session, ids: Sequence[int]) -> dict[str, int]:
    """How many of the mentions with these ids each source has."""
    found: Counter[str] = Counter()
    for some in chunks(ids):
        counted = select(MentionRow.source, func.count()).where(col(MentionRow.id).in_(some))
        found.update(dict(session.exec(counted.group_by(MentionRow.source)).all()))
    return dict(found)


def unassessed(session: Session, now: datetime, limit: int, claim_for: timedelta) -> list[StoredMention]:
    """Claim the oldest waiting mentions, each at its oldest version not assessed yet, for ``claim_for``.

    Commit before assessing: nobody else gets them until the claim runs out or they are settled or failed.
    ``attempts`` are those begun before this one, whether they failed or their worker died. After two, a
    mention may be the one that kills workers: it comes alone, when nothing else is free and the most often
    tried last, so that it takes no other with it and holds none up.
    """
    attempts, id_ = col(MentionRow.attempts), col(MentionRow.id)
    free = select(id_).where(
        _WAITING, _past(col(MentionRow.claimed_until), now), _past(col(MentionRow.retry_at), now)
    )
    innocent = free.where(attempts < _SUSPICIOUS_ATTEMPTS).order_by(id_).limit(limit)
    suspicious = free.where(attempts >= _SUSPICIOUS_ATTEMPTS).order_by(attempts, id_).limit(min(limit, 1))
    found = (
        session.exec(innocent.with_for_update(skip_locked=True)).all()
        or session.exec(suspicious.with_for_update(skip_locked=True)).all()
    )
    claimed = [one for one in found if one is not None]
    for ids in chunks(claimed):
        these = update(MentionRow).where(id_.in_(ids))
        session.exec(these.values(claimed_until=now + claim_for, attempts=attempts + 1))
    to_assess = contents.read(session, claimed, _TURN, sealed_words=True)
    return [replace(stored, attempts=stored.attempts - 1) for stored in to_assess]


def record_assessment(session: Session, stored: StoredMention, assessment: Assessment, now: datetime) -> None:
    """Keep what a model made of this version; the same model's earlier word on it is replaced."""
    row = session.get(MentionRow, stored.id, with_for_update=_HELD)
    if row is None:
        return  # forgotten while it was being assessed
    row.relevant = assessment.relevant
    values = {field.name: getattr(assessment, field.name) for field in fields(assessment)}
    values |= {
        "mention_id": stored.id,
        "version": stored.version,
        "at": now,
        "scores": dict(assessment.scores),
        "findings": [astuple(finding) for finding in assessment.findings],
        "reasons": [astuple(reason) for reason in assessment.reasons],
    }
    session.merge(AssessmentRow.model_validate(values))


def assessment(session: Session, stored: StoredMention) -> Assessment | None:
    """The newest assessment of this version; None while there is none."""
    row = session.exec(
        select(AssessmentRow)
        .where(AssessmentRow.mention_id == stored.id, AssessmentRow.version == stored.version)
        .order_by(col(AssessmentRow.at).desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    values = row.model_dump(exclude={"mention_id", "version", "at"})
    values |= {
        "severity": Severity(row.severity),
        "findings": tuple(Finding(kind=kind, start=start, end=end) for kind, start, end in row.findings),
        "reasons": tuple(
            Reason(label=label, start=start, end=end, weight=weight)
            for label, start, end, weight in row.reasons
        ),
    }
    return Assessment(**values)


def settle(session: Session, stored: StoredMention, verdict: Verdict, now: datetime) -> Case | None:
    """Mark this version assessed; a flagged verdict opens a case or joins the one of its story.

    What is a copy of a mention that has a case joins that case (core.copies says what is); what else it has in common
    with others is linked, unless it is not about us. Give the case when people must be told: it is new, has grown
    graver, was closed, or a copy of it was edited to these words. Words or a link sealed already are sealed here too,
    in a case of safeguarding, whatever the verdict. Everything is in the caller's transaction. The next version then
    waits; settling the same version twice does nothing the second time. Raises ValueError for a version whose turn it
    is not yet: those before it would never be assessed.
    """
    # The mention first and then the turn, as everybody takes them: nobody waits in a circle.
    row = session.get(MentionRow, stored.id, with_for_update=_HELD, populate_existing=True)
    if row is None or row.assessed_version >= stored.version:
        return None
    if stored.version != row.assessed_version + 1:
        raise ValueError(f"version {stored.version} of mention {stored.id} is not the next to be settled")
    sealed = sealing.twin(session, row, stored)
    if sealed:
        verdict = shut(verdict, sealed)
    if verdict.flagged:
        cases.take_turn(session)
    row.assessed_version, row.settled_at = stored.version, now
    row.verdict_reason = "" if verdict.flagged else casework.why(verdict)
    row.attempts, row.last_failure, row.retry_at, row.claimed_until = 0, "", None, None
    if not verdict.relevant:
        row.relevant = False
    about_us = verdict.flagged or row.relevant is not False
    copied = copies.relate(session, row, stored) if about_us else ()
    if verdict.flagged:
        return casework.join(session, row, stored, verdict, now, copied=copied)
    if row.case_id is not None:
        casework.note_harmless(session, row.case_id, stored, now)
    return None


def failed(session: Session, stored: StoredMention, reason: str, now: datetime) -> None:
    """Note that no assessment could be made; the mention stays in the queue, after a growing pause.

    The attempt was counted when it began. Nothing is noted where the claim ran out and another attempt has
    begun since, or where the version is settled.
    """
    attempts = stored.attempts + 1
    session.exec(
        update(MentionRow)
        .where(
            col(MentionRow.id) == stored.id,
            col(MentionRow.assessed_version) == stored.version - 1,
            col(MentionRow.attempts) <= attempts,
        )
        .values(
            attempts=attempts,
            last_failure=reason,
            claimed_until=None,
            retry_at=now + backoff(attempts, _LONGEST_PAUSE),
        )
    )


def release(session: Session, claimed: Sequence[StoredMention]) -> None:
    """Give back claims that came to nothing, as if they had never been made; those settled since are left alone."""
    for stored in claimed:
        session.exec(
            update(MentionRow)
            .where(
                col(MentionRow.id) == stored.id,
                col(MentionRow.assessed_version) == stored.version - 1,
                col(MentionRow.attempts) == stored.attempts + 1,
                col(MentionRow.retry_at).is_(None),
            )
            .values(claimed_until=None, attempts=stored.attempts)
        )


def any_waiting(session: Session) -> bool:
    """Whether any mention waits for an assessment."""
    return session.exec(select(MentionRow.id).where(_WAITING).limit(1)).first() is not None


def counts(session: Session, now: datetime) -> Counts:
    """Count for the health check."""
    count = select(func.count()).select_from(MentionRow)
    return Counts(
        mentions=session.exec(count).one(),
        unassessed=session.exec(count.where(_WAITING)).one(),
        stuck=session.exec(count.where(_stuck(now))).one(),
    )


def read_since(session: Session, since: datetime) -> int:
    """How many mentions, edits among them, came in at or after ``since``."""
    return session.exec(select(func.count()).where(col(VersionRow.seen_at) >= since)).one()


def stuck(session: Session, now: datetime, limit: int = 100) -> list[StoredMention]:
    """The oldest mentions of which a version waits for over an hour or failed three times; claims nothing.

    Each at the version whose turn it is.
    """
    found = select(MentionRow.id).where(_stuck(now)).order_by(col(MentionRow.id)).limit(limit)
    return contents.read(session, [id_ for id_ in session.exec(found) if id_ is not None], _TURN)


def counts_by_reason(session: Session, since: datetime) -> dict[str, int]:
    """How many mentions were settled unflagged at or after ``since``, by the reasons of the verdict."""
    why = col(MentionRow.verdict_reason)
    counted = select(why, func.count()).where(col(MentionRow.settled_at) >= since, why != "")
    return dict(session.exec(counted.group_by(why)).all())


def read(session: Session, ids: Sequence[int]) -> list[StoredMention]:
    """The mentions with these ids, at their newest versions, by id; unknown ids are left out.

    ``attempts`` are those begun; none at a version whose turn it is not. Of a sealed one neither the link nor
    the words nor the author are given.
    """
    return contents.read(session, ids, col(MentionRow.version))


def _past(moment: SQLColumnExpression[datetime | None], now: datetime) -> ColumnElement[bool]:
    return or_(moment.is_(None), moment <= now)


def _stuck(now: datetime) -> ColumnElement[bool]:
    waits_since = (
        select(VersionRow.seen_at)
        .where(col(VersionRow.mention_id) == col(MentionRow.id), col(VersionRow.version) == _TURN)
        .scalar_subquery()
    )
    running = case((col(MentionRow.claimed_until) > now, 1), else_=0)
    failed_too_often = col(MentionRow.attempts) - running >= _STUCK_ATTEMPTS
    tried = col(MentionRow.attempts) > running
    # What waits again since a moment, and has not been tried since, waits for no longer.
    again = or_(tried, _past(col(MentionRow.retry_at), now - _STUCK_AFTER))
    long_ago = and_(waits_since <= now - _STUCK_AFTER, again)
    return and_(_WAITING, or_(long_ago, failed_too_often))
