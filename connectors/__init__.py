"""One module per place we read. Names starting with an underscore are helpers.

A connector is found by listing this folder: no registry to edit.
"""

import importlib
import pkgutil
from typing import Any, Protocol, cast

from pydantic import BaseModel

from connectors._guard import check_entry
from connectors._http import Client
from connectors._terms import Terms
from core.errors import ConfigError
from core.types import Batch

check_allow_host = check_entry


class Connector(Protocol):
    """What every connector module holds; its docstring says what its cursor is.

    ``Options`` is a pydantic model that refuses unknown keys; its ``name`` is the source's own name, set by
    whoever wires the source, as is a ``query`` where the platform is asked with one. ``TERMS`` is what must be kept to.
    ``SAMPLE`` is the path of a hand-written payload below ``tests/samples``.
    """

    Options: type[BaseModel]
    PLATFORM: str
    SAMPLE: str
    TERMS: Terms

    def fetch(self, options: Any, cursor: str | None, client: Client) -> Batch:
        """Ask the source once; raises ``core.errors.FetchError`` and nothing else."""
        ...


def names() -> list[str]:
    """The kinds of source that can be configured, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def load(kind: str) -> Connector:
    """The connector of this kind; raises ``ConfigError`` naming the known kinds if there is none."""
    if kind not in names():
        raise ConfigError(f"unknown kind of source {kind!r}; known kinds: {', '.join(names())}")
    return cast(Connector, importlib.import_module(f"{__name__}.{kind}"))
