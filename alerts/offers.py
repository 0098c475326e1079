"""What may be done about a case, as a message offers it (values)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The ids of the routes that are ``open``, in the order to try them, and of those ``waiting`` for the guardian."""

    open: Sequence[str] = ()
    waiting: Sequence[str] = ()
