"""The ways of telling somebody: one module each, found by listing this folder.

A channel holds ``KIND`` (the word for it in redshank.toml), ``Options`` (a pydantic model of its table there),
``send(message, options)`` and ``check(options)``, which both raise SendError. Names that start with ``_`` are
helpers.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any, Protocol, cast

from pydantic import BaseModel

from core.telling import Message


class Channel(Protocol):
    """What every module in this folder holds."""

    @property
    def KIND(self) -> str:  # noqa: N802 - the name of the constant in the module
        """The word for it in the settings."""

    @property
    def Options(self) -> type[BaseModel]:  # noqa: N802 - the name of the class in the module
        """The settings of the channel."""

    def send(self, message: Message, options: Any) -> None:
        """Hands one message over, or raises SendError saying whether trying again may help."""

    def check(self, options: Any) -> None:
        """Tries as much as can be tried while nobody is told anything, or raises SendError."""


def load() -> MappingProxyType[str, Channel]:
    """The channels by kind."""
    names = sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))
    modules = [cast("Channel", import_module(f"{__name__}.{name}")) for name in names]
    return MappingProxyType({module.KIND: module for module in modules})
