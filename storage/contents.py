"""What mentions say, each read at one of its versions: the newest, that of its turn, a given one, that of a moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import SQLColumnExpression, and_, func, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from core.types import Mention, StoredMention
from storage.bulk import chunks
from storage.tables import MentionRow, VersionRow

_SHUT: dict[str, Any] = dict.fromkeys(("key", "url", "text", "title", "author", "shared"), "")


def at_versions(session: Session, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], StoredMention]:
    """What mentions said at given versions, by id and version; what is not there is left out.

    Of a sealed one neither the link nor the words nor the author are given.
    """
    by_version: dict[int, list[int]] = defaultdict(list)
    for id_, version in places:
        by_version[version].append(id_)
    return {
        (one.id, one.version): one
        for version, ids in by_version.items()
        for one in read(session, ids, literal(version))
    }


def as_of(session: Session, ids: Sequence[int], moment: datetime) -> list[StoredMention]:
    """What mentions said at a moment, as far as was known then, by id; one that came later is left out."""
    earlier = aliased(VersionRow)
    newest = select(func.max(col(earlier.version))).where(
        col(earlier.mention_id) == col(MentionRow.id), col(earlier.seen_at) <= moment
    )
    return read(session, ids, newest.correlate(MentionRow).scalar_subquery())


def read(
    session: Session,
    ids: Sequence[int],
    version: SQLColumnExpression[int],
    *,
    sealed_words: bool = False,
) -> list[StoredMention]:
    """Mentions at ``version``, by id; for this folder only.

    ``sealed_words`` opens what is sealed, to the machine that must assess it and to nobody else.
    """
    found: list[StoredMention] = []
    for some in chunks(sorted(ids)):
        rows = session.exec(
            select(MentionRow, VersionRow)
            .join(
                VersionRow,
                and_(
                    col(VersionRow.mention_id) == col(MentionRow.id),
                    col(VersionRow.version) == version,
                ),
            )
            .where(col(MentionRow.id).in_(some))
            .order_by(col(MentionRow.id))
            .execution_options(populate_existing=True)
        )
        found += [_stored(row, content, shown=sealed_words or not row.sealed) for row, content in rows]
    return found


def _stored(row: MentionRow, content: VersionRow, *, shown: bool) -> StoredMention:
    mention = Mention(
        source=row.source,
        key=row.key,
        url=row.url,
        text=content.text,
        platform=row.platform,
        title=content.title,
        author=row.author,
        posted_at=row.posted_at,
        kind=row.kind,
        lang=row.lang,
        shared=row.shared,
    )
    if not shown:
        mention = replace(mention, **_SHUT)
    return StoredMention(
        id=content.mention_id,
        version=content.version,
        mention=mention,
        fetched_at=content.seen_at,
        attempts=row.attempts if content.version == row.assessed_version + 1 else 0,
    )
