"""Asks with a token that a log-in gives for a while (OAuth 2.0, RFC 6749): made at the first request, kept nowhere."""

from collections.abc import Callable, Mapping

from connectors._http import Client
from connectors._json import Shape, ask, read
from core.errors import FetchError


def logged_in(client: Client, login: str, form: Mapping[str, str]) -> Callable[[str], Shape]:
    """What GETs an address; where a token is no longer taken (401) it logs in anew, once. Raises FetchError."""
    token = ""

    def get(url: str) -> Shape:
        nonlocal token
        new = not token
        token = token or _token(client, login, form)
        try:
            return ask(client, url, {"Authorization": f"Bearer {token}"})
        except FetchError as error:
            if error.status != 401:
                raise
            if new:
                raise FetchError(f"{error}: it refuses the key", temporary=False, status=401) from None
        token = ""
        return get(url)

    return get


def _token(client: Client, login: str, form: Mapping[str, str]) -> str:
    try:
        answer = read(client.post(login, {"Accept": "application/json"}, form=form))
    except FetchError as error:
        if error.temporary:
            raise
        said = f"{error}: it refuses to log in, renew the key"
        raise FetchError(said, temporary=False, status=error.status, gone=error.gone) from None
    token = answer.text("access_token")
    if not token:
        raise FetchError(f"{answer.whence}: the log-in gave no token", temporary=True)
    return token
