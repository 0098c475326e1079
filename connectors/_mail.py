"""Who sent a mail, and what it says; attachments are never opened. Pure."""

import re
from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from connectors._mail_links import from_plain


def read_mail(raw: bytes) -> EmailMessage:
    """A mail as its parts; may raise anything for a hostile one."""
    return message_from_bytes(raw, policy=default)


def page_of(mail: EmailMessage) -> str:
    """The mail's body as HTML."""
    body = mail.get_body(("html", "plain"))
    if body is None:
        return ""
    content = body.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        text = raw.decode(body.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return text if body.get_content_type() == "text/html" else from_plain(text)


def sender_of(mail: EmailMessage) -> str:
    """The address in From, in small letters; empty where there is none."""
    addresses = getattr(mail.get("from"), "addresses", ())
    return str(addresses[0].addr_spec).lower() if addresses else ""


def welcome(sender: str, senders: Sequence[str]) -> bool:
    """Whether an address, or its domain, is among those whose mails are read; everybody is where none are named."""
    return not senders or any(
        f"@{one.lower().lstrip('@')}" in (f"@{sender}", f"@{sender.rpartition('@')[2]}") for one in senders
    )


def genuine(mail: EmailMessage, sender: str, trust: str) -> bool:
    """Whether the trusted server found DMARC, or a DKIM signature of the sender's own domain, to pass (RFC 8601)."""
    if not trust:
        return True
    for header in mail.get_all("authentication-results", ()):
        server, *found = _without_comments(" ".join(str(header).lower().split())).split(";")
        if server.split()[:1] == [trust.lower()]:  # the uppermost was added last, on the way in
            return any(_passes(one.strip(), f".{sender.rpartition('@')[2]}") for one in found)
    return False


# What is quoted or in parentheses may be the sender's own words.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"|\([^()"]*+\)')


def _without_comments(header: str) -> str:
    """A header without what is quoted in it; nothing where that has no end or is nested as no server nests it."""
    for _ in range(3):
        header = _QUOTED.sub(" ", header)
    return "" if re.search(r'["()]', header) else header


def _passes(found: str, home: str) -> bool:
    """Whether one finding of a server speaks for a mail of this domain: its method stands first in it."""
    signed = re.findall(r"\sheader\.[di]=[^\s]*?@?([a-z0-9.-]+)(?=\s|$)", found)
    return bool(
        re.match(r"dmarc=pass\b", found)
        or (re.match(r"dkim=pass\b", found) and any(home.endswith(f".{one}") for one in signed))
    )
