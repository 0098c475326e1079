"""Links by which somebody takes note of a message: signed, expiring, and holding nothing but its number.

A link names a notice and says nothing of it. It is signed with a key that only this installation knows, and
itsdangerous writes the moment of signing into it, so that it runs out. That it serves once is the database's
to know.
"""

import secrets
from datetime import timedelta
from pathlib import Path

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from core.errors import ConfigError, RedshankError

_PURPOSE = "redshank.acknowledge"
_KEY_BYTES = 32


class Links:
    """Makes and reads the links of one installation; ``address`` is where its review site is reached."""

    def __init__(self, key: str, address: str, last: timedelta) -> None:
        self._signer = URLSafeTimedSerializer(key, salt=_PURPOSE)
        self._address = address.rstrip("/")
        self._last = last

    def make(self, number: int) -> str:
        """The link of the notice with this number; "" while the site has no address."""
        return f"{self._address}/acknowledge/{self._signer.dumps(number)}" if self._address else ""

    def read(self, ticket: str) -> int:
        """The number of the notice that a ticket belongs to.

        Raises RedshankError where it was not made here, was altered, or has run out.
        """
        try:
            number = self._signer.loads(ticket, max_age=int(self._last.total_seconds()))
        except SignatureExpired:
            raise RedshankError("this link has run out; a newer message holds a newer one") from None
        except BadSignature:
            raise RedshankError("this link is not one of ours, or was cut on its way") from None
        if not isinstance(number, int):
            raise RedshankError("this link is not one of ours, or was cut on its way")
        return number


def signing_key(given: str, folder: Path, name: str = "review.key") -> str:
    """The key given, else the one kept in the file ``name`` of ``folder``, made there at the first need.

    Raises ConfigError where it can be neither read nor made.
    """
    if given:
        return given
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(secrets.token_urlsafe(_KEY_BYTES))
        except FileExistsError:
            pass
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"a key of this installation cannot be kept ({error.strerror})", path=path
        ) from None
