"""Mail read over IMAP: guarded connections, nothing marked, moved or deleted, and no server that holds or floods us.

The folder is opened with EXAMINE and mails are read with BODY.PEEK, so that the mailbox stays as people left it.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date

from imap_tools import BaseMailBox
from imap_tools.errors import (
    ImapToolsError,
    MailboxFolderSelectError,
    MailboxFolderStatusError,
    MailboxLoginError,
)
from pydantic import SecretStr

from connectors._failures import translated
from connectors._guard import connect, tls_context
from connectors._http import Client
from core.errors import FetchError

MOST_MAIL = 1024 * 1024  # bytes read of one mail: what is longer is cut, and its end is mostly attachments
MOST_VISIT = 64 * 1024 * 1024
MOST_ANSWER = 16 * 1024 * 1024  # bytes in answer to one command
_NO = "refuses the user name or the password"
# As RFC 3501 writes them, whatever the locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What a server says no with that is no wrong password (RFC 5530 section 3).
_LATER = re.compile(rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where a mailbox is and how it is opened; ``security`` is "tls", "starttls" or "plain"."""

    host: str
    port: int
    security: str
    user: str
    password: SecretStr
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a folder says of itself: while ``validity`` stays, a UID names the same mail; ``following`` is the next."""

    validity: int
    following: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a visit read: mails by their UIDs, and whether they are all that was wanted."""

    state: State
    mails: Mapping[int, bytes]
    whole: bool


class _Connection(imaplib.IMAP4):
    """A guarded connection; each command has the client's time and ``MOST_ANSWER`` bytes for its answer."""

    def __init__(self, box: Box, client: Client) -> None:
        self._client = client
        self._tls = box.security == "tls"
        self._room = MOST_ANSWER
        super().__init__(box.host, box.port, client.timeout)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        sock = connect(self._client.guard, self.host, self.port, timeout, ())
        if not self._tls:
            return sock  # type: ignore[return-value]  # the stubs know the encrypted one alone
        return tls_context(self._client.ca_file).wrap_socket(sock, server_hostname=self.host)

    def turn(self) -> None:
        """Begin another command: its time and room are full."""
        self._room = MOST_ANSWER
        self.sock.settimeout(self._client.timeout)

    def read(self, size: int) -> bytes:
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        try:
            line = super().readline()
        except self.error:
            raise self.abort("a line is too long") from None
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise self.abort("the answer is too long")


class Mailbox(BaseMailBox):
    """A folder that is open for reading."""

    client: _Connection

    def __init__(self, box: Box, client: Client) -> None:
        self._box = box
        self._asking = client
        super().__init__()

    def _get_mailbox_client(self) -> _Connection:
        return _Connection(self._box, self._asking)

    def state(self) -> State:
        """The folder's UIDVALIDITY and UIDNEXT, 0 where the server does not say."""
        self.client.turn()
        told = self.folder.status(self._box.folder, ["UIDVALIDITY", "UIDNEXT"])
        return State(validity=told.get("UIDVALIDITY", 0), following=told.get("UIDNEXT", 0))

    def after(self, uid: int) -> list[int]:
        """The UIDs above this one, in their order."""
        # "*" is the last mail, also where that is below what is asked for.
        return [found for found in self._search(f"UID {uid + 1}:*") if found > uid]

    def since(self, day: date) -> list[int]:
        """The UIDs of what came on that day or later."""
        return self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def _search(self, criteria: str) -> list[int]:
        self.client.turn()
        return sorted(int(uid) for uid in self.uids(criteria, None))

    def raw(self, uid: int) -> bytes:
        """A mail as it came, cut after ``MOST_MAIL`` bytes; empty where it has gone in the meantime."""
        self.client.turn()
        status, data = self.client.uid("fetch", str(uid), f"(BODY.PEEK[]<0.{MOST_MAIL}>)")
        if status != "OK":
            raise self.client.abort("a mail is not given")
        return next((part[1] for part in data if isinstance(part, tuple)), b"")


def read(box: Box, client: Client, wanted: Callable[[Mailbox, State], Sequence[int]]) -> Read:
    """Open a folder and read the mails that ``wanted`` chooses, in its order, as far as ``MOST_VISIT`` allows.

    Raises FetchError, and nothing else.
    """
    if box.security == "plain" and not client.guard.names(box.host, box.port):
        raise FetchError(
            f'{box.host}: mail is read in the clear only from a host that allow_hosts names; set security = "tls"',
            temporary=False,
        )
    with _translated(box.host):
        mailbox = Mailbox(box, client)
        try:
            _log_in(mailbox, box, client)
            return _read(mailbox, box.folder, wanted)
        except UnicodeDecodeError:
            raise imaplib.IMAP4.abort("an answer is no text") from None
        finally:
            _hang_up(mailbox)


def _read(mailbox: Mailbox, folder: str, wanted: Callable[[Mailbox, State], Sequence[int]]) -> Read:
    state = mailbox.state()
    mailbox.client.turn()
    mailbox.folder.set(folder, readonly=True)
    uids = wanted(mailbox, state)
    mails: dict[int, bytes] = {}
    for uid in uids:
        mails[uid] = mailbox.raw(uid)
        if sum(map(len, mails.values())) > MOST_VISIT:
            break
    return Read(state=state, mails=mails, whole=len(mails) == len(uids))


def _log_in(mailbox: Mailbox, box: Box, client: Client) -> None:
    mailbox.client.turn()
    if box.security == "starttls":
        mailbox.client.starttls(tls_context(client.ca_file))
    if "LOGINDISABLED" in mailbox.client.capabilities:
        raise FetchError(f'{box.host} takes no password in the clear; set security = "tls"', temporary=False)
    words = (box.user, box.password.get_secret_value())
    try:
        if all(word.isascii() for word in words):
            mailbox.login(*words, initial_folder=None)
        else:
            mailbox.login_utf8(*words, initial_folder=None)
    except MailboxLoginError as error:
        raise _refused(f"{box.host} {_NO}", error.command_result) from None
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:  # what imaplib makes of a refused AUTHENTICATE
        raise _refused(f"{box.host} {_NO}", ("", *error.args)) from None


def _hang_up(mailbox: Mailbox) -> None:
    with suppress(imaplib.IMAP4.error, ImapToolsError, OSError, ValueError):
        mailbox.client.turn()
        mailbox.logout()
    with suppress(OSError):
        mailbox.client.shutdown()


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """Nobody above sees an exception of imaplib or imap_tools, whose words quote the server and the mails."""
    try:
        with translated(host):
            yield
    except (MailboxFolderSelectError, MailboxFolderStatusError) as error:
        raise _refused(f"{host} does not open the folder", error.command_result) from None
    except (imaplib.IMAP4.error, ImapToolsError, LookupError, TypeError, AttributeError):
        raise FetchError(f"{host} broke off or does not speak IMAP as we do", temporary=True) from None


def _refused(what: str, result: Sequence[object]) -> FetchError:
    said = repr(result[1:]).encode()
    return FetchError(what, temporary=bool(_LATER.search(said)))
