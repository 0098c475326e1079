"""Canaries: entries that somebody plants at a source, to see that what is said there comes out at the end."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from core.types import Mention
from storage.tables import MentionRow
from storage.versions import storable_key


def any_settled(session: Session, planted: Sequence[Mention]) -> bool:
    """Whether any of these is kept here and was assessed at its newest version."""
    keys = [storable_key(mention.key) for mention in planted]
    these = select(MentionRow.id).where(
        col(MentionRow.source).in_({mention.source for mention in planted}),
        col(MentionRow.key).in_(keys),
        col(MentionRow.assessed_version) == col(MentionRow.version),
    )
    return session.exec(these.limit(1)).first() is not None
