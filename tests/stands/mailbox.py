"""A mailbox on a real IMAP server: an alert, a review, a notification in plain text, and a mail without a link."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import imap_server

from stands import SECRET

MAILS = ("google-alert", "review", "plain", "wordless")


def options(base: str) -> dict[str, Any]:
    at = urlsplit(base)
    return {"host": at.hostname, "port": at.port or 0, "security": "plain", "user": imap_server.USER}


@contextmanager
def serving() -> Iterator[str]:
    with imap_server.running(SECRET) as server:
        server.put(*((imap_server.SAMPLES / f"{name}.eml").read_bytes() for name in MAILS))
        yield f"http://127.0.0.1:{server.port}"


KEYS = frozenset(
    {
        "95c64f0a6a04-6378fb877916",
        "95c64f0a6a04-d84785b96765",
        "95c64f0a6a04-e3328bfbd152",
        "582218e22ee8-75111531d9c8",
        "36535dcd2961-b0b96b367769",
        "36535dcd2961-b9a77c8b92b6",
        "ea242be78a00",
    }
)
