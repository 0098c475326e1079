"""The connection to a receiver of webhooks, and what its failures mean to us.

``http.client`` is used as it is: it follows no redirect and asks no proxy. Nothing that the receiver says is
kept but its status.
"""

import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from pydantic import HttpUrl

from alerts.channels._net import no_answer
from core.errors import SendError

# The operator's to put right (url, key, a gate on the way), so the message stays in the queue.
_SET_UP = frozenset({401, 403, 404, 405, 407})
_LATER = frozenset({408, 421, 425, 429})


@contextmanager
def connection(url: HttpUrl, timeout: float, ca_file: Path | None) -> Iterator[HTTPConnection]:
    """A connection that opens when it is used; whatever breaks on it is raised as SendError.

    ``timeout`` (seconds) is for each wait; certificates are always checked.
    """
    host, port = (url.host or "").strip("[]"), url.port
    try:
        if url.scheme == "https":
            context = ssl.create_default_context(cafile=ca_file)
            there: HTTPConnection = HTTPSConnection(host, port, timeout=timeout, context=context)
        else:
            there = HTTPConnection(host, port, timeout=timeout)
        with closing(there):
            yield there
    except HTTPException:
        raise SendError("the receiver did not keep to HTTP", temporary=True) from None
    except (OSError, UnicodeError) as error:
        raise SendError(no_answer(error, "the receiver"), temporary=True) from None


def refusal(status: int) -> SendError:
    """What a status other than 2xx means; final is only what neither side can put right."""
    if 300 <= status < 400:
        return SendError(f"the receiver redirects ({status}); give its final url", temporary=True)
    if status in _SET_UP:
        return SendError(f"the receiver turned us away ({status}); check url and key", temporary=True)
    if 400 <= status < 500 and status not in _LATER:
        return SendError(f"the receiver refused the message ({status})", temporary=False)
    return SendError(f"the receiver cannot take it now ({status})", temporary=True)
