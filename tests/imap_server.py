"""A real IMAP server (pymap, in memory) on loopback, in a thread with a loop of its own."""

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage

CAME = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)
USER = "redshank@oakfield.example"
SAMPLES = Path(__file__).parent / "samples" / "mailbox"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; what is asked of it runs in its own loop."""

    port: int
    _loop: asyncio.AbstractEventLoop
    _backend: DictBackend

    def put(self, *mails: bytes, folder: str = "INBOX", came: datetime = CAME) -> None:
        """Deliver mails."""
        self._run(self._put(mails, folder, came))

    def flags(self, folder: str = "INBOX") -> list[frozenset[str]]:
        """The permanent flags of each mail, in order."""
        return self._run(self._flags(folder))

    def renew(self) -> None:
        """Make the mailbox anew and empty: with another UIDVALIDITY."""
        self._backend.config.set_cache.clear()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _box(self, folder: str) -> Any:
        async with self._backend.login.demo_user_identity.new_session() as session:
            if folder != "INBOX" and folder not in {
                one.name for one in (await session.mailbox_set.list_mailboxes()).list()
            }:
                await session.mailbox_set.add_mailbox(folder)
            return await session.mailbox_set.get_mailbox(folder)

    async def _put(self, mails: Sequence[bytes], folder: str, came: datetime) -> None:
        box = await self._box(folder)
        for mail in mails:
            await box.append(AppendMessage(mail, came, frozenset()), recent=True)

    async def _flags(self, folder: str) -> list[frozenset[str]]:
        box = await self._box(folder)
        return [frozenset(map(str, message.permanent_flags)) async for message in box.messages()]


@contextmanager
def running(
    password: str, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """A server with one user (``USER``) and an empty mailbox."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        backend, config = runner.run(DictBackend.init(_arguments(password, starttls), **_settings(starttls)))
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        listening = runner.run(asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls))
        thread = threading.Thread(target=_serve, args=(loop, config), daemon=True)
        thread.start()
        try:
            yield Server(listening.sockets[0].getsockname()[1], loop, backend)
        finally:
            asyncio.run_coroutine_threadsafe(_close(listening), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)


def _serve(loop: asyncio.AbstractEventLoop, config: Config) -> None:
    config.apply_context()
    loop.run_forever()


async def _close(listening: asyncio.Server) -> None:
    listening.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _arguments(password: str, starttls: ssl.SSLContext | None) -> Namespace:
    return Namespace(
        host="127.0.0.1",
        port=0,
        debug=False,
        cert=None,
        key=None,
        tls=starttls is not None,
        demo_data=False,
        demo_user=USER,
        demo_password=password,
        passlib_cfg=None,
        proxy_protocol=None,
    )


def _settings(starttls: ssl.SSLContext | None) -> dict[str, Any]:
    given: dict[str, Any] = {"reject_dnsbl": False, "invalid_user_sleep": 0.0}
    return given | ({"ssl_context": starttls} if starttls else {})
