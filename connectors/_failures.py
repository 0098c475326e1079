"""What goes wrong on the way out, as ``core.errors.FetchError``: the edge where foreign errors stop.

Messages hold the host and the status: never a query string, which may hold a token, and never a body.
"""

import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import requests
from urllib3.exceptions import HTTPError

from connectors import _dates
from core.errors import FetchError

TEMPORARY = frozenset({408, 425, 429})


def refusal(host: str, status: int, headers: Mapping[str, str], now: datetime) -> FetchError:
    """What a status that is no success means: temporary are 408, 425, 429 and 5xx; 410 is gone for good."""
    return FetchError(
        f"{host} answered {status}",
        temporary=status in TEMPORARY or status >= 500,
        retry_after=_dates.wait_asked(headers, now, refused=status == 429),
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
def translated(host: str) -> Iterator[None]:
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
