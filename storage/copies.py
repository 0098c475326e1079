"""What hangs together: which mention is a copy of which, and what else mentions have in common.

    mentions.settle -> relate -> the mentions that this one is a copy of -> casework.join

core.copies decides. What was said is known again by the bands of its sketch and by its canonical link, which stand in
the database: no process has to remember anything. A version gets its bands when it is settled.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, literal, or_
from sqlmodel import Session, col, select

from core.canonical import canonical
from core.copies import Author, Fate, Place, Words, compare, decide, sketch
from core.types import Mention, StoredMention
from storage import cases, contents
from storage.bulk import insert_unknown
from storage.stories import author_key
from storage.tables import MentionRow
from storage.tables_reach import BandRow, LinkRow
from storage.versions import storable_key

SAME_LINK, SHARES = "same link", "shares"
_AT_MOST = 50  # of those that share a link or most bands: a slogan said a thousand times links to no more
_REPLIES = ("comment", "review", "message")
_SITE = re.compile(r"https://[^/?#]*/?")  # an address that names no page
_CLOSEST = {Words.same: 0, Words.near: 2, Words.other: 1}  # other words are copied only from the same item


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What two mentions have in common; ``how`` is "same link", "same words", "near" or "shares".

    ``mention_id`` is the one that passes on or quotes ``other_id``; for all else, the later one of the two.
    """

    mention_id: int
    other_id: int
    how: str


def addresses(mention: Mention) -> dict[str, str]:
    """The columns of a mention that hold addresses as core.canonical writes them; for this folder only.

    A key that is a Bluesky address outlives the handle in the link.
    """
    link = mention.key if mention.key.startswith("at://") else mention.url
    return {"canonical": _named(link), "shared": _named(mention.shared)}


def links_of(session: Session, mention_id: int) -> list[Link]:
    """What a mention has in common with others, whichever came first; copies of it among them."""
    these = select(LinkRow).where(
        or_(col(LinkRow.mention_id) == mention_id, col(LinkRow.other_id) == mention_id)
    )
    rows = session.exec(these.order_by(col(LinkRow.mention_id), col(LinkRow.other_id), col(LinkRow.how)))
    return [Link(mention_id=row.mention_id, other_id=row.other_id, how=row.how) for row in rows]


def relate(session: Session, row: MentionRow, stored: StoredMention) -> list[int]:
    """Link a version that is being settled to what it has in common with others; for this folder only.

    Give the mentions that it is a copy of, closest first. The caller has taken its turn where a case may follow.
    """
    links = [Link(mention_id=a, other_id=b, how=SHARES) for a, b in _shared(session, row)]
    copied: list[tuple[int, int]] = []
    for other_row, other in _candidates(session, row, stored):
        words = compare(stored.mention.full_text, other.mention.full_text)
        place = _place(row, other_row, words)
        fate = decide(place, words, _author(row.author, other_row.author))
        if fate is Fate.apart:
            continue
        later, earlier = max(stored.id, other.id), min(stored.id, other.id)
        hows = [SAME_LINK] if place is not Place.elsewhere else []
        hows += [str(words)] if words is not Words.other else []
        links += [Link(mention_id=later, other_id=earlier, how=how) for how in hows]
        if fate is Fate.copy:
            copied.append((_CLOSEST[words], other.id))
    _write(session, links)
    return list(dict.fromkeys(id_ for _, id_ in sorted(copied)))


def case_of(session: Session, row: MentionRow, copied: Sequence[int]) -> int | None:
    """The case of the closest mention that this one is a copy of; None where it must have its own.

    It joins no case in which somebody else is known to have written: what nobody is known to have written may be a
    copy of the words of two, and their breaches are never folded into one.
    """
    author = author_key(row.author)
    for id_ in copied:
        number = session.exec(select(MentionRow.case_id).where(MentionRow.id == id_)).one_or_none()
        if number is None:
            continue
        wrote = session.exec(select(MentionRow.author).where(MentionRow.case_id == number).distinct())
        known = {author_key(one) for one in wrote} - {""}
        if not author or not known or author in known:
            return number
    return None


def _candidates(
    session: Session, row: MentionRow, stored: StoredMention
) -> list[tuple[MentionRow, StoredMention]]:
    """Other mentions at the same address, at their newest versions, and those that may have said nearly the same."""
    places = _banded(session, stored)
    found: list[StoredMention] = []
    if row.canonical:
        these = select(MentionRow.id).where(MentionRow.canonical == row.canonical, MentionRow.id != row.id)
        ids = [id_ for id_ in session.exec(these.order_by(col(MentionRow.id)).limit(_AT_MOST)) if id_]
        found += contents.read(session, ids, col(MentionRow.version), sealed_words=True)
    known = {(one.id, one.version) for one in found}
    by_version: dict[int, list[int]] = {}
    for id_, version in places:
        if (id_, version) not in known:
            by_version.setdefault(version, []).append(id_)
    for version, ids in by_version.items():
        found += contents.read(session, ids, literal(version), sealed_words=True)
    rows = {
        one.id: one
        for one in session.exec(
            select(MentionRow).where(col(MentionRow.id).in_(sorted({one.id for one in found})))
        )
    }
    return [(rows[one.id], one) for one in found]


def _banded(session: Session, stored: StoredMention) -> list[tuple[int, int]]:
    """The mentions and versions that share bands with this one, most first; it is given its own bands."""
    if not stored.mention.full_text.strip():
        return []  # what says nothing is like nothing else
    bands = sketch(stored.mention.full_text).bands
    own = [{"band": band, "mention_id": stored.id, "version": stored.version} for band in sorted(set(bands))]
    session.exec(insert_unknown(session, BandRow), params=own)
    alike = (
        select(BandRow.mention_id, BandRow.version)
        .where(col(BandRow.band).in_(bands), BandRow.mention_id != stored.id)
        .group_by(col(BandRow.mention_id), col(BandRow.version))
        .order_by(func.count().desc(), col(BandRow.mention_id), col(BandRow.version))
    )
    return list(session.exec(alike.limit(_AT_MOST)).all())


def _shared(session: Session, row: MentionRow) -> Iterable[tuple[int, int]]:
    """Pairs of who passes on and what is passed on, this mention being either."""
    if row.id is None:
        return []
    pairs: list[tuple[int, int]] = []
    if row.shared:
        here = and_(col(MentionRow.source) == row.source, col(MentionRow.key) == row.shared)
        what = select(MentionRow.id).where(
            or_(col(MentionRow.canonical) == row.shared, here), MentionRow.id != row.id
        )
        pairs += [(row.id, id_) for id_ in session.exec(what.limit(_AT_MOST)) if id_]
    if known_as := {one for one in (row.canonical, _named(row.key)) if one}:
        who = select(MentionRow.id).where(col(MentionRow.shared).in_(known_as), MentionRow.id != row.id)
        pairs += [(id_, row.id) for id_ in session.exec(who.limit(_AT_MOST)) if id_]
    return pairs


def _place(row: MentionRow, other: MentionRow, words: Words) -> Place:
    if not row.canonical or row.canonical != other.canonical:
        return Place.elsewhere
    kinds = {kind for kind in (row.kind, other.kind) if kind}
    replies = kinds & set(_REPLIES)
    beside = len(kinds) > 1 if replies else False
    told_apart = row.source == other.source or not names_a_page(row.canonical)
    return Place.page if told_apart or beside or (replies and words is Words.other) else Place.item


def names_a_page(address: str) -> bool:
    """Whether a canonical address is that of something at a site, and not of the site itself; for this folder only."""
    return bool(address) and not _SITE.fullmatch(address)


def _author(one: str, other: str) -> Author:
    keys = {author_key(one), author_key(other)}
    if "" in keys:
        return Author.unknown
    return Author.same if len(keys) == 1 else Author.other


def _write(session: Session, links: Iterable[Link]) -> None:
    rows = [{"mention_id": one.mention_id, "other_id": one.other_id, "how": one.how} for one in links]
    if rows:
        # Two that settle at once may write the same link: under the turn they do not wait for each other in a circle.
        cases.take_turn(session)
        session.exec(insert_unknown(session, LinkRow), params=rows)


def _named(link: str) -> str:
    return storable_key(canonical(link))
