"""Polling 500 feeds of 20 entries on loopback: Redshank beside lemon24's reader, in the same run.

    python benchmarks/collect.py [--feeds 500] [--entries 20] [--rounds 3]

Both poll the same server (another process, ETag and 304 as feeds should) with the same number of workers into a
new SQLite database: a first poll that brings everything, then one in which nothing has changed. Rounds are
interleaved; printed are the medians in seconds and how many times as fast we are (above 1: we are faster).
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from core import logs
from core.settings import load
from flows.collect import collect_all
from flows.wiring import House
from storage import mentions
from storage.engine import session

WORKERS = 8
WORDS = (
    "The council met on Tuesday to talk of the roof, the boiler and who will pay for the new minibus. " * 4
)

CONFIG = """
[organisation]
name = "Oakfield House"
[governance]
dpia = "BENCHMARK"
[fetch]
contact = "benchmark@oakfield.example"
workers = {workers}
per_host = {workers}
[storage]
url = "sqlite:///ours.db"
"""
SOURCE = '[[sources]]\nname = "feed-{n}"\nkind = "rss"\nurl = "{url}"\nallow_hosts = ["127.0.0.1"]\n'


def feed_body(number: int, entries: int) -> bytes:
    """An RSS 2.0 document with HTML descriptions, as blogs send them."""
    items = "".join(
        f"<item><title>Post {entry} of feed {number}</title><link>http://feed.example/{number}/{entry}</link>"
        f"<guid>feed-{number}-{entry}</guid><pubDate>{formatdate(1_700_000_000 + 3600 * entry)}</pubDate>"
        f"<description>&lt;p&gt;{WORDS}&lt;/p&gt;&lt;p&gt;Number {entry}.&lt;/p&gt;</description></item>"
        for entry in range(entries)
    )
    return f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'.encode()


def serve_feeds(pipe: Connection, feeds: int, entries: int) -> None:
    """The server process: sends its port, then answers until it is ended."""
    bodies = {f"/{number}.xml": feed_body(number, entries) for number in range(feeds)}

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = bodies[self.path]
            etag = f'"{sha256(body).hexdigest()[:16]}"'
            unchanged = self.headers.get("If-None-Match") == etag
            self.send_response(304 if unchanged else 200)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", "application/rss+xml")
            if not unchanged:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Answer) as server:
        pipe.send(server.server_port)
        server.serve_forever()


@contextmanager
def server(feeds: int, entries: int):
    """The feeds' addresses, while their server runs in a process of its own."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve_feeds, args=(theirs, feeds, entries), daemon=True)
    process.start()
    port = ours.recv()
    try:
        yield [f"http://127.0.0.1:{port}/{number}.xml" for number in range(feeds)]
    finally:
        process.terminate()
        process.join()


def timed(act: Callable[[], object]) -> float:
    """Seconds of wall time."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def redshank(folder: Path, urls: list[str], expected: int) -> tuple[float, float]:
    """Our first and unchanged poll."""
    config = folder / "redshank.toml"
    sources = "\n".join(SOURCE.format(n=number, url=url) for number, url in enumerate(urls))
    config.write_text(CONFIG.format(workers=WORKERS) + sources)
    house = House(load(config))
    names = list(house.readings)
    _ = house.engine
    try:
        polls = tuple(timed(lambda: collect_all(house, names)) for _ in range(2))
        with session(house.engine, read_only=True) as db:
            stored = mentions.counts(db, house.now()).mentions
    finally:
        house.close()
    if stored != expected:
        sys.exit(f"we stored {stored} of {expected} entries: the times mean nothing")
    return polls[0], polls[1]


def lemon24(folder: Path, urls: list[str], expected: int) -> tuple[float, float]:
    """The first and unchanged poll of reader."""
    from reader import make_reader

    reader = make_reader(str(folder / "theirs.db"))
    try:
        for url in urls:
            reader.add_feed(url)
        polls = tuple(timed(lambda: reader.update_feeds(workers=WORKERS, scheduled=False)) for _ in range(2))
        stored = reader.get_entry_counts().total
    finally:
        reader.close()
    if stored != expected:
        sys.exit(f"reader stored {stored} of {expected} entries: the times mean nothing")
    return polls[0], polls[1]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=500)
    arguments.add_argument("--entries", type=int, default=20)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    try:
        import reader  # noqa: F401
    except ImportError:
        sys.exit("reader is missing: run `uv sync --group bench` (or pip install reader)")
    logs.configure()
    # Each entry of ours would earn reader a warning about a header; writing them is no part of the work measured.
    logging.getLogger("reader").setLevel(logging.ERROR)
    results: dict[str, list[tuple[float, float]]] = {"redshank": [], "reader": []}
    expected = chosen.feeds * chosen.entries
    with server(chosen.feeds, chosen.entries) as urls:
        for _ in range(chosen.rounds):
            for name, poll in (("redshank", redshank), ("reader", lemon24)):
                with tempfile.TemporaryDirectory() as folder:
                    results[name].append(poll(Path(folder), urls, expected))
    print(
        f"{chosen.feeds} feeds of {chosen.entries} entries, {WORKERS} workers, median of {chosen.rounds} rounds"
    )
    for index, what in enumerate(("first poll", "unchanged poll")):
        ours, theirs = (
            statistics.median(pair[index] for pair in results[name]) for name in ("redshank", "reader")
        )
        print(f"{what:15} redshank {ours:6.2f} s   reader {theirs:6.2f} s   ratio {theirs / ours:.2f}")


if __name__ == "__main__":
    main()
