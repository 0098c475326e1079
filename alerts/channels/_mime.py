"""A message as the bytes of a mail: text and HTML as alternatives, pictures beside the HTML (pure)."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import cast

from alerts.bounces import message_id
from alerts.words.phrases import one_line
from core.errors import SendError
from core.telling import Message

_HEADER = 500


def build(message: Message, sender: str, date: datetime) -> EmailMessage:
    """The mail for a message, ready for SMTP.

    The Message-ID follows from the key alone, so that a repeat is recognisably the same mail (RFC 5322
    section 3.6.4). It says that a machine wrote it (RFC 3834), so that no out-of-office note answers. Raises
    SendError (not temporary) if the address cannot stand in a header.
    """
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    try:
        origin = Address(display_name=name or "Redshank", addr_spec=address)
        mail["From"] = origin
        mail["To"] = Address(addr_spec=message.to)
    except (MessageError, ValueError, IndexError):
        # Their words quote the address.
        raise SendError("the recipient's address cannot be written in a mail", temporary=False) from None
    mail["Subject"] = one_line(message.subject, 200)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id(message.key, origin.domain)
    mail["List-Id"] = f"<redshank.{origin.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    # Quoted-printable keeps to 7 bits and short lines, whatever the servers on the way can do.
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    html = cast("EmailMessage", list(mail.iter_parts())[-1])
    for image in message.images:
        html.add_related(
            image.png, maintype="image", subtype="png", cid=f"<{image.cid}>", disposition="inline"
        )
    # A header of 78 characters may be broken before its first word, which then begins with a blank. Lines of up to 998
    # are allowed (RFC 5322 section 2.1.1), and no header of ours is longer than this.
    mail.policy = SMTP.clone(max_line_length=_HEADER)
    return mail
