"""The values of telling somebody: what must be told, its words, and how it went. Values only."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

NoticeKind = Literal["case", "digest", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One thing that one address is told by one channel: what, when in its course, whom. Told once, ever.

    ``key`` names it; ``case_id`` is the case that it speaks of, if any.
    """

    key: str
    case_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody must be told something: a row of the outbox.

    ``occasions`` are what it tells; several that fall to one address at once are one message. ``key`` names
    the message: planning it twice writes it once, and sending it twice shows the recipient one message.
    ``why`` is the reason for the record.
    """

    key: str
    kind: NoticeKind
    role: str
    to: str
    channel: str
    why: str
    occasions: tuple[Occasion, ...] = ()
    day: date | None = None
    attempts: int = 0
    id: int | None = None

    def __post_init__(self) -> None:
        """A notice that tells one thing needs no second key for it."""
        if not self.occasions:
            object.__setattr__(self, "occasions", (Occasion(key=self.key),))

    @property
    def cases(self) -> tuple[int, ...]:
        """The numbers of the cases that it speaks of, in order, each once."""
        return tuple(dict.fromkeys(one.case_id for one in self.occasions if one.case_id is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture that travels inside a message."""

    cid: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice in words, ready for a channel: the text part and the HTML part say the same.

    ``short`` is the same in a line or two, for channels of few words.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    images: tuple[Image, ...] = field(default=())
    short: str = ""


class DeliveryStatus(StrEnum):
    """How an attempt to tell somebody ended."""

    sent = "sent"
    bounced = "bounced"
    withdrawn = "withdrawn"
    delayed = "delayed"
    refused = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The outcome of one attempt: sent, delayed (try again at ``next_try_at``) or refused for good.

    A message that was sent may come back later as ``bounced``; ``message_id`` is what it is known by then. One that
    is ``withdrawn`` was not sent, as its reader is not to be told any more.
    """

    key: str
    status: DeliveryStatus
    at: datetime
    error: str = ""
    next_try_at: datetime | None = None
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One occasion and what became of its notice: queued, accepted, bounced, refused, replaced or withdrawn."""

    key: str
    status: str
    created_at: datetime
    sent_at: datetime | None = None
