"""Reads a WebSocket for a while: a guarded connection, checked TLS, no compression, messages of bounded size.

The library speaks the protocol (RFC 6455) without a socket of its own, and one thread reads and writes: a TLS
connection that is read and written by two at once breaks now and then.
"""

import logging
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from connectors._failures import refusal, translated
from connectors._guard import connect, tls_context
from connectors._http import Client
from core.errors import FetchError

CLOSE_SECONDS = 2.0
_CHUNK = 64 * 1024

# At its most talkative the library would log what people wrote.
_silent = logging.Logger("websockets.silent", logging.CRITICAL + 1)


def messages(url: str, client: Client, *, seconds: float, most_bytes: int) -> Generator[bytes, None, None]:
    """What a stream sends within so many seconds of being opened; close the iterator to hang up.

    Raises:
        FetchError: the stream cannot be opened, or is closed by the other side (temporary).
    """
    host = urlsplit(url).hostname or ""
    client.spend()
    with translated(host), _explained(host, client), _connected(url, host, client) as sock:
        talk = _Talk(sock, ClientProtocol(parse_uri(url), max_size=most_bytes, logger=_silent))
        talk.open(client.user_agent, client.timeout)
        ends = time.monotonic() + seconds
        yield from talk.messages()  # what came with the answer to the handshake
        while (left := ends - time.monotonic()) > 0:
            try:
                yield from talk.receive(left)
            except TimeoutError:
                break
        talk.close()


class _Talk:
    """One connection: what the protocol wants to send goes out, and what comes in is given as whole messages."""

    def __init__(self, sock: socket.socket, protocol: ClientProtocol) -> None:
        self._sock = sock
        self._protocol = protocol
        self._pieces: list[bytes] = []

    def open(self, user_agent: str, seconds: float) -> None:
        """Shake hands; raises WebSocketException, or TimeoutError where that takes longer."""
        request = self._protocol.connect()
        request.headers["User-Agent"] = user_agent
        self._protocol.send_request(request)
        self._sock.settimeout(seconds)
        self._send()
        while self._protocol.state is State.CONNECTING:
            self._read()
        if self._protocol.handshake_exc:
            raise self._protocol.handshake_exc

    def receive(self, seconds: float) -> Iterator[bytes]:
        """The messages that come in next; raises TimeoutError where none comes in so many seconds."""
        self._sock.settimeout(seconds)
        self._read()
        yield from self.messages()

    def close(self) -> None:
        """Say goodbye; the other side need not answer."""
        with suppress(OSError):
            self._sock.settimeout(CLOSE_SECONDS)
            self._protocol.send_close(1000)
            self._send()

    def _read(self) -> None:
        data = self._sock.recv(_CHUNK)
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._send()  # a ping is answered

    def _send(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._sock.sendall(data)

    def messages(self) -> Iterator[bytes]:
        """The messages that have come in; what came before the other side hung up is given first."""
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._pieces.append(bytes(event.data))
                if event.fin:
                    yield b"".join(self._pieces)
                    self._pieces.clear()
        if self._protocol.parser_exc:
            raise WebSocketException("the frames cannot be read")
        if self._protocol.state is not State.OPEN:
            said = self._protocol.close_rcvd
            raise _ClosedError(said.code if said else None)


class _ClosedError(Exception):
    """The other side hung up, with or without a code (RFC 6455 section 7.4)."""

    def __init__(self, code: int | None) -> None:
        super().__init__()
        self.code = code


@contextmanager
def _connected(url: str, host: str, client: Client) -> Iterator[socket.socket]:
    parts = urlsplit(url)
    secure = parts.scheme == "wss"
    sock = connect(client.guard, host, parts.port or (443 if secure else 80), client.timeout, None)
    try:
        if secure:
            sock = tls_context(client.ca_file).wrap_socket(sock, server_hostname=host)
        yield sock
    finally:
        sock.close()


@contextmanager
def _explained(host: str, client: Client) -> Iterator[None]:
    """Nobody above sees an exception of the library, whose texts may quote what was sent."""
    try:
        yield
    except InvalidStatus as error:
        answer = error.response
        raise refusal(host, answer.status_code, answer.headers, client.now()) from None
    except _ClosedError as error:
        code = f" (code {error.code})" if error.code else ""
        raise FetchError(f"{host} closed the stream{code}", temporary=True) from None
    except WebSocketException:
        raise FetchError(f"{host} does not answer as a WebSocket does", temporary=True) from None
