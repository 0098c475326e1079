"""The writing behind mentions.add_new: what is known, what is inserted, what is edited, in bulk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert as insert_into
from sqlalchemy import update
from sqlmodel import Session, col, select

from core.types import Mention
from storage import cases, copies
from storage.bulk import chunks, insert_unknown
from storage.tables import MentionRow, VersionRow
from storage.versions import Place, unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How a batch was found, which stays with its mentions.

    ``query_version`` is the query that caught it, ``backfill`` says that it comes from a source's past, ``raised_by``
    who brought it by hand, and ``own_post`` that they wrote it themselves.
    """

    query_version: str = ""
    backfill: bool = False
    raised_by: str = ""
    own_post: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A mention that the database knows; ``gone`` where its source said that it was deleted."""

    id: int
    content_hash: str
    gone: bool


def known(session: Session, places: Iterable[Place]) -> dict[Place, Known]:
    """What the database knows of these places; those unknown are left out."""
    keys: dict[str, list[str]] = {}
    for source, key in places:
        keys.setdefault(source, []).append(key)
    found: dict[Place, Known] = {}
    for source, all_keys in keys.items():
        for some in chunks(all_keys):
            rows = session.exec(
                select(MentionRow.key, MentionRow.id, MentionRow.content_hash, MentionRow.deleted_at).where(
                    MentionRow.source == source, col(MentionRow.key).in_(some)
                )
            )
            found |= {
                (source, key): Known(id=id_, content_hash=newest, gone=deleted_at is not None)
                for key, id_, newest, deleted_at in rows
                if id_ is not None
            }
    return found


def insert(
    session: Session, fresh: Mapping[Place, Sequence[Mention]], now: datetime, how: Found
) -> dict[Place, int]:
    """Write mentions not known; give the ids of those that no other process wrote first."""
    written: dict[Place, int] = {}
    always = asdict(how) | {"found_at": now}
    returning = insert_unknown(session, MentionRow).returning(
        col(MentionRow.id), col(MentionRow.source), col(MentionRow.key)
    )
    for places in chunks(list(fresh)):
        rows = [
            _newest(fresh[place], len(fresh[place])) | {"source": place[0], "key": place[1]} | always
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
            .with_for_update(key_share=True)
        )
        news = [
            (id_, version, contents)
            for id_, version, newest in locked
            if id_ is not None and (contents := unseen(edits[id_], newest))
        ]
        _write_versions(session, news, now)
        # Attempts and pauses stay: they are those of an earlier version, whose turn comes first.
        rows = [
            _newest(contents, version + len(contents)) | {"id": id_, "text_gone_at": None}
            for id_, version, contents in news
        ]
        if rows:
            session.exec(update(MentionRow), params=rows)
        changed += [id_ for id_, _, _ in news]
    return changed


def mark_deleted(session: Session, ids: Sequence[int], at: datetime | None) -> list[tuple[int, int | None]]:
    """Set when mentions were deleted at their source, None where they are back; give those changed and their cases.

    The caller's transaction holds its turn from now on where one of them has a case.
    """
    changed: list[tuple[int, int | None]] = []
    stands = col(MentionRow.deleted_at).is_not(None) if at is None else col(MentionRow.deleted_at).is_(None)
    for some in chunks(sorted(set(ids))):
        locked = select(MentionRow.id, MentionRow.case_id).where(col(MentionRow.id).in_(some), stands)
        held = locked.order_by(col(MentionRow.id)).with_for_update(key_share=True)
        found = [(id_, case_id) for id_, case_id in session.exec(held) if id_ is not None]
        these = update(MentionRow).where(col(MentionRow.id).in_([id_ for id_, _ in found]))
        session.exec(these.values(deleted_at=at).execution_options(synchronize_session="fetch"))
        changed += found
    if any(case_id is not None for _, case_id in changed):
        cases.take_turn(session)
    return changed


def _newest(contents: Sequence[Mention], version: int) -> dict[str, object]:
    """The columns of a mention that follow its newest content."""
    mention = contents[-1]
    return {
        "url": mention.url,
        "platform": mention.platform,
        "author": mention.author,
        "posted_at": mention.posted_at,
        "kind": mention.kind,
        "lang": mention.lang,
        **copies.addresses(mention),
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
