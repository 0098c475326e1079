"""Reads a WebSocket for a while: a guarded connection, checked TLS, no compression, messages of bounded size."""

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from connectors._failures import refusal, translated
from connectors._guard import connect as guarded
from connectors._guard import tls_context
from connectors._http import Client
from core.errors import FetchError

PING_SECONDS = 20.0  # a server that answers no ping for that long is taken to be gone
CLOSE_SECONDS = 2.0

# At its most talkative the library would log what people wrote.
_silent = logging.Logger("websockets.silent", logging.CRITICAL + 1)


def messages(url: str, client: Client, *, seconds: float, most_bytes: int) -> Generator[bytes, None, None]:
    """What a stream sends within so many seconds of being opened; close the iterator to hang up.

    Raises:
        FetchError: the stream cannot be opened, or is closed by the other side (temporary).
    """
    ends = time.monotonic() + seconds
    with _opened(url, client, most_bytes) as connection:
        while (left := ends - time.monotonic()) > 0:
            try:
                message = connection.recv(timeout=left, decode=False)
            except TimeoutError:
                return
            yield message


@contextmanager
def _opened(url: str, client: Client, most_bytes: int) -> Iterator[Connection]:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "wss"
    client.spend()
    with translated(host), _explained(host, client):
        sock = guarded(client.guard, host, parts.port or (443 if secure else 80), client.timeout, None)
        sock.settimeout(None)  # the library keeps its own time
        with connect(
            url,
            sock=sock,
            ssl=tls_context(client.ca_file) if secure else None,
            compression=None,
            user_agent_header=client.user_agent,
            open_timeout=client.timeout,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            close_timeout=CLOSE_SECONDS,
            max_size=most_bytes,
            logger=_silent,
        ) as connection:
            yield connection


@contextmanager
def _explained(host: str, client: Client) -> Iterator[None]:
    """Nobody above sees an exception of the library, whose texts may quote what was sent."""
    try:
        yield
    except InvalidStatus as error:
        answer = error.response
        raise refusal(host, answer.status_code, answer.headers, client.now()) from None
    except ConnectionClosed as error:
        code = f" (code {error.rcvd.code})" if error.rcvd else ""
        raise FetchError(f"{host} closed the stream{code}", temporary=True) from None
    except WebSocketException:
        raise FetchError(f"{host} does not answer as a WebSocket does", temporary=True) from None
