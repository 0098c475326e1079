"""Which addresses may be asked, and connections that ask no other.

A name is resolved inside the creation of the connection, each address it resolves to is checked, and the
socket goes to exactly an address that was checked: a name that changes its mind in between (DNS rebinding)
gains nothing. TLS still checks the certificate against the name. Spellings do not matter (``2130706433``,
``0177.1``, full-width digits), since what is judged is what the resolver made of them.
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

import requests.utils
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from core.errors import FetchError

CONNECT_SECONDS = 10.0  # for one address: a dead IPv6 route must not eat the time of a living IPv4 one

# Nothing but this is handed out as public IPv6 (RFC 4291 section 2.4, IANA), and NAT64's prefix (RFC 6052).
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
# Special ranges that ``ipaddress`` called global in some of the Python versions that we run on.
_SPECIAL = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16")
)


def is_public(address: str) -> bool:
    """Whether an IP address (text, a zone is ignored) is on the public internet; False for no address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip in _SIX_TO_FOUR:
            return is_public(str(ipaddress.IPv4Address((int(ip) >> 80) & 0xFFFFFFFF)))
        if ip not in _GLOBAL_V6:
            return False  # among them the IPv4-mapped ones: never a legitimate target on the wire
    special = ip.is_multicast or ip.is_reserved or any(ip in net for net in _SPECIAL)
    return ip.is_global and not special


_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?")
_ENTRY_HELP = 'it takes a host, or a host and a port, such as "intranet", "127.0.0.1:8302" or "[fd00::1]:80"'


def check_entry(entry: str) -> None:
    """Raise ValueError, with a sentence for the operator, unless an entry of ``allow_hosts`` can match a host.

    The sentence never quotes the entry, which may be a whole address with a password in it.
    """
    text = entry.strip().lower()
    if "://" in text:
        raise ValueError(f"allow_hosts takes no web addresses: {_ENTRY_HELP}")
    if "/" in text:
        raise ValueError(f"allow_hosts takes neither paths nor ranges of addresses: {_ENTRY_HELP}")
    if "*" in text:
        raise ValueError(f"allow_hosts takes no wildcards: {_ENTRY_HELP}")
    if not text.isascii():
        raise ValueError("allow_hosts takes a name with other letters in its ASCII form only (xn--…)")
    host, port = _split(text)
    if port is not None and not 0 < port < 65536:
        raise ValueError("allow_hosts holds a port that is not between 1 and 65535")
    if ":" not in host and _NAME.fullmatch(host):
        return
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        raise ValueError(f"allow_hosts holds what is no host: {_ENTRY_HELP}") from None
    if "%" in host:
        raise ValueError("allow_hosts takes no zone (%…) after an IPv6 address")


def _plain(host: str) -> str:
    """A host as it is compared: lower case, no brackets, no dot at the end, IPv6 in its shortest form."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        return host


def _split(entry: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port`` or a bare IPv6 address, as (host, port or None for any)."""
    text = entry.strip()
    host, colon, port = text.rpartition(":")
    if colon and port.isascii() and port.isdigit() and (":" not in host or host.endswith("]")):
        return _plain(host), int(port[:9])
    return _plain(text), None


class Guard:
    """Decides where a connection may go: public addresses, and the private hosts that the operator named.

    Raises ValueError for an entry that could never match (``check_entry``).
    """

    def __init__(self, allow_hosts: Sequence[str] = ()) -> None:
        for entry in allow_hosts:
            check_entry(entry)
        self._allowed = {_split(entry) for entry in allow_hosts}

    def names(self, host: str, port: int) -> bool:
        """Whether the operator allowed this host by name, whatever its address."""
        host = _plain(host)
        return (host, None) in self._allowed or (host, port) in self._allowed

    def resolve(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """The ``getaddrinfo`` rows that may be connected to; raises FetchError if the host has none.

        Raises OSError or UnicodeError if the name does not resolve.
        """
        rows = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        if not self.names(host, port):
            rows = [row for row in rows if is_public(str(row[4][0]))]
        if not rows:
            raise FetchError(
                f"{host} is not on the public internet; if it is meant, name it in allow_hosts",
                temporary=False,
            )
        return list(rows)


class _Budget(socket.socket):
    """A socket whose timeout is a budget for everything since it was set, not for each single read.

    Without it a server that sends a byte now and then would hold a plain socket for ever.
    """

    _ends = float("inf")

    def settimeout(self, value: float | None, /) -> None:
        self._ends = float("inf") if value is None else time.monotonic() + value
        super().settimeout(value)

    def _left(self) -> None:
        if self._ends == float("inf"):
            return
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        super().settimeout(left)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._left()
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._left()
        super().sendall(*args, **kwargs)


class _BudgetTLS(_Budget, ssl.SSLSocket):
    """The same over TLS."""


def connect(guard: Guard, host: str, port: int, timeout: float | None, options: Any) -> socket.socket:
    """A connected socket to the first allowed address that answers; raises OSError or FetchError."""
    ends = time.monotonic() + (timeout if timeout is not None else CONNECT_SECONDS)
    failure: OSError = TimeoutError("timed out")
    for family, kind, protocol, _, address in guard.resolve(host, port):
        left = ends - time.monotonic()
        if left <= 0:
            break
        sock = _Budget(family, kind, protocol)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(min(left, CONNECT_SECONDS))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
            continue
        sock.settimeout(ends - time.monotonic() if timeout is not None else None)
        return sock
    raise failure


class _GuardedHTTP(HTTPConnection):
    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        timeout = self.timeout if isinstance(self.timeout, float | int) else None
        return connect(self._guard, self._dns_host, self.port, timeout, self.socket_options)


class _GuardedHTTPS(HTTPSConnection):
    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        timeout = self.timeout if isinstance(self.timeout, float | int) else None
        return connect(self._guard, self._dns_host, self.port, timeout, self.socket_options)


class _Pools(PoolManager):
    def __init__(self, guard: Guard, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._guard = guard

    def _new_pool(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super()._new_pool(*args, **kwargs)
        kind = _GuardedHTTPS if isinstance(pool, HTTPSConnectionPool) else _GuardedHTTP
        pool.ConnectionCls = partial(kind, guard=self._guard)  # type: ignore[assignment]
        return pool


@lru_cache(maxsize=8)
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """A context that checks certificates and names; made once, since loading the authorities takes 20 ms."""
    context = ssl.create_default_context(cafile=ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = _BudgetTLS
    return context


class GuardedAdapter(HTTPAdapter):
    """The requests adapter through which every request leaves: guarded addresses, checked TLS, no proxy."""

    def __init__(self, guard: Guard, ca_file: str | None, hosts: int = 50, per_host: int = 8) -> None:
        self._guard = guard
        self._ca_file = ca_file
        super().__init__(pool_connections=hosts, pool_maxsize=per_host)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Make the pools of connections, each of them guarded."""
        self.poolmanager = _Pools(self._guard, num_pools=connections, maxsize=maxsize, block=block, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing to add: the context of ``tls_context`` checks."""

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """The pool's key: requests' own for the host, our context for TLS."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] != "https":
            return host, {}
        return host, {"ssl_context": tls_context(self._ca_file), "cert_reqs": "CERT_REQUIRED"}

    def close(self) -> None:
        """Close every connection that is kept open."""
        with suppress(OSError):
            super().close()
