"""A mail server for the demo: it takes every message on loopback and lays it down as an ``.eml`` file."""

import asyncio
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_SLUG_LENGTH = 60


def mails(folder: Path) -> list[Path]:
    """The messages in ``folder``, first received first."""
    return sorted(folder.glob("*.eml"), key=lambda path: int(path.name.split("-", 1)[0]))


def slug(subject: str) -> str:
    """A subject as a part of a file name: ASCII letters and digits with dashes between, ``mail`` if none."""
    return re.sub(r"[^a-z0-9]+", "-", subject.lower()).strip("-")[:_SLUG_LENGTH].rstrip("-") or "mail"


class _Handler:
    """Called by aiosmtpd in its one event loop, so messages are numbered one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = int(mails(folder)[-1].name.split("-", 1)[0]) + 1 if mails(folder) else 1

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        content = envelope.original_content or b""
        subject = message_from_bytes(content, policy=policy.default)["subject"] or ""
        # Written beside and then renamed: who lists the folder never meets half a message.
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as part:
            part.write(content)
        Path(part.name).replace(self._folder / f"{self._next:03d}-{slug(subject)}.eml")
        self._next += 1
        return "250 Message accepted for delivery"


class _Controller(Controller):
    """Listens on a socket that is bound already, so that nobody else can take the free port."""

    def __init__(self, handler: _Handler) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self._listener.getsockname()[1])

    def _create_server(self) -> Any:
        loop: asyncio.AbstractEventLoop = self.loop
        return loop.create_server(self._factory_invoker, sock=self._listener)


@contextmanager
def sink(folder: Path) -> Iterator[tuple[str, int]]:
    """Receive mail into ``folder`` (made if missing) until the block ends; gives host and port.

    Files are named ``NNN-subject.eml`` in the order of arrival, going on from what lies there; ``mails``
    lists them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    controller = _Controller(_Handler(folder))
    controller.start()
    try:
        yield controller.hostname, controller.port
    finally:
        controller.stop()
