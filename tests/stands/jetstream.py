"""Jetstream: a WebSocket that gives the events of the sample from the cursor on."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from stands import QUERY

SAMPLE = Path(__file__).parents[1] / "samples" / "jetstream" / "stream.jsonl"
LINES = SAMPLE.read_text(encoding="utf-8").splitlines()
WHO = "at://did:plc:oakfieldsample"
KEYS = tuple(
    f"{WHO}{who}/app.bsky.feed.post/{name}"
    for who, name in [("wren", "3js1"), ("heron", "3js3"), ("plover", "3js6")]
)
Talk = Callable[[ServerConnection, dict[str, list[str]]], None]


def options(base: str) -> dict[str, Any]:
    return {
        "base": base.replace("http://", "ws://").replace("https://", "wss://"),
        "query": QUERY,
        "seconds": 20,
    }


def replay(connection: ServerConnection, asked: dict[str, list[str]], lines: list[str] = LINES) -> None:
    """Send what happened from the cursor on, and then nothing until the other side hangs up."""
    for line in lines:
        if json.loads(line)["time_us"] >= int(asked["cursor"][0]):
            connection.send(line)
    wait(connection)


def wait(connection: ServerConnection) -> None:
    for _ in connection:
        pass


@contextmanager
def serving(talk: Talk = replay, **settings: Any) -> Iterator[str]:
    """The base of a server whose every connection ``talk`` answers."""

    def handle(connection: ServerConnection) -> None:
        assert connection.request
        try:
            talk(connection, parse_qs(urlsplit(connection.request.path).query))
        except ConnectionClosed:
            return

    with serve(handle, "127.0.0.1", 0, **settings) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        scheme = "wss" if "ssl" in settings else "ws"
        try:
            yield f"{scheme}://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join(10)
