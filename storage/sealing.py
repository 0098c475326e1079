"""What is sealed, known again: words or a link that a person or the machine has shut stay shut, whoever brings them."""

from sqlmodel import Session, col, select

from core.copies import plain
from core.types import Mention, StoredMention
from storage.bulk import chunks
from storage.copies import names_a_page
from storage.tables import MentionRow, VersionRow


def twin(session: Session, row: MentionRow, stored: StoredMention) -> str:
    """Which other mention is sealed that says or has said the same words, or stands at the same link; "" if none is.

    Blind to case, spacing and punctuation, as stories are. Where there are no words none are the same. Of one source
    that tells two items apart at one link, only the one is shut.
    """
    words = plain(stored.mention.full_text)
    if not words:
        return _at_link(session, row)
    shut = select(MentionRow.id).where(col(MentionRow.sealed), col(MentionRow.id) != stored.id)
    # In two questions: they are few, and the database must not go through every version of every mention for them.
    for ids in chunks(session.exec(shut.order_by(col(MentionRow.id))).all()):
        rows = select(VersionRow.mention_id, VersionRow.title, VersionRow.text).where(
            col(VersionRow.mention_id).in_(ids)
        )
        for id_, title, text in session.exec(rows.order_by(col(VersionRow.mention_id))):
            if plain(_said(title, text)) == words:
                return f"the same words are sealed (mention {id_})"
    return _at_link(session, row)


def _at_link(session: Session, row: MentionRow) -> str:
    if not names_a_page(row.canonical):
        return ""
    these = select(MentionRow.id).where(
        col(MentionRow.sealed), MentionRow.canonical == row.canonical, MentionRow.source != row.source
    )
    found = session.exec(these.order_by(col(MentionRow.id)).limit(1)).one_or_none()
    return "" if found is None else f"the same link is sealed (mention {found})"


def _said(title: str, text: str) -> str:
    return Mention(source="", key="", url="", text=text, platform="", title=title).full_text
