"""Points in time as others write them: HTTP headers, dates of posts. Pure; the clock is an argument."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import struct_time

LONGEST_WAIT = timedelta(days=7)
LONGEST_FRESH = timedelta(days=1)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)  # the first day of 1970 is how clocks say "I don't know"
AHEAD = timedelta(days=2)

_SECONDS = re.compile(r"\s*([+-]?)([0-9]+)(?:\.[0-9]*)?\s*")
_MAX_AGE = re.compile(r"(?:^|[,\s])(?:max-age)\s*=\s*\"?([0-9]{1,12})", re.IGNORECASE)
_NOT_FRESH = re.compile(r"(?:^|[,\s])(?:no-cache|no-store)\b", re.IGNORECASE)


def http_date(value: str) -> datetime | None:
    """An HTTP-date (RFC 9110 section 5.6.7) in UTC, or None if it is none."""
    try:
        when = parsedate_to_datetime(value.strip())
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """``Retry-After`` (RFC 9110 section 10.2.3) as a wait from 0 to 7 days; None if absent or malformed."""
    if not value:
        return None
    if seconds := _SECONDS.fullmatch(value):
        sign, digits = seconds.groups()
        if sign == "-":
            return timedelta(0)
        return LONGEST_WAIT if len(digits) > 9 else min(timedelta(seconds=int(digits)), LONGEST_WAIT)
    when = http_date(value)
    return None if when is None else min(max(when - now, timedelta(0)), LONGEST_WAIT)


def wait_asked(headers: Mapping[str, str], now: datetime, *, refused: bool) -> timedelta | None:
    """How long a refusal asks us to wait: ``Retry-After``, else where the limit of requests is ``refused`` its reset.

    The reset is written as seconds from now (Reddit, the IETF draft on RateLimit headers), as a Unix time (X) or as an
    RFC 3339 time (Mastodon).
    """
    wait = retry_after(headers.get("retry-after"), now)
    if wait is not None or not refused:
        return wait
    for name in ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"):
        value = headers.get(name, "")
        if (seconds := _SECONDS.fullmatch(value)) and not seconds[1] and len(seconds[2]) >= 10:
            moment: datetime | None = from_epoch(int(seconds[2]))
        elif seconds:
            return retry_after(value, now)
        else:
            moment = from_iso(value)
        if moment is not None:
            return min(max(moment - now, timedelta(0)), LONGEST_WAIT)
    return None


def from_epoch(value: object) -> datetime | None:
    """A Unix time in seconds (a number or its digits) in UTC, or None."""
    try:
        return datetime.fromtimestamp(float(value), UTC) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError, OSError):
        return None


def fresh_for(headers: Mapping[str, str], now: datetime, own: timedelta | None) -> timedelta | None:
    """How long an answer stays fresh, so that asking again before is pointless; at most a day.

    ``Cache-Control`` (RFC 9111 section 5.2.2) counts before ``Expires``, and both before what the feed says
    of itself (``own``). None if nothing is said, or if the source says that it is never fresh.
    """
    control = headers.get("cache-control", "")
    if _NOT_FRESH.search(control):
        return None
    if found := _MAX_AGE.search(control):
        fresh: timedelta | None = timedelta(seconds=min(int(found.group(1)), 10**9))
    elif "expires" in headers:
        expires = http_date(headers["expires"])
        fresh = None if expires is None else expires - (http_date(headers.get("date", "")) or now)
    else:
        fresh = own
    if fresh is None or fresh <= timedelta(0):
        return None
    return min(fresh, LONGEST_FRESH)


def plausible(when: datetime | None, now: datetime) -> datetime | None:
    """The time if a post can have been made then, else None: not before 1970, not two days ahead of now."""
    return when if when is not None and EARLIEST <= when <= now + AHEAD else None


def from_struct(value: struct_time | tuple[int, ...] | None) -> datetime | None:
    """What feedparser makes of a date (UTC), or None where it is absent or impossible."""
    if value is None:
        return None
    try:
        year, month, day, hour, minute, second = value[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def from_iso(value: object) -> datetime | None:
    """An RFC 3339 time in UTC, or None; a time without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value.strip())
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
