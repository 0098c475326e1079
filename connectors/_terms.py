"""What a platform allows, as a record that stands in each connector's file: a promise to keep, not a comment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So many units each ``per``; windows of a day or longer begin at midnight in ``zone``."""

    units: int
    per: timedelta
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What must be kept to with a platform.

    ``read_on`` is the day when its rules were last read, ``limits`` says in words how much may be asked, ``deletion``
    what must be forgotten when, ``cost`` what it costs, ``keys`` which of the options are secrets of the operator's
    that it cannot do without. ``approval`` says why nothing is asked before the operator has recorded the platform's
    approval; empty where none is needed. ``budgets`` hold the units that a key may spend, by the name that
    ``Client.get`` is told.
    """

    read_on: date
    limits: str
    deletion: str
    cost: str = "free"
    keys: tuple[str, ...] = ()
    approval: str = ""
    budgets: Mapping[str, Budget] = field(default_factory=lambda: MappingProxyType({}))
