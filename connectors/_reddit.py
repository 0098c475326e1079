"""Reddit's API as praw speaks it, over our own client.

Left to itself praw waits and tries again inside a call. Here nothing does: its requests go out through ``Client``, so
that every failure is a FetchError at once, and it never sees the headers on which it would sleep.
"""

import base64
import io
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import praw
import requests
from praw.exceptions import PRAWException
from prawcore import Requestor
from prawcore.exceptions import OAuthException, PrawcoreException

from connectors._dates import retry_after
from connectors._http import Client, Response
from connectors._json import Shape
from core.errors import FetchError

logging.getLogger("prawcore").setLevel(logging.WARNING)  # below, it logs what is searched for
_NOT_WHAT_WAS_ASKED = (PRAWException, PrawcoreException, LookupError, TypeError, ValueError, AttributeError)


class _Limit:
    """How long Reddit's own count of our requests tells us to wait."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.wait: timedelta | None = None

    def read(self, headers: Mapping[str, str]) -> None:
        try:
            left = float(headers.get("x-ratelimit-remaining", "nan"))
        except ValueError:
            return
        wait = retry_after(headers.get("x-ratelimit-reset"), self._client.now())
        self.wait = wait if left < 1 else None

    def check(self, host: str) -> None:
        if self.wait is not None:
            raise FetchError(f"{host}: no request is left for now", temporary=True, retry_after=self.wait)


class _Requestor(Requestor):
    """What praw sends its requests with."""

    def __init__(
        self, *, oauth_url: str, reddit_url: str, user_agent: str, client: Client, limit: _Limit
    ) -> None:
        # Not the parent's, which opens a session of its own; the agent's name is the client's.
        self.oauth_url, self.reddit_url, self.user_agent = oauth_url, reddit_url, user_agent
        self.timeout = client.timeout
        self._client, self._limit = client, limit

    def close(self) -> None:
        """Nothing is open: whoever made the client closes it."""

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> requests.Response:  # noqa: ARG002
        """One request; raises FetchError for all but an answer of success from where it was asked for."""
        method, url = args
        host = urlsplit(url).hostname or ""
        if method.upper() == "POST":
            key = base64.b64encode(":".join(kwargs["auth"]).encode()).decode()
            form = dict(kwargs["data"])
            return _for_praw(self._client.post(url, {"Authorization": f"Basic {key}"}, form=form))
        self._limit.check(host)
        answer = self._client.get(f"{url}?{urlencode(kwargs['params'])}", kwargs["headers"])
        self._limit.read(answer.headers)
        if urlsplit(answer.url).path.rstrip("/") != urlsplit(url).path.rstrip("/"):
            raise FetchError(
                f"{host} sends us elsewhere, as it does for a subreddit that is not there", temporary=False
            )
        return _for_praw(answer)


def _for_praw(answer: Response) -> requests.Response:
    """The answer without its headers: on those of the rate limit praw would sleep."""
    given = requests.Response()
    given.status_code, given.url, given.encoding = answer.status, answer.url, "utf-8"
    given.raw = io.BytesIO(answer.content)
    return given


class Reddit:
    """Reads as an application, which logs in with its own key and as nobody."""

    def __init__(self, base: str, login: str, key: tuple[str, str], client: Client) -> None:
        self._base, self._login, self._key, self._client = base, login, key, client
        self._host = urlsplit(base).hostname or ""
        self._limit = _Limit(client)
        self._praw = self._logged_out()

    @property
    def wait(self) -> timedelta | None:
        """How long to leave it alone, where the last request was the last that is allowed for now."""
        return self._limit.wait

    def ask(self, path: str, params: Mapping[str, object]) -> Shape:
        """GET; raises FetchError. Logs in where it must, and once more where Reddit does not know the token."""
        try:
            return self._asked(path, params)
        except FetchError as error:
            if error.status != 401:
                raise
        self._praw = self._logged_out()
        try:
            return self._asked(path, params)
        except FetchError as error:
            if error.status != 401:
                raise
            raise FetchError(f"{self._host} refuses the key: {error}", temporary=False, status=401) from None

    def _asked(self, path: str, params: Mapping[str, object]) -> Shape:
        given = {name: value for name, value in params.items() if value not in ("", None)}
        try:
            return Shape(self._praw.request(method="GET", path=path, params=given), self._host)
        except OAuthException:
            raise FetchError(f"{self._host} refuses the key", temporary=False, status=401) from None
        except (*_NOT_WHAT_WAS_ASKED, RecursionError):
            raise FetchError(f"{self._host} answered with something else than JSON", temporary=True) from None

    def _logged_out(self) -> Any:
        """Everything is given here, or praw would take it from the environment or from a praw.ini."""
        return praw.Reddit(
            "DEFAULT",
            requestor_class=_Requestor,
            requestor_kwargs={"client": self._client, "limit": self._limit},
            client_id=self._key[0],
            client_secret=self._key[1],
            oauth_url=self._base,
            reddit_url=self._login,
            user_agent="redshank",
            username=None,
            password=None,
            refresh_token=None,
            redirect_uri=None,
            check_for_updates=False,
            check_for_async=False,
        )
