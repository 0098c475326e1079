"""JSON as other people's servers send it: never trusted to have the shape that their documentation gives it."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors._dates import from_epoch, from_iso, plausible
from connectors._http import Client, Response
from core.errors import FetchError


class Shape:
    """A value out of an answer, asked for what should be in it: ``shape.text("user", "name")``.

    ``path`` are the keys that lead to a part. What is absent or of another type is empty, never an error, except
    for ``listed``: an answer without the list that it stands for must not pass for "nothing new".
    """

    __slots__ = ("value", "whence")

    def __init__(self, value: object, whence: str = "the source") -> None:
        self.value = value
        self.whence = whence

    def __bool__(self) -> bool:
        return bool(self.value)

    def at(self, *path: str) -> "Shape":
        """The part at the path."""
        value: Any = self.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return Shape(value, self.whence)

    def text(self, *path: str) -> str:
        """A string, or empty."""
        value = self.at(*path).value
        return value if isinstance(value, str) else ""

    def ident(self, *path: str) -> str:
        """An identifier, whether it is sent as a number or as a string; empty where there is none."""
        value = self.at(*path).value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return value.strip() if isinstance(value, str) else ""

    def web(self, *path: str) -> str:
        """An address on the web, or empty."""
        value = self.text(*path).strip()
        return value if value.lower().startswith(("http://", "https://")) else ""

    def number(self, *path: str) -> int | None:
        """A whole number, also one sent as digits."""
        value = self.at(*path).value
        if isinstance(value, bool):
            return None
        if (
            isinstance(value, str)
            and value.strip().lstrip("-").isascii()
            and value.strip().lstrip("-").isdigit()
        ):
            return int(value.strip()[:19])
        return int(value) if isinstance(value, int | float) and abs(value) < 10**18 else None

    def flag(self, *path: str) -> bool:
        """True where the value is exactly true."""
        return self.at(*path).value is True

    def when(self, now: datetime, *path: str) -> datetime | None:
        """A moment, written in RFC 3339 or as seconds since 1970; None where a post cannot have been made then."""
        value = self.at(*path).value
        if isinstance(value, bool):
            return None
        return plausible(from_iso(value) or from_epoch(value), now)

    def items(self, *path: str) -> list["Shape"]:
        """The objects in a list that may be absent; what in it is no object is left out."""
        value = self.at(*path).value
        return (
            [Shape(item, self.whence) for item in value if isinstance(item, dict)]
            if isinstance(value, list)
            else []
        )

    def strings(self, *path: str) -> list[str]:
        """The strings in a list that may be absent."""
        value = self.at(*path).value
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def listed(self, *path: str) -> list["Shape"]:
        """The objects in the list that the answer is for.

        Raises:
            FetchError: there is no such list (temporary: such answers come from a server in trouble).
        """
        if not isinstance(self.at(*path).value, list):
            raise FetchError(f"{self.whence}: the answer lacks the list that it should hold", temporary=True)
        return self.items(*path)

    def pairs(self, *path: str) -> Iterator[tuple[str, "Shape"]]:
        """The members of an object, by key."""
        value = self.at(*path).value
        for key, item in value.items() if isinstance(value, dict) else ():
            yield str(key), Shape(item, self.whence)


def link(base: str, path: str, params: Mapping[str, object] | None = None) -> str:
    """The address of an API's method: ``base`` is a setting and may end with a slash; empty params are left out."""
    given = {key: str(value) for key, value in (params or {}).items() if value not in ("", None)}
    return f"{base.rstrip('/')}{path}" + (f"?{urlencode(given)}" if given else "")


def ask(
    client: Client,
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    cost: int = 1,
    budget: str = "",
) -> Shape:
    """GET an address and read its JSON; raises FetchError as ``Client.get`` does, and for what is no JSON."""
    given = {"Accept": "application/json"} | dict(headers or {})
    return read(client.get(url, given, cost=cost, budget=budget))


def read(answer: Response) -> Shape:
    """The JSON of an answer. A page of HTML in its place comes from a gateway or a log-in, and may be gone tomorrow."""
    host = urlsplit(answer.url).hostname or "the source"
    try:
        value = json.loads(answer.content)
    except (ValueError, RecursionError):
        html = answer.content.lstrip()[:1] == b"<"
        what = "a web page" if html else "something else"
        raise FetchError(f"{host} answered with {what} instead of JSON", temporary=True) from None
    return Shape(value, host)
