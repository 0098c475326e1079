"""The ways of telling somebody: one module each, found by listing this folder.

A channel holds ``Options`` (a pydantic model of its table in redshank.toml) and ``send(message, options)``,
which raises SendError. Names that start with ``_`` are helpers.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any, Protocol, cast

from pydantic import BaseModel

from core.types import Message


class Channel(Protocol):
    """What every module in this folder holds."""

    @property
    def Options(self) -> type[BaseModel]:  # noqa: N802 - the name of the class in the module
        """The settings of the channel."""

    def send(self, message: Message, options: Any) -> None:
        """Hands one message over, or raises SendError saying whether trying again may help."""


def load() -> MappingProxyType[str, Channel]:
    """The channels by name."""
    names = sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))
    return MappingProxyType({name: cast("Channel", import_module(f"{__name__}.{name}")) for name in names})
