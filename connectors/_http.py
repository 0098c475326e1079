"""The one way out: every request of every connector goes through ``Client``.

``Client.get`` follows redirects itself, so that each hop's scheme, address and limits are checked; ``post`` follows
none. Every failure becomes ``core.errors.FetchError``. Environment proxies and ~/.netrc are not read.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from connectors import _body
from connectors._failures import refusal, translated
from connectors._guard import Guard, GuardedAdapter
from connectors._limits import Deadline, HostLimiter
from connectors._robots import Robots
from core.errors import FetchError

MAX_REDIRECTS = 5
MAX_BYTES = 20 * 1024 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
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
    """An answer of status 2xx or 304, or of one that was asked for. ``url`` is where it came from in the end.

    ``permanent_url`` is that address where every redirect on the way said "for good" (301, 308), else empty.
    """

    status: int
    url: str = field(repr=False)  # which may hold a key, as some platforms want it
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    permanent_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """One request of a chain, which has one deadline."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    deadline: Deadline
    max_bytes: int
    method: str = "GET"
    body: bytes | None = field(default=None, repr=False)
    errors: Collection[int] = ()


class Client:
    """Asks over HTTP, politely and within limits; a context manager that closes its connections.

    ``user_agent`` must say who asks and how to reach them. ``allow_hosts`` names private hosts that may be
    asked ("intranet", any port, or "127.0.0.1:8302"); ValueError if one could never match. ``timeout`` is the
    most seconds that one ``get`` takes with all redirects; only the system's name resolution and the wait for
    a turn at the host are outside it. ``max_bytes`` caps the body on the wire and once decompressed.
    ``per_host`` is shared by the clients of a process. ``ca_file`` replaces the usual certificate authorities
    (an intranet's own). ``clock`` gives the time of day in UTC. ``spend`` is told what each request costs, by the
    name of a budget and in units, and raises FetchError where too little is left.
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
        spend: Callable[[str, int], None] | None = None,
    ) -> None:
        self.user_agent = user_agent
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._per_host = per_host or HostLimiter()
        self._clock = clock
        self._spend = spend
        self.guard = Guard(allow_hosts)
        self.ca_file = ca_file
        self._adapter = GuardedAdapter(self.guard, ca_file)
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

    @property
    def timeout(self) -> float:
        """The most seconds that one request takes."""
        return self._timeout

    def spend(self, units: int = 1, budget: str = "") -> None:
        """Take from a budget of this client's key; raises FetchError (temporary) where too little is left."""
        if self._spend and units:
            self._spend(budget, units)

    def post(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        form: Mapping[str, str] | None = None,
        data: object = None,
        cost: int = 1,
        budget: str = "",
    ) -> Response:
        """POST a ``form``, or ``data`` as JSON; raises FetchError as ``get`` does, and for a redirect."""
        kind = "application/json" if form is None else "application/x-www-form-urlencoded"
        body = json.dumps(data) if form is None else urlencode(form)
        given = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate", "Content-Type": kind}
        self.spend(cost, budget)
        ask = _Ask(
            url=url,
            headers=given | dict(headers or {}),
            deadline=Deadline(self._timeout),
            max_bytes=self._max_bytes,
            method="POST",
            body=body.encode(),
        )
        answer = self._once(_prepare(ask), ask)
        if isinstance(answer, Response):
            return answer
        raise FetchError(f"{_host(url)}: it redirects what was sent to it", temporary=False)

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        robots: bool = False,
        max_bytes: int | None = None,
        cost: int = 1,
        budget: str = "",
        errors: Collection[int] = (),
    ) -> Response:
        """GET; with ``robots`` only if each host's robots.txt allows it. Raises FetchError for all else.

        Temporary: no connection, timeouts, 408, 425, 429 and 5xx. Permanent: addresses that may not be asked,
        certificates, redirects that lead nowhere, answers that are too large, and every other status (a 404
        too: a feed that comes back is found by whoever puts the source right). 410 sets ``gone``. ``cost`` is what
        it takes from the ``budget`` of this client's key. Answers whose status is in ``errors`` are given back, for
        APIs that say in the body what is wrong.
        """
        self.spend(cost, budget)
        given = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate"} | dict(headers or {})
        ask = _Ask(
            url=url,
            headers=given,
            deadline=Deadline(self._timeout),
            max_bytes=min(max_bytes or self._max_bytes, self._max_bytes),
            errors=errors,
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
                return replace(answer, permanent_url=moved)
            status, target = answer
            for_good = for_good and status in PERMANENT
            ask = _next(ask, url, target)

    def _robots_txt(self, url: str, ask: _Ask) -> bytes:
        own = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate"}
        asked = _Ask(url=url, headers=own, deadline=ask.deadline, max_bytes=self._max_bytes)
        return self._follow(asked, robots=False).content

    def _once(self, request: requests.PreparedRequest, ask: _Ask) -> Response | tuple[int, str]:
        """The answer to one request: a response, or the status and target of a redirect."""
        host = _host(str(request.url))
        with self._per_host.slot(host) as waited, translated(host):
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
            # A short body is drained to keep the connection.
            answer.raw.read(_body.CHUNK, decode_content=False)
            return status, _location(headers["location"])
        if status != 304 and not 200 <= status < 300 and status not in ask.errors:
            raise refusal(host, status, headers, self.now())
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
        request = requests.Request(ask.method, ask.url, headers=dict(ask.headers), data=ask.body).prepare()
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
    return replace(ask, url=url, headers=headers)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _location(value: str) -> str:
    """A Location header as text: headers arrive as Latin-1, addresses are mostly UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return value.strip()
