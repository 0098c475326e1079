"""The writing behind mentions.add_new: what is known, what is inserted, what is edited, in bulk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert as insert_into
from sqlalchemy import update
from sqlmodel import Session, col, select

from core.types import Mention
from storage.bulk import chunks, insert_unknown
from storage.tables import MentionRow, VersionRow
from storage.versions import Place, unseen


def known(session: Session, places: Iterable[Place]) -> dict[Place, tuple[int, str]]:
    """The id and the newest content hash of the places that the database knows."""
    keys: dict[str, list[str]] = {}
    for source, key in places:
        keys.setdefault(source, []).append(key)
    found: dict[Place, tuple[int, str]] = {}
    for source, all_keys in keys.items():
        for some in chunks(all_keys):
            rows = session.exec(
                select(MentionRow.key, MentionRow.id, MentionRow.content_hash).where(
                    MentionRow.source == source, col(MentionRow.key).in_(some)
                )
            )
            found |= {(source, key): (id_, newest) for key, id_, newest in rows if id_ is not None}
    return found


def insert(session: Session, fresh: Mapping[Place, Sequence[Mention]], now: datetime) -> dict[Place, int]:
    """Write mentions not known; give the ids of those that no other process wrote first."""
    written: dict[Place, int] = {}
    returning = insert_unknown(session, MentionRow).returning(
        col(MentionRow.id), col(MentionRow.source), col(MentionRow.key)
    )
    for places in chunks(list(fresh)):
        rows = [
            _newest(fresh[place], len(fresh[place])) | {"source": place[0], "key": place[1], "found_at": now}
            for place in places
        ]
        ids = {(source, key): id_ for id_, source, key in session.exec(returning, params=rows)}
        _write_versions(session, [(id_, 0, fresh[place]) for place, id_ in ids.items()], now)
        written |= ids
    return written


def edit(session: Session, edits: Mapping[int, Sequence[Mention]], now: datetime) -> list[int]:
    """Write further versions of known mentions; give the ids of those that another process had not edited."""
    changed: list[int] = []
    for ids in chunks(sorted(edits)):
        locked = session.exec(
            select(MentionRow.id, MentionRow.version, MentionRow.content_hash)
            .where(col(MentionRow.id).in_(ids))
            .order_by(col(MentionRow.id))
            .with_for_update()
        )
        news = [
            (id_, version, contents)
            for id_, version, newest in locked
            if id_ is not None and (contents := unseen(edits[id_], newest))
        ]
        _write_versions(session, news, now)
        # Attempts and pauses stay: they are those of an earlier version, whose turn comes first.
        rows = [_newest(contents, version + len(contents)) | {"id": id_} for id_, version, contents in news]
        if rows:
            session.exec(update(MentionRow), params=rows)
        changed += [id_ for id_, _, _ in news]
    return changed


def _newest(contents: Sequence[Mention], version: int) -> dict[str, object]:
    """The columns of a mention that follow its newest content."""
    mention = contents[-1]
    return {
        "url": mention.url,
        "platform": mention.platform,
        "author": mention.author,
        "posted_at": mention.posted_at,
        "content_hash": mention.content_hash,
        "version": version,
    }


def _write_versions(
    session: Session, news: Iterable[tuple[int, int, Sequence[Mention]]], now: datetime
) -> None:
    """Write each mention's contents as the versions after the one given."""
    rows = [
        {
            "mention_id": id_,
            "version": number,
            "content_hash": content.content_hash,
            "title": content.title,
            "text": content.text,
            "seen_at": now,
        }
        for id_, before, contents in news
        for number, content in enumerate(contents, before + 1)
    ]
    if rows:
        session.exec(insert_into(VersionRow), params=rows)
