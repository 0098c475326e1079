"""The Graph API of Facebook, Instagram and Threads: its key, its errors, its lists and how they are paged."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from pydantic import Field, SecretStr

from connectors._dates import LONGEST_WAIT
from connectors._failures import refusal
from connectors._http import Client, Response
from connectors._json import Shape, link, read
from connectors._options import Address, Asking
from connectors._secrets import secret
from connectors._walk import INDEXED_LATE, Ask, Mark, Page
from core.errors import FetchError
from core.types import Mention

TELLING = frozenset({400, 401, 403, 404})  # the statuses whose body says what is wrong
# https://developers.facebook.com/docs/graph-api/overview/rate-limiting: of the app, the user, the Page; by business use
LIMITED = frozenset({4, 17, 32, 613, *range(80000, 80015)})
EXPIRED = frozenset({102, 190})
PASSING = frozenset({1, 2})
PAGING = ("after", "until", "__paging_token")
QUIET = timedelta(minutes=15)  # our own patience where a limit says nothing of its end


class Graphing(Asking):
    """The options of all three. An empty ``version`` of the API is the one that the app was made for."""

    base: Address = "https://graph.facebook.com"
    version: str = Field(default="", pattern=r"^(v\d{1,3}\.\d{1,2})?$")
    token: SecretStr = SecretStr("")


def ask(
    options: Graphing,
    client: Client,
    path: str,
    params: Mapping[str, object],
    *,
    page: str = "",
    budget: str = "",
) -> Shape:
    """GET a node, or a ``page`` (by ``following``) of an edge; raises FetchError, also for errors in the body."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {secret(options, 'token')}"}
    place = f"/{options.version}/{path}" if options.version else f"/{path}"
    url = link(options.base, place, {**params, **dict(parse_qsl(page))})
    answer = client.get(url, headers, budget=budget, errors=TELLING)
    if answer.status in TELLING:
        raise failure(answer, client.now())
    return read(answer)


def failure(answer: Response, now: datetime) -> FetchError:
    """What an error of the API means: limits and trouble pass, an expired key and a missing permission do not."""
    host = urlsplit(answer.url).hostname or ""
    try:
        error = read(answer).at("error")
    except FetchError:
        error = Shape(None)
    code, wait = error.number("code"), None
    if code is None:
        return refusal(host, answer.status, answer.headers, now)
    temporary = code in LIMITED or code in PASSING or error.flag("is_transient")
    if code in LIMITED:
        said, wait = f"{host}: the limit of requests is reached", _regained(answer.headers)
    elif code in EXPIRED:
        said = f"{host} refuses the key: renew the key"
    elif code == 10 or 200 <= code < 300:
        said = f"{host}: the key lacks a permission"
    else:
        said = f"{host} answered {answer.status}"
    return FetchError(f"{said} (error {code})", temporary=temporary, retry_after=wait, status=answer.status)


def _regained(headers: Mapping[str, str]) -> timedelta:
    """When the API expects to be asked again: the longest of its estimates, which are in minutes."""
    try:
        usage = Shape(json.loads(headers.get("x-business-use-case-usage", "")))
    except (ValueError, RecursionError):
        return QUIET
    named = [
        one.number("estimated_time_to_regain_access") or 0
        for key, _ in usage.pairs()
        for one in usage.items(key)
    ]
    minutes = min(max(named, default=0), int(LONGEST_WAIT.total_seconds() // 60))
    return timedelta(minutes=minutes) if minutes > 0 else QUIET


def following(shape: Shape) -> str:
    """What asks for the next page; never the address under ``next``, which holds the key and may name any host."""
    address, cursor = shape.text("paging", "next"), shape.text("paging", "cursors", "after")
    if address and cursor:
        return urlencode({"after": cursor})
    try:
        named = parse_qs(urlsplit(address).query)
    except ValueError:
        return ""
    return urlencode({key: named[key][0] for key in PAGING if key in named})


def listing(
    options: Graphing,
    client: Client,
    path: str,
    params: Mapping[str, object],
    parse: Callable[[Shape], tuple[Mention, ...]],
    *,
    first: Shape | None = None,
    budget: str = "",
    dated: bool = False,
) -> Ask:
    """An edge whose items come newest first, read by ``parse``.

    ``first`` is its first page where another answer held it; ``dated`` edges are asked only for what is new.
    """

    def page(token: str, since: datetime, _: Mark) -> Page:
        given = {**params, "since": int((since - INDEXED_LATE).timestamp())} if dated else params
        held = first if not token else None
        shape = held or ask(options, client, path, given, page=token, budget=budget)
        data = shape.listed("data")
        # Items without words make no mentions, but their dates tell how far the list was read.
        last, now = data[-1] if data else Shape(None), client.now()
        made = last.when(now, "created_time") or last.when(now, "timestamp")
        return Page(mentions=parse(shape), next=following(shape), ends=made is not None and made < since)

    return page


def broken(error: FetchError) -> Ask:
    """A list that cannot be read, so that the others of a visit are."""

    def page(_token: str, _since: datetime, _mark: Mark) -> Page:
        raise error

    return page
