"""The demo world on the air: its four feeds over real HTTP on loopback, with ETags (RFC 9110 section 8.8)."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from redshank.demo import feeds
from redshank.demo.posts import SOURCES, Post, load

__all__ = ["SOURCES", "Post", "World", "feed", "load", "serve"]


def feed(source: str, now: datetime, *, edited: bool = False) -> tuple[bytes, str]:
    """The bytes and the content type of one source's feed as of ``now``; for errors see ``feeds.feed``."""
    return feeds.feed(source, load(), now, edited=edited)


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


class _Server(ThreadingHTTPServer):
    # Handler threads are joined when the server closes: none may outlive the block that opened it.
    daemon_threads = False

    def __init__(self, pages: Mapping[str, _Page]) -> None:
        self.pages = pages
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path)
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        unchanged = self.headers.get("If-None-Match") == page.etag
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK)
        self.send_header("ETag", page.etag)
        if not unchanged:
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if not unchanged:
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the demo's output is the reader's."""


class World:
    """The served world: ``urls`` gives each source's address, ``posts`` what is on them."""

    def __init__(self, server: _Server, posts: list[Post], now: datetime) -> None:
        self._server = server
        self._now = now
        self.posts = posts
        self.urls: dict[str, str] = {
            source: f"http://127.0.0.1:{server.server_port}/{source}" for source in SOURCES
        }

    def edit(self) -> None:
        """Let the authors who change their posts later do so now: those feeds get another ETag."""
        self._server.pages = _pages(self.posts, self._now, edited=True)


def _pages(posts: list[Post], now: datetime, *, edited: bool) -> dict[str, _Page]:
    return {f"/{source}": _Page(*feeds.feed(source, posts, now, edited=edited)) for source in SOURCES}


@contextmanager
def serve(now: datetime) -> Iterator[World]:
    """Serve all four feeds as of ``now`` on a free port of 127.0.0.1 until the block ends."""
    posts = load()
    with _Server(_pages(posts, now, edited=False)) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), name="demo-world")
        thread.start()
        try:
            yield World(server, posts, now)
        finally:
            server.shutdown()
            thread.join()
