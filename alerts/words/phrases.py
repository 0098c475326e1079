"""How times, ages, counts and links are put into words. Pure; used by every mail."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import SplitResult, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

# Control characters, text-direction marks and lone surrogates: each could end a header, disguise a
# link or break the encoding. Format characters (Cf) hold the direction marks.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def one_line(text: str, limit: int = 300) -> str:
    """The text as one printable line of at most ``limit`` code points, the last "…" where it was cut."""
    kept = "".join(" " if unicodedata.category(char) in _UNSAFE else char for char in text)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(number: int, thing: str, things: str = "") -> str:
    """``1 case``, ``2 cases``."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def and_list(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def day_words(day: date) -> str:
    """``20 November``."""
    return f"{day.day} {day:%B}"


def when_words(moment: datetime, tz: ZoneInfo) -> str:
    """A moment in local time: ``20 November, 07:30``."""
    local = moment.astimezone(tz)
    return f"{day_words(local)}, {local:%H:%M}"


def moment_words(moment: datetime, now: datetime, tz: ZoneInfo) -> str:
    """A moment as short as it can be said: ``07:25`` if it was today, else ``18 Nov, 07:25``."""
    local = moment.astimezone(tz)
    today = local.date() == now.astimezone(tz).date()
    return f"{local:%H:%M}" if today else f"{local.day} {local:%b, %H:%M}"


def age_words(age: timedelta) -> str:
    """``under an hour``, ``5 hours``, ``3 days``: whole units, rounded down."""
    if age >= timedelta(days=2):
        return f"{age.days} days"
    hours = int(age / timedelta(hours=1))
    return count(hours, "hour") if hours >= 1 else "under an hour"


def span_words(span: timedelta) -> str:
    """``under a minute``, ``35 minutes``, ``5 hours``: whole units, rounded down; for how long is left or overdue."""
    if span >= timedelta(hours=2):
        return age_words(span)
    minutes = int(span / timedelta(minutes=1))
    return count(minutes, "minute") if minutes >= 1 else "under a minute"


def due_words(moment: datetime, now: datetime, tz: ZoneInfo) -> str:
    """When something falls due, in local time: ``14:20 today``, ``09:00 tomorrow``, ``Mon 23 Nov, 09:00``."""
    local = moment.astimezone(tz)
    days = (local.date() - now.astimezone(tz).date()).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    return f"{local:%H:%M} {near}" if near else f"{local:%a} {local.day} {local:%b, %H:%M}"


def were(number: int) -> str:
    """``was`` or ``were``, after so many."""
    return "was" if number == 1 else "were"


def role_words(role: str) -> str:
    """``governance``, ``speak-up``."""
    return one_line(role.replace("_", "-"), 40)


def upper_first(words: str) -> str:
    """The words with a capital at their start, the rest untouched."""
    return words[:1].upper() + words[1:]


def safe_link(url: str, limit: int = 2000) -> str:
    """The address as it may stand in a mail, or "" where it must not be a link.

    Only http and https with a host, no user name or password, at most ``limit`` characters. A text
    fragment (``#:~:text=``, WICG Scroll to Text Fragment) is cut off: it quotes the page.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or port == 0:
        return ""
    if any(char.isspace() or unicodedata.category(char) in _UNSAFE for char in url.strip()):
        return ""
    fragment = parts.fragment.split(":~:", 1)[0]
    clean = urlunsplit(SplitResult(parts.scheme, parts.netloc, parts.path, parts.query, fragment))
    return clean if len(clean) <= limit else ""


def host_of(url: str) -> str:
    """The host that a link leads to, so that a reader sees where it goes before opening it."""
    return one_line(urlsplit(url).hostname or "", 80)
