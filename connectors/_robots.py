"""robots.txt (RFC 9309), honoured where pages are read. Feeds are made for programs: read without asking.

The rules are read by the standard library's parser, which takes ``*`` and ``$`` inside a path as plain
characters: a rule that needs them is not seen. It matches plain prefixes, which is what most files use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from core.errors import FetchError

KEEP = timedelta(hours=24)  # RFC 9309 section 2.4
KEEP_UNREACHABLE = timedelta(minutes=10)
MOST = 500 * 1024  # bytes that must be read, section 2.5


@dataclass(frozen=True, slots=True)
class _Rules:
    parser: RobotFileParser | None  # None: the file could not be reached, so nothing may be read for now
    until: datetime
    why: FetchError | None = None  # what came in place of the file


def parse(content: bytes) -> RobotFileParser:
    """The rules of a robots.txt; never raises, and what cannot be read allows."""
    parser = RobotFileParser()
    parser.parse(content[:MOST].decode("utf-8-sig", "replace").splitlines())
    return parser


class Robots:
    """What each host asks of us, kept for a day (ten minutes where the file could not be reached)."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._known: dict[str, _Rules] = {}

    def check(self, url: str, now: datetime, get: Callable[[str], bytes]) -> None:
        """Raise FetchError unless the page may be read; ``get`` fetches robots.txt, raising FetchError."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        rules = self._known.get(origin)
        if rules is None or rules.until <= now:
            rules = self._known[origin] = self._ask(origin, now, get)
        if rules.parser is None:
            raise FetchError(
                f"{parts.hostname}: robots.txt cannot be reached, so its pages wait",
                temporary=True,
                status=rules.why.status if rules.why else None,
                retry_after=rules.why.retry_after if rules.why else None,
            )
        if not rules.parser.can_fetch(self._user_agent, url):
            raise FetchError(f"{parts.hostname}: robots.txt asks us not to read this page", temporary=False)

    def _ask(self, origin: str, now: datetime, get: Callable[[str], bytes]) -> _Rules:
        try:
            return _Rules(parse(get(f"{origin}/robots.txt")), now + KEEP)
        except FetchError as error:
            # Section 2.3.1.3: "unavailable" (4xx) allows; 2.3.1.4: unreachable forbids. 429 means "later".
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return _Rules(parse(b""), now + KEEP)
            return _Rules(None, now + KEEP_UNREACHABLE, why=error)
