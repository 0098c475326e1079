"""The one way out: every request of every connector goes through ``Client``.

``Client.get`` follows redirects itself, so that each hop's scheme, address and limits are checked, and turns
every failure into ``core.errors.FetchError``. Messages hold the host and the status: never a query string,
which may hold a token, and never a body. Environment proxies and ~/.netrc are not read.
"""

import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from connectors import _body, _dates
from connectors._guard import Guard, GuardedAdapter
from connectors._limits import Deadline, HostLimiter
from connectors._robots import Robots
from core.errors import FetchError

MAX_REDIRECTS = 5
MAX_BYTES = 20 * 1024 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
TEMPORARY = frozenset({408, 425, 429})
# What may follow a redirect to another host: nothing that could be a credential.
HARMLESS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "if-modified-since",
        "if-none-match",
        "user-agent",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer of status 2xx or 304. ``url`` is where it came from in the end.

    ``permanent_url`` is that address where every redirect on the way said "for good" (301, 308), else empty.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes
    permanent_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """One request of a chain, which has one deadline."""

    url: str
    headers: Mapping[str, str]
    deadline: Deadline
    max_bytes: int


class Client:
    """Asks over HTTP, politely and within limits; a context manager that closes its connections.

    ``user_agent`` must say who asks and how to reach them. ``allow_hosts`` names private hosts that may be
    asked ("intranet", any port, or "127.0.0.1:8302"); ValueError if one could never match. ``timeout`` is the
    most seconds that one ``get`` takes with all redirects; only the system's name resolution and the wait for
    a turn at the host are outside it. ``max_bytes`` caps the body on the wire and once decompressed.
    ``per_host`` is shared by the clients of a process. ``ca_file`` replaces the usual certificate authorities
    (an intranet's own). ``clock`` gives the time of day in UTC.
    """

    def __init__(
        self,
        user_agent: str,
        allow_hosts: Sequence[str] = (),
        *,
        timeout: float = 60.0,
        max_bytes: int = MAX_BYTES,
        per_host: HostLimiter | None = None,
        ca_file: str | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._per_host = per_host or HostLimiter()
        self._clock = clock
        self._adapter = GuardedAdapter(Guard(allow_hosts), ca_file)
        self._robots = Robots(user_agent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept for further requests."""
        self._adapter.close()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return self._clock() if self._clock else datetime.now(UTC)

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        robots: bool = False,
        max_bytes: int | None = None,
    ) -> Response:
        """GET; with ``robots`` only if each host's robots.txt allows it. Raises FetchError for all else.

        Temporary: no connection, timeouts, 408, 425, 429 and 5xx. Permanent: addresses that may not be asked,
        certificates, redirects that lead nowhere, answers that are too large, and every other status (a 404
        too: a feed that comes back is found by whoever puts the source right). 410 sets ``gone``.
        """
        given = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"} | dict(headers or {})
        ask = _Ask(
            url=url,
            headers=given,
            deadline=Deadline(self._timeout),
            max_bytes=min(max_bytes or self._max_bytes, self._max_bytes),
        )
        return self._follow(ask, robots=robots)

    def _follow(self, ask: _Ask, *, robots: bool) -> Response:
        seen: set[str] = set()
        for_good = True
        while True:
            request = _prepare(ask)
            url = str(request.url)
            if url in seen or len(seen) > MAX_REDIRECTS:
                raise FetchError(f"{_host(url)}: it redirects in a circle or too often", temporary=False)
            seen.add(url)
            if robots:
                self._robots.check(url, self.now(), lambda at, ask=ask: self._robots_txt(at, ask))  # type: ignore[misc]
            answer = self._once(request, ask)
            if isinstance(answer, Response):
                moved = answer.url if for_good and len(seen) > 1 else ""
                return Response(
                    status=answer.status,
                    url=answer.url,
                    headers=answer.headers,
                    content=answer.content,
                    permanent_url=moved,
                )
            status, target = answer
            for_good = for_good and status in PERMANENT
            ask = _next(ask, url, target)

    def _robots_txt(self, url: str, ask: _Ask) -> bytes:
        own = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"}
        asked = _Ask(url=url, headers=own, deadline=ask.deadline, max_bytes=self._max_bytes)
        return self._follow(asked, robots=False).content

    def _once(self, request: requests.PreparedRequest, ask: _Ask) -> Response | tuple[int, str]:
        """The answer to one request: a response, or the status and target of a redirect."""
        host = _host(str(request.url))
        with self._per_host.slot(host) as waited, _translated(host):
            ask.deadline.extend(waited)
            left = ask.deadline.left
            if left <= 0:
                raise TimeoutError
            total: Any = Timeout(total=left)  # requests takes it; its type stubs do not say so
            answer = self._adapter.send(request, stream=True, timeout=total, proxies={})
            try:
                return self._judge(answer, host, ask)
            finally:
                answer.close()

    def _judge(self, answer: requests.Response, host: str, ask: _Ask) -> Response | tuple[int, str]:
        status, headers = answer.status_code, answer.headers
        if status in REDIRECTS and "location" in headers:
            answer.raw.read(
                _body.CHUNK, decode_content=False
            )  # a short body is drained to keep the connection
            return status, _location(headers["location"])
        if status != 304 and not 200 <= status < 300:
            raise _refusal(host, status, headers, self.now())
        content = _body.read(
            answer.raw,
            headers.get("content-encoding", ""),
            headers.get("content-length"),
            ask.max_bytes,
            host,
        )
        return Response(
            status=status, url=str(answer.url), headers=CaseInsensitiveDict(headers), content=content
        )


def _prepare(ask: _Ask) -> requests.PreparedRequest:
    """The request as it will be sent; raises FetchError for an address that is not plain http or https."""
    bad = FetchError("the address is not one that can be asked over http or https", temporary=False)
    try:
        scheme = urlsplit(ask.url).scheme.lower()
        if scheme not in ("http", "https"):
            raise bad
        request = requests.Request("GET", ask.url, headers=dict(ask.headers)).prepare()
        parts = urlsplit(str(request.url))
        if parts.port == 0 or not parts.hostname:
            raise bad
    except (requests.RequestException, HTTPError, ValueError):
        raise bad from None  # their messages quote the whole address
    if "@" in parts.netloc:
        raise FetchError(f"{parts.hostname}: addresses with a user name are not asked", temporary=False)
    return request


def _next(ask: _Ask, here: str, target: str) -> _Ask:
    try:
        url = urljoin(here, target)
        same = urlsplit(url)[:2] == urlsplit(here)[:2]
    except ValueError:
        raise FetchError(f"{_host(here)}: it redirects to an unreadable address", temporary=False) from None
    headers = ask.headers if same else {k: v for k, v in ask.headers.items() if k.lower() in HARMLESS}
    return _Ask(url=url, headers=headers, deadline=ask.deadline, max_bytes=ask.max_bytes)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _location(value: str) -> str:
    """A Location header as text: headers arrive as Latin-1, addresses are mostly UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return value.strip()


def _refusal(host: str, status: int, headers: Mapping[str, str], now: datetime) -> FetchError:
    return FetchError(
        f"{host} answered {status}",
        temporary=status in TEMPORARY or status >= 500,
        retry_after=_dates.retry_after(headers.get("retry-after"), now),
        status=status,
        gone=status == 410,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it was made of, however the libraries wrapped it."""
    seen: set[int] = set()
    queue: list[object] = [error]
    while queue:
        item = queue.pop()
        if isinstance(item, BaseException) and id(item) not in seen:
            seen.add(id(item))
            yield item
            queue += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """Nobody above sees an exception of requests, urllib3, ssl, socket or zlib.

    Nor their texts, as a cause or otherwise: they quote whole addresses, queries included.
    """
    try:
        yield
    except (requests.RequestException, HTTPError, OSError, ValueError, zlib.error) as error:
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            raise FetchError(f"{host}: its TLS certificate cannot be trusted", temporary=False) from None
        broken = any(isinstance(cause, ssl.SSLEOFError | TimeoutError | ConnectionError) for cause in causes)
        if any(isinstance(cause, ssl.SSLError) for cause in causes) and not broken:
            raise FetchError(f"{host}: no TLS connection can be agreed on", temporary=False) from None
        if any(isinstance(cause, TimeoutError) for cause in causes):
            raise FetchError(f"{host} took too long", temporary=True) from None
        if any(isinstance(cause, UnicodeError) for cause in causes):
            raise FetchError(f"{host}: the address or a header cannot be sent", temporary=False) from None
        raise FetchError(f"{host} cannot be reached or broke off", temporary=True) from None
