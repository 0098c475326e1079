"""The keys that an operator gives; without one that it needs a connector asks nothing."""

from typing import cast

from pydantic import SecretStr

from connectors._options import Asking
from core.errors import FetchError


def secret(options: Asking, field: str) -> str:
    """The secret in a field of the options; raises FetchError, naming the variable to set, where it is empty."""
    value = cast(SecretStr, getattr(options, field)).get_secret_value().strip()
    if value:
        return value
    kind = type(options).__module__.rpartition(".")[2]
    name = f"REDSHANK_KEYS__{kind.upper()}__{field.upper()}"
    raise FetchError(f"{kind} needs a key: set {name}", temporary=False)
