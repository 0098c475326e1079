"""Nothing said is lost: `redshank collect` killed at any moment, then run again."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

KILLS = 50
ENTRIES = 5_000

CONFIG = """\
[organisation]
name = "Oakfield House"
[governance]
dpia = "TEST"
[fetch]
contact = "test@oakfield.example"
[storage]
url = "sqlite:///redshank.db"
[[sources]]
name = "town"
kind = "rss"
first_run = "tell"
url = "http://127.0.0.1:{port}/feed"
allow_hosts = ["127.0.0.1"]
"""


class Feed(ThreadingHTTPServer):
    """An RSS feed that shows its first ``shown`` entries, and tells when somebody has read it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.shown = 0
        self.was_read = threading.Event()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        items = "".join(
            f"<item><guid>post-{number}</guid><title>Post {number}</title>"
            f"<link>http://town.example/{number}</link><description>Words of post {number}.</description></item>"
            for number in range(self.server.shown)
        )
        body = f'<rss version="2.0"><channel><title>Town</title>{items}</channel></rss>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.was_read.set()

    def log_message(self, *args):
        pass


@pytest.fixture
def feed():
    with Feed() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _collect(config):
    command = [sys.executable, "-m", "redshank", "-c", str(config), "collect"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _finish(config):
    process = _collect(config)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()


def _kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _rows(path, query):
    with sqlite3.connect(path) as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_fifty_kills_lose_nothing_and_double_nothing(feed, tmp_path):
    chance = random.Random(1)
    config = tmp_path / "redshank.toml"
    config.write_text(CONFIG.format(port=feed.server_port))
    began = time.monotonic()
    _finish(config)
    whole_run = time.monotonic() - began
    reached = committed = before = 0
    for kill in range(KILLS):
        feed.shown = ENTRIES * (kill + 1) // KILLS
        feed.was_read.clear()
        process = _collect(config)
        if kill % 2:
            # From the moment the feed was handed over: parsing, writing, committing.
            assert feed.was_read.wait(60)
            moment = chance.uniform(0, whole_run)
        else:
            moment = chance.uniform(0, 1.5 * whole_run)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            reached += 1
        _kill(process)
        # Whatever was committed is whole: no cursor without its mentions, no half of a batch.
        kept = {key for (key,) in _rows(tmp_path / "redshank.db", "SELECT key FROM mention")}
        counted = _rows(
            tmp_path / "redshank.db", "SELECT mentions FROM source_state WHERE cursor IS NOT NULL"
        )
        committed, before = committed + (len(kept) > before), len(kept)
        assert len(kept) in {ENTRIES * done // KILLS for done in range(kill + 2)}
        assert sum(number for (number,) in counted) == len(kept)
    _finish(config)
    keys = [key for (key,) in _rows(tmp_path / "redshank.db", "SELECT key FROM mention")]
    assert len(keys) == len(set(keys)) == ENTRIES
    assert {int(key.rpartition("-")[2]) for key in keys} == set(range(ENTRIES))
    assert _rows(tmp_path / "redshank.db", "SELECT count(*) FROM mention WHERE version <> 1") == [(0,)]
    print(f"{KILLS} kills, {reached} of a running process; {committed} runs had committed by then")
    assert reached >= KILLS // 3, "too few kills hit a running process to prove anything"
