"""Finding mentions that are kept: by where they came from, by how they stand, and all of them in turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select, update

from core.types import StoredMention
from storage import contents
from storage.bulk import AT_ONCE, chunks
from storage.tables import MentionRow
from storage.versions import storable_key


def number(session: Session, source: str, key: str) -> int | None:
    """The number of the mention with this key at this source; None where there is none."""
    these = select(MentionRow.id).where(MentionRow.source == source, MentionRow.key == storable_key(key))
    return session.exec(these).one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether a mention is assessed at its newest version, is about us (None before that), and which case it is in."""

    settled: bool
    relevant: bool | None
    case: int | None


def standing(session: Session, ids: Sequence[int]) -> dict[int, Standing]:
    """How mentions stand, by id."""
    found: dict[int, Standing] = {}
    for some in chunks(ids):
        for row in session.exec(select(MentionRow).where(col(MentionRow.id).in_(some))):
            settled = row.assessed_version >= row.version
            found[row.id or 0] = Standing(settled=settled, relevant=row.relevant, case=row.case_id)
    return found


def every(session: Session, *, since: datetime | None = None, why: str = "") -> Iterator[list[StoredMention]]:
    """All mentions found at or after a moment whose words are still kept, at their newest versions, oldest first.

    With ``why`` only those that were not flagged for that reason. Of sealed ones neither the link nor the words are
    given. In pieces: there may be more than fit into memory.
    """
    last = 0
    while True:
        these = select(MentionRow.id).where(col(MentionRow.id) > last, col(MentionRow.text_gone_at).is_(None))
        if since is not None:
            these = these.where(MentionRow.found_at >= since)
        if why:
            these = these.where(MentionRow.verdict_reason == why)
        ids = [one for one in session.exec(these.order_by(col(MentionRow.id)).limit(AT_ONCE)) if one]
        if not ids:
            return
        yield contents.read(session, ids, col(MentionRow.version))
        last = ids[-1]


def caught(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The versions of the query with which mentions were caught; "" where none was asked."""
    found: dict[int, str] = {}
    for some in chunks(ids):
        these = select(MentionRow.id, MentionRow.query_version).where(col(MentionRow.id).in_(some))
        found |= {id_: version for id_, version in session.exec(these) if id_}
    return found


def requeue(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Let irrelevant mentions wait for triage again from ``now`` on, at their newest versions; how many they are.

    What belongs to a case, waits already or has lost its words is left alone.
    """
    done = 0
    for some in chunks(sorted(ids)):
        these = update(MentionRow).where(
            col(MentionRow.id).in_(some),
            col(MentionRow.relevant).is_(False),
            col(MentionRow.case_id).is_(None),
            col(MentionRow.text_gone_at).is_(None),
            col(MentionRow.assessed_version) == col(MentionRow.version),
        )
        turn = col(MentionRow.version) - 1
        again = these.values(assessed_version=turn, relevant=None, attempts=0, retry_at=now)
        done += session.exec(again).rowcount
    return done
