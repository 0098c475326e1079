"""The signature of a webhook, by the Standard Webhooks specification: who sent it, when, and that it is whole."""

import base64
import binascii
from datetime import datetime
from hashlib import sha256

from standardwebhooks import Webhook

PREFIX = "whsec_"


def check_key(key: str) -> None:
    """Raises ValueError, which never holds the key, unless it is "whsec_" and 24 to 64 bytes in base64."""
    encoded = key.removeprefix(PREFIX)
    padded = encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4)
    try:
        size = len(base64.b64decode(padded, validate=True)) if key.startswith(PREFIX) else 0
    except (binascii.Error, ValueError):
        size = 0
    if not 24 <= size <= 64:
        raise ValueError(f'key must be "{PREFIX}" and 24 to 64 random bytes in base64')


def signed(body: str, name: str, now: datetime, key: str) -> dict[str, str]:
    """The headers of a signed body; its id follows from ``name`` alone, so that a repeat is recognised."""
    known_as = sha256(name.encode()).hexdigest()
    return {
        "webhook-id": known_as,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(key).sign(known_as, now, body),
    }
