"""Mail by SMTP, with TLS whose certificates are checked and no silent step down from it."""

import smtplib
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from alerts.channels._mime import build
from alerts.channels._server import Options
from alerts.channels._smtp import connect, send_error
from core.telling import Message

__all__ = ["KIND", "Mailer", "Options", "check", "send"]

KIND = "mail"
PORTS = {"none": 25, "starttls": 587, "tls": 465}


class Mailer:
    """One connection for many messages: opened when first needed, opened again after a drop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            # What was sent is sent: a failed farewell changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._drop()

    def send(self, message: Message) -> None:
        """Hands one message to the server; raises SendError, which never holds an address."""
        mail = build(message, self._options.sender, datetime.now(UTC))
        try:
            # On a refusal smtplib itself sends RSET, so the connection serves the next message.
            self._connection().send_message(
                mail, from_addr=parseaddr(self._options.sender)[1], to_addrs=[message.to]
            )
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            raise send_error(error) from None  # the cause would quote the server, and with it the address
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise send_error(error) from None

    def check(self) -> None:
        """Connects and logs in, and sends nothing; raises SendError."""
        try:
            self._connection()
        except (smtplib.SMTPException, OSError) as error:
            raise send_error(error) from None

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is not None:
            # A server may hang up between two messages; asking first keeps one from being sent twice.
            with suppress(smtplib.SMTPException, OSError):
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            self._drop()
        there = self._options
        self._smtp = connect(
            there.host,
            there.port or PORTS[there.security],
            security=there.security,
            timeout=there.timeout,
            ca_file=there.ca_file,
            log_in=(there.username, there.password.get_secret_value()) if there.password else None,
        )
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def send(message: Message, options: Options) -> None:
    """Sends one message over a connection of its own; raises SendError."""
    with Mailer(options) as mailer:
        mailer.send(message)


def check(options: Options) -> None:
    """Connects and logs in, and sends nothing; raises SendError."""
    with Mailer(options) as mailer:
        mailer.check()
