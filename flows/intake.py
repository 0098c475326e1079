"""What people raise by hand: a link or a text that somebody found, on the same path as what the sources bring.

    Concern -> check -> mentions.add_new (source "raised") -> triage, as any other

The same link raised twice is one mention; one that a source has brought as well becomes a copy in the same case.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.canonical import canonical, platform_of
from core.errors import RedshankError
from core.types import Mention
from core.vocabulary import PLATFORMS
from flows.reach import RAISED
from flows.wiring import House
from storage import audit, lookup, mentions
from storage.engine import session

LONGEST_TEXT = 100_000  # characters
LONGEST_LINK = 2_000
LONGEST_NAME = 200
_EARLIEST = 1990  # the year before which nothing was posted
_LOGIN = re.compile(r"^(https?://)[^/?#]*@", re.IGNORECASE)
_OTHER = "forum"  # the platform of a place that no rule knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What somebody raises: a link, the words, or both; ``by`` is who raises it.

    ``own_post`` is "I posted it myself". ``author`` is the name shown beside the post.
    """

    by: str
    link: str = ""
    text: str = ""
    title: str = ""
    author: str = ""
    platform: str = ""
    posted_at: datetime | None = None
    own_post: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a concern: the number of its mention, and whether it had been raised in these words before."""

    mention_id: int
    known: bool


def check(concern: Concern, now: datetime) -> None:
    """Raise RedshankError, naming the field, where a concern cannot be taken in."""
    problems = {
        "by: say who raises it": not concern.by.strip(),
        f"by: a name has no control characters, and no more than {LONGEST_NAME} characters": not (
            concern.by.isprintable() and len(concern.by) <= LONGEST_NAME
        ),
        "give a link, a text, or both": not (concern.link.strip() or concern.text.strip()),
        "link: write the whole address, beginning with https:// or http://": concern.link.strip()
        and not concern.link.strip().lower().startswith(("https://", "http://")),
        f"link: it is longer than {LONGEST_LINK} characters": len(concern.link) > LONGEST_LINK,
        f"text: it is longer than {LONGEST_TEXT} characters": len(concern.text) > LONGEST_TEXT,
        f"platform: one of {', '.join(PLATFORMS)}": concern.platform and concern.platform not in PLATFORMS,
        "posted_at: it has no time zone": concern.posted_at and concern.posted_at.tzinfo is None,
        f"posted_at: it lies before {_EARLIEST}": concern.posted_at and concern.posted_at.year < _EARLIEST,
    }
    for problem, met in problems.items():
        if met:
            raise RedshankError(problem)
    if concern.posted_at and concern.posted_at > now:
        raise RedshankError("posted_at: it lies in the future")


def take_in(
    house: House, concerns: Sequence[Concern], report: Callable[[int], None] = lambda _taken: None
) -> list[Receipt]:
    """Keep concerns, each in the queue for triage and on record as raised by its ``by``; receipts in their order.

    All are checked before any is kept. Each is kept in a transaction of its own: what was kept before a break is
    known when they are taken in again.

    Raises:
        RedshankError: one of them cannot be taken in; the message names its number and field.
    """
    now = house.now()
    for number, concern in enumerate(concerns, start=1):
        try:
            check(concern, now)
        except RedshankError as error:
            where = f"concern {number}: " if len(concerns) > 1 else ""
            raise RedshankError(f"{where}{error}") from None
    receipts = []
    for concern in concerns:
        receipts.append(_keep(house, concern, now))
        report(1)
    return receipts


def _keep(house: House, concern: Concern, now: datetime) -> Receipt:
    mention = _mention(concern)
    how = mentions.Found(raised_by=concern.by.strip(), own_post=concern.own_post)
    with session(house.engine) as db:
        held = lookup.number(db, RAISED, mention.key)
        # A link alone says nothing new of what was raised in words: it does not take their place.
        adds = held is None or mention.full_text
        changed = mentions.add_new(db, [mention], now, how) if adds else []
        number = changed[0] if changed else held or lookup.number(db, RAISED, mention.key) or 0
        audit.append(
            db,
            at=now,
            actor=concern.by.strip(),
            role="",
            action="raise by hand",
            case_id=None,
            reason="a concern was brought",
            details={"mention": number, "own_post": concern.own_post, "known": not changed},
        )
    return Receipt(mention_id=number, known=not changed)


def _mention(concern: Concern) -> Mention:
    """A link is told apart by its canonical form; a text without one by its words and author.

    A name and password in a link are left out: it is shown to many.
    """
    link = _LOGIN.sub(r"\1", concern.link.strip())
    words = f"{concern.author}\0{concern.title}\0{concern.text}"
    return Mention(
        source=RAISED,
        key=canonical(link)
        if link
        else f"sha256:{hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()}",
        url=link,
        text=concern.text.strip(),
        title=concern.title.strip(),
        author=concern.author.strip(),
        platform=concern.platform or platform_of(link) or _OTHER,
        posted_at=concern.posted_at,
        kind="post",
    )
