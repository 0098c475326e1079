"""What is sealed, known again: words that a person or the machine has shut stay shut, whoever writes them next."""

from sqlmodel import Session, col, select

from core.copies import plain
from core.types import Mention, StoredMention
from storage.bulk import chunks
from storage.tables import MentionRow, VersionRow


def twin(session: Session, stored: StoredMention) -> int | None:
    """The id of another mention that is sealed and says or has said the same words; None where there is none.

    Blind to case, spacing and punctuation, as stories are. Where there are no words nothing is the same.
    """
    words = plain(stored.mention.full_text)
    if not words:
        return None
    shut = select(MentionRow.id).where(col(MentionRow.sealed), col(MentionRow.id) != stored.id)
    # In two questions: they are few, and the database must not go through every version of every mention for them.
    for ids in chunks(session.exec(shut.order_by(col(MentionRow.id))).all()):
        rows = select(VersionRow.mention_id, VersionRow.title, VersionRow.text).where(
            col(VersionRow.mention_id).in_(ids)
        )
        for id_, title, text in session.exec(rows.order_by(col(VersionRow.mention_id))):
            if plain(_said(title, text)) == words:
                return id_
    return None


def _said(title: str, text: str) -> str:
    return Mention(source="", key="", url="", text=text, platform="", title=title).full_text
