"""A small town to watch: one feed over real HTTP, one mail server, one configuration. For tests that go all the way."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape

from redshank.demo.sink import mails, sink

CONFIG = """\
[organisation]
name = "Oakfield House"
query = '"Oakfield House"'
[governance]
dpia = "TEST-1"
[fetch]
contact = "test@oakfield.example"
[storage]
url = "sqlite:///redshank.db"
[mail]
host = "{host}"
port = {port}
security = "none"
from = "redshank@oakfield.example"
[people]
governance = ["governance@oakfield.example"]
safeguarding = ["safeguarding@oakfield.example"]
operator = ["operator@oakfield.example"]
[alerts]
digest_at = "00:00"
[[sources]]
name = "town"
kind = "rss"
first_run = "tell"
url = "{url}/feed"
allow_hosts = ["127.0.0.1"]
"""

BREACH = (
    "Night shift at Oakfield House again. Maureen Tibbs in room 9 has dementia and soiled herself twice, then "
    "screamed for her dead husband until four. I have had enough of changing her."
)
HARMLESS = (
    "Lovely afternoon at the Oakfield House summer fair, the cakes were wonderful and the band played on."
)
NAMESAKE = "Oakfield cricket club won by three wickets on Saturday."


@dataclass
class Post:
    """What one entry of the feed says."""

    key: str
    text: str
    author: str = "somebody"


@dataclass
class Town:
    """The feed's posts and status may be changed at any time; ``mails`` are what the mail server got.

    ``passing`` are statuses that the next requests get first, one each.
    """

    folder: Path
    url: str
    posts: list[Post] = field(default_factory=list)
    status: int = 200
    passing: list[int] = field(default_factory=list)
    requests: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The configuration that points at this town."""
        return self.folder / "redshank.toml"

    @property
    def mails(self) -> list[Path]:
        """The mails received, first first."""
        return mails(self.folder / "mails")


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        town = self.server.town
        items = "".join(
            f"<item><guid>{post.key}</guid><title>Post</title><author>{escape(post.author)}</author>"
            f"<link>http://town.example/{post.key}</link><description>{escape(post.text)}</description></item>"
            for post in town.posts
        )
        body = f'<rss version="2.0"><channel><title>Town</title>{items}</channel></rss>'.encode()
        town.requests += 1
        self.send_response(town.passing.pop(0) if town.passing else town.status)
        for header in town.headers.items():
            self.send_header(*header)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def open_town(folder, posts=()):
    """The town, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server, sink(folder / "mails") as (host, port):
        town = Town(folder, f"http://127.0.0.1:{server.server_port}", list(posts))
        server.town = town
        town.config.write_text(CONFIG.format(host=host, port=port, url=town.url))
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
        thread.start()
        try:
            yield town
        finally:
            server.shutdown()
            thread.join()
