"""Whom abusive mentions are aimed at: counted, so that a pile-on shows, and never named.

A person is kept as a keyed hash (HMAC, RFC 2104, with SHA-256) of the name as folded by the caller: without the
key nobody can try names against the table.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from storage.bulk import insert_unknown
from storage.tables import MentionRow
from storage.tables_work import TargetRow

Author = tuple[str, str]
"""Who wrote something, as far as can be told: the platform and the name there."""


def keyed(names: Sequence[str], key: bytes) -> tuple[str, ...]:
    """The keyed hashes of folded names, in the same order."""
    return tuple(hmac.new(key, name.encode(), hashlib.sha256).hexdigest() for name in names)


def note(session: Session, mention_id: int, case_id: int | None, *, who: Sequence[str], at: datetime) -> None:
    """Keep that a mention, said ``at``, is aimed at those with these keyed hashes; the same again changes nothing.

    Without ``case_id`` it counts to the case that the mention is a copy of, if any.
    """
    if case_id is None:
        case_id = session.exec(select(MentionRow.case_id).where(MentionRow.id == mention_id)).one_or_none()
    rows = [
        {"mention_id": mention_id, "case_id": case_id, "who": one, "at": at} for one in dict.fromkeys(who)
    ]
    if rows:
        session.exec(insert_unknown(session, TargetRow), params=rows)


def counts(session: Session, since: datetime) -> dict[str, tuple[int, int]]:
    """Of everybody aimed at since then: in how many mentions, and by how many authors."""
    written: dict[str, list[Author]] = defaultdict(list)
    for who, _, author in _aimed(session, since):
        written[who].append(author)
    return {who: (len(authors), len(set(authors))) for who, authors in written.items()}


def velocity(session: Session, case_id: int, since: datetime) -> dict[str, list[tuple[datetime, Author]]]:
    """When and by whom those whom this case is aimed at were aimed at since then, in any case; oldest first."""
    these = set(session.exec(select(TargetRow.who).where(TargetRow.case_id == case_id)))
    found: dict[str, list[tuple[datetime, Author]]] = defaultdict(list)
    for who, at, author in _aimed(session, since):
        if who in these:
            found[who].append((at, author))
    return dict(found)


def _aimed(session: Session, since: datetime) -> list[tuple[str, datetime, Author]]:
    rows = session.exec(
        select(TargetRow.who, TargetRow.at, MentionRow.platform, MentionRow.author)
        .join(MentionRow, col(MentionRow.id) == col(TargetRow.mention_id))
        .where(TargetRow.at >= since)
        .order_by(col(TargetRow.at), col(TargetRow.mention_id))
    )
    return [(who, at, (platform, author.strip().casefold())) for who, at, platform, author in rows]
