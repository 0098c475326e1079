"""Mails that come back: delivery status notifications (RFC 3464), and the plainer ones of Exim and qmail (pure).

Whatever the bytes are, reading them raises nothing and yields codes only, never a word or an address. Anybody
can forge such a mail: a bounce is a reason to tell somebody once more, never one to tell nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32
from hashlib import sha256

MAX_BYTES = 1_000_000  # ours stay far below it, and servers send back a copy at most

_OURS = re.compile(r"<[0-9a-f]{32}@[^\s<>@]{1,253}>")
_ACTION = re.compile(r"\s*(failed|delayed)\b", re.IGNORECASE)
_STATUS = re.compile(r"(?<![0-9.])[45]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")
# Where a server that writes no report begins to quote: Exim's line and qmail's (QSBMF, cr.yp.to/proto/qsbmf.txt).
_COPY = re.compile(r"^-{3,}.*\bcopy of (?:the|your) message\b.*$", re.IGNORECASE | re.MULTILINE)
_MAILS = frozenset({"message/rfc822", "message/global", "message/global-headers"})
_QMAIL = "Hi. This is the"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What became of one of our mails, known by its Message-ID.

    ``action`` is "failed" (given up) or "delayed" (still tried). ``status`` is a code of RFC 3463 such as
    "5.1.1", its detail 0 where none was given.
    """

    message_id: str
    status: str
    action: str


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the mail with this key: it follows from the key, so that a bounce leads back to it."""
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def read(raw: bytes) -> Bounce | None:
    """The bounce in a mail; None if it is none, tells of a success, or does not name a mail of ours."""
    # RFC 6533's report differs in its character set alone, but the parser knows only the older name.
    raw = re.sub(rb"(?i)\bmessage/global-delivery-status\b", b"message/delivery-status", raw[:MAX_BYTES])
    try:
        mail = message_from_bytes(raw, policy=compat32)
        found = _reported(mail) or _told(mail)
        known = next(_ids(mail), "")
    except RecursionError:
        return None  # parts within parts without end: no mail server writes that
    return Bounce(message_id=known, action=found[0], status=found[1]) if found and known else None


def _reported(mail: Message) -> tuple[str, str] | None:
    """The gravest action and its status in the machine-readable part, if there is one."""
    found = [
        _outcome(block, action[1].lower())
        for part in mail.walk()
        if part.get_content_type() == "message/delivery-status"
        for block in _blocks(part)
        if (action := _ACTION.match(str(block.get("Action", ""))))
    ]
    return min(found, key=lambda one: one[0] != "failed", default=None)


def _blocks(part: Message) -> list[Message]:
    """What the parser made of a part that holds messages or groups of fields; empty where it made nothing."""
    # Asked of plain text, get_payload() would decode it by the charset that it claims, and may fail.
    payload = part.get_payload() if part.is_multipart() else ()
    return [block for block in payload if isinstance(block, Message)]


def _outcome(block: Message, action: str) -> tuple[str, str]:
    words = " ".join(str(block.get(name, "")) for name in ("Status", "Diagnostic-Code"))
    status = _STATUS.search(words)
    return action, status[0] if status else ("5.0.0" if action == "failed" else "4.0.0")


def _told(mail: Message) -> tuple[str, str] | None:
    """The same of a bounce in plain words: those of Exim and qmail come only when they gave up."""
    text = "" if mail.is_multipart() else _text(mail)
    if "X-Failed-Recipients" not in mail and not text.startswith(_QMAIL):
        return None
    status = _STATUS.search(_COPY.split(text, maxsplit=1)[0])
    return "failed", status[0] if status else "5.0.0"


def _ids(mail: Message) -> Iterator[str]:
    """Our Message-IDs in what came back: first that of the quoted mail, then those that the bounce refers to."""
    for quoted in _quoted(mail):
        yield from _OURS.findall(str(quoted.get("Message-ID", "")))
    for name in ("In-Reply-To", "References"):
        yield from _OURS.findall(str(mail.get(name, "")))


def _quoted(mail: Message) -> Iterator[Message]:
    """The mails, or the headers of mails, that came back within this one."""
    for part in mail.walk():
        if part.get_content_type() in _MAILS:
            yield from _blocks(part)[:1]
        elif part.get_content_type() == "text/rfc822-headers":
            yield message_from_string(_text(part), policy=compat32)
    if not mail.is_multipart():
        for copy in _COPY.split(_text(mail), maxsplit=1)[1:]:
            yield message_from_string(copy.lstrip(), policy=compat32)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
