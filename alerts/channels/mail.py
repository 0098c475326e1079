"""Mail by SMTP, with TLS whose certificates are checked and no silent step down from it."""

import smtplib
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels._mime import build
from alerts.channels._smtp import connect, send_error
from core.types import Message

PORTS = {"none": 25, "starttls": 587, "tls": 465}


class Options(BaseModel):
    """The table [mail]: ``port`` follows from ``security`` where it is not given, ``timeout`` is in seconds.

    ``ca_file`` (PEM) is trusted in place of the system's authorities. A password is only allowed with
    TLS, or towards this machine itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)

    host: str = Field(pattern=r"^[^\s/@]+$")
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: SecretStr | None = None
    sender: str = Field(alias="from", pattern=r"^[^\r\n]+$")
    timeout: float = Field(default=20, gt=0, le=300)
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not parseaddr(self.sender)[1].isascii() or "@" not in parseaddr(self.sender)[1].strip("@"):
            raise ValueError("from must be an address, such as alerts@oakfield.example")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password go together")
        if self.password and self.security == "none" and self.host not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError('a password needs security = "starttls" or "tls"')
        return self


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
