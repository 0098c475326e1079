"""Asks Google's APIs as YouTube's: the key in a header, and what their refusals mean."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors._failures import refusal
from connectors._http import Client
from connectors._json import Shape, read
from connectors._reason import reason
from core.errors import FetchError

PACIFIC = "America/Los_Angeles"  # the day of a quota begins at midnight there
MINUTE = timedelta(minutes=1)
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_NO_KEY = frozenset(
    {"keyInvalid", "API_KEY_INVALID", "keyExpired", "accessNotConfigured", "SERVICE_DISABLED"}
)


class RefusedError(FetchError):
    """A refusal with Google's word for it."""

    def __init__(self, error: FetchError, why: str) -> None:
        super().__init__(
            str(error),
            temporary=error.temporary,
            retry_after=error.retry_after,
            status=error.status,
            gone=error.gone,
        )
        self.why = why


def ask(client: Client, url: str, key: str, *, cost: int = 1) -> Shape:
    """GET an address and read its JSON.

    Raises:
        RefusedError: the API says why (400, 403, 404); a spent quota is temporary, until midnight in California.
        FetchError: as ``Client.get``, and for what is no JSON.
    """
    headers = {"Accept": "application/json", "X-Goog-Api-Key": key}
    answer = client.get(url, headers, cost=cost, errors=(400, 403, 404))
    if answer.status < 400:
        return read(answer)
    why, host, now = reason(answer), urlsplit(answer.url).hostname or "", client.now()
    error = refusal(host, answer.status, answer.headers, now)
    if why in _SPENT:
        wait = midnight(now) - now
        error = FetchError(
            f"{host}: the quota is spent", temporary=True, retry_after=wait, status=answer.status
        )
    elif why in _TOO_FAST:
        error = FetchError(
            f"{host}: asked too fast", temporary=True, retry_after=MINUTE, status=answer.status
        )
    elif why in _NO_KEY:
        error = FetchError(f"{host} refuses the key: {why}", temporary=False, status=answer.status)
    raise RefusedError(error, why)


def midnight(now: datetime) -> datetime:
    """The next midnight in California, in UTC."""
    there = now.astimezone(ZoneInfo(PACIFIC))
    day = (there + timedelta(days=1)).date()
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(PACIFIC)).astimezone(now.tzinfo)
