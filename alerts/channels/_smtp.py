"""The connection to a mail server, and what its failures mean to us.

A server's own words may quote the recipient's address, so only its codes are kept: the reply code
(RFC 5321 section 4.2) and, where it gave one, the enhanced status code (RFC 3463).
"""

import re
import smtplib
import ssl
from pathlib import Path

from alerts.channels._net import no_answer
from core.errors import SendError

# The operator's to put right, so the mail stays in the queue: log-in wanted or refused (RFC 4954 section 6).
_LOG_IN_CODES = frozenset({454, 530, 534, 535, 538})

# The first that fits counts, so a special case stands before the general one.
_NO_SMTP: tuple[tuple[type[Exception], str], ...] = (
    (
        smtplib.SMTPNotSupportedError,
        "the mail server lacks STARTTLS, log-in or UTF-8 addresses; nothing was sent",
    ),
    (smtplib.SMTPServerDisconnected, "the mail server closed the connection"),
    (smtplib.SMTPException, "the mail server did not keep to SMTP"),
)


def connect(
    host: str,
    port: int,
    *,
    security: str,
    timeout: float,
    ca_file: Path | None,
    log_in: tuple[str, str] | None,
) -> smtplib.SMTP:
    """An open connection, secured as ``security`` says ("none", "starttls", "tls") and logged in.

    Raises what smtplib, socket and ssl raise, and closes the connection then; the certificate is always
    checked, and a server without STARTTLS is an error where it is asked for.
    """
    smtp: smtplib.SMTP
    if security == "tls":
        context = ssl.create_default_context(cafile=ca_file)
        smtp = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(host, port, timeout=timeout)
    try:
        if security == "starttls":
            smtp.starttls(context=ssl.create_default_context(cafile=ca_file))
        if log_in:
            smtp.login(*log_in)
    except BaseException:
        smtp.close()
        raise
    return smtp


def send_error(error: Exception) -> SendError:
    """The SendError for an exception of smtplib, socket or ssl.

    Final are only a recipient refused and a mail refused by a 5xx code: all else is the network's, the
    server's or the operator's to put right, and giving the mail up would leave somebody untold.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _answer("refused the recipient", code, words, final=True)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _answer("refused our log-in; check [mail]", error.smtp_code, error.smtp_error, final=False)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _answer("refused our sender; check [mail]", error.smtp_code, error.smtp_error, final=False)
    if isinstance(error, smtplib.SMTPDataError):
        return _answer("refused the mail", error.smtp_code, error.smtp_error, final=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer("turned us away", error.smtp_code, error.smtp_error, final=False)
    return SendError(_no_answer(error), temporary=True)


def _answer(what: str, code: int, words: bytes | str, *, final: bool) -> SendError:
    said = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)", said)
    codes = f"{code} {status.group()}" if status else str(code)
    lasting = final and 500 <= code < 600 and code not in _LOG_IN_CODES
    return SendError(f"the mail server {what} ({codes})", temporary=not lasting)


def _no_answer(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, OSError):
        # smtplib calls every failure to read a reply a lost connection; a time-out is told apart here.
        error = error.__context__
    for kind, words in _NO_SMTP:
        if isinstance(error, kind):
            return words
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLCertVerificationError):
        return "no secure connection to the mail server: does [mail] security fit its port?"
    return no_answer(error, "the mail server")
