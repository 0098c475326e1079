"""Mail addresses: which may stand in the settings, and how one is named where it must not be shown."""

import hashlib
import re
from functools import lru_cache

from core.errors import ConfigError

# Deliberately narrower than RFC 5321: one @, no blanks, no quoting, nothing that could end a header.
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f@<>,;:\"()\[\]\\]{1,64}@[^\s\x00-\x1f\x7f@<>,;:\"()\[\]\\]{1,253}")


@lru_cache(maxsize=4096)
def fingerprint(address: str) -> str:
    """16 hex digits of the SHA-256 of an address: keys end up in logs, and addresses must not."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()[:16]


def check_address(address: str, role: str) -> None:
    """Raises ConfigError, which does not quote it, where this is not one mail address."""
    if not _ADDRESS.fullmatch(address):
        raise ConfigError(f"an address of role {role} is not a mail address (one name@host each)")
