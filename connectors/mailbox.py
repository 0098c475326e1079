"""A mailbox that alerts and notifications are sent to: Google Alerts, review sites and platforms, over IMAP.

The cursor is a small JSON text: the folder's UIDVALIDITY and the UID of the last mail that was read. Where the folder
was made anew (another UIDVALIDITY) it is read again as far back as ``backfill``; what was found before keeps its key.
"""

from collections.abc import Sequence
from datetime import date, datetime
from email.message import EmailMessage
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from connectors._dates import http_date, plausible
from connectors._http import Client
from connectors._imap import Box, Mailbox, Read, State, read
from connectors._keys import short
from connectors._mail import genuine, page_of, read_mail, sender_of, welcome
from connectors._mail_links import LONGEST, Result, results
from connectors._options import Asking, Platform
from connectors._terms import Terms
from connectors._text import html_to_text
from core.canonical import canonical, platform_of
from core.errors import FetchError
from core.types import Batch, Mention

PLATFORM = "blog"
SAMPLE = "mailbox/google-alert.eml"
TERMS = Terms(
    read_on=date(2026, 11, 27),
    limits="the mailbox is the operator's own: those of its provider",
    deletion="the mails stay where they are; nothing is said of posts that are gone",
    keys=("password",),
)
PORTS = {"tls": 993, "starttls": 143, "plain": 143}
PAGE = 50  # mails
KINDS = {
    "review": "review",
    "youtube": "video",
    "vimeo": "video",
    "tiktok": "video",
    "wiki": "page",
} | dict.fromkeys(("news", "blog"), "article")


class Options(Asking):
    """What can be set for a mailbox; ``max_pages`` bounds the mails of a visit, 50 to a page.

    ``senders`` are the addresses or domains whose mails are read, all where it is empty. ``trust`` is the name by which
    the operator's mail server signs its ``Authentication-Results``: mails that it did not find genuine are left out.
    """

    host: str = Field(min_length=1)
    port: int = Field(default=0, ge=0, le=65535)
    security: Literal["tls", "starttls", "plain"] = "tls"
    folder: str = "INBOX"
    user: str
    password: SecretStr = SecretStr("")
    senders: tuple[str, ...] = ()
    trust: str = ""
    platform: Platform = PLATFORM


class _Cursor(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(default=1, ge=1, le=1)
    validity: int = Field(default=-1, ge=-1)
    uid: int = Field(default=0, ge=0)


def fetch(options: Options, cursor: str | None, client: Client) -> Batch:
    """The mails that have come since the last visit, oldest first; the rest waits for the next one."""
    if not options.password.get_secret_value():
        raise FetchError("the mailbox has no password", temporary=False)
    last = _load(cursor)
    box = Box(
        host=options.host,
        port=options.port or PORTS[options.security],
        security=options.security,
        user=options.user,
        password=options.password,
        folder=options.folder,
    )

    def wanted(mailbox: Mailbox, state: State) -> Sequence[int]:
        fresh = state.validity != last.validity
        uids = mailbox.since((client.now() - options.backfill).date()) if fresh else mailbox.after(last.uid)
        return uids[: options.max_pages * PAGE]

    found = read(box, client, wanted)
    mentions: dict[str, Mention] = {}
    unread = 0
    for raw in found.mails.values():
        try:
            mentions |= {one.key: one for one in parse(raw, options, client.now())}
        except FetchError:
            unread += 1
    missed = f"{unread} of {len(found.mails)} mails could not be read" if unread else ""
    return Batch(mentions=tuple(mentions.values()), cursor=_after(last, found, options), missed=missed)


def parse(raw: bytes, options: Options, now: datetime) -> list[Mention]:
    """What a mail points at, one mention a link, or its own words where it has none; nothing from other senders.

    Raises FetchError for what cannot be read as a mail.
    """
    try:
        mail = read_mail(raw)
        sender = sender_of(mail)
        if not welcome(sender, options.senders) or not genuine(mail, sender, options.trust):
            return []
        return _mentions(mail, sender, options, now)
    except Exception as error:  # noqa: BLE001 - a parser of anything, fed by anybody: one edge for all it may raise
        raise FetchError(f"a mail cannot be read ({type(error).__name__})", temporary=False) from None


def _mentions(mail: EmailMessage, sender: str, options: Options, now: datetime) -> list[Mention]:
    subject = " ".join(str(mail.get("subject", "")).split())
    home = sender.rpartition("@")[2]
    page = page_of(mail)
    ident = short(str(mail.get("message-id", "")).strip() or f"{mail.get('date', '')}{sender}{subject}{page}")
    posted = plausible(http_date(str(mail.get("date", ""))), now)
    own = Result(url="", title="", text=html_to_text(page)[:LONGEST])
    made = []
    for one in results(page, home) or [own]:
        platform = platform_of(one.url) or platform_of(f"https://{home}/") or options.platform
        mention = Mention(
            source=options.name,
            key=f"{ident}-{short(canonical(one.url))}" if one.url else ident,
            url=one.url,
            text=one.text,
            platform=platform,
            title=one.title or subject,
            posted_at=posted,
            kind=KINDS.get(platform, "post") if one.url else "message",
        )
        made += [mention] if mention.full_text.strip() else []
    return made


def _load(cursor: str | None) -> _Cursor:
    try:
        return _Cursor.model_validate_json(cursor or "{}")
    except ValidationError:
        return _Cursor()


def _after(last: _Cursor, found: Read, options: Options) -> str:
    """Where the next visit goes on: after the last mail read, or at what follows where all was read."""
    whole = found.whole and len(found.mails) < options.max_pages * PAGE
    started = max([last.uid if last.validity == found.state.validity else 0, *found.mails])
    uid = max(started, found.state.following - 1) if whole else started
    known = bool(uid) or found.state.following > 0
    return _Cursor(validity=found.state.validity if known else -1, uid=uid).model_dump_json()
