"""Remembers the keys that a source brought, to ask every 20 hours which of them are gone.

For platforms that don't tell what was deleted. It wraps the cursor of ``_walk``.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.errors import FetchError
from core.types import Batch

MOST = 2000
EVERY = timedelta(
    hours=20
)  # what is deleted must be forgotten within a day, and the next visit may be hours away


class Held(BaseModel):
    """The cursor: that of the ``walk``, the keys seen last, oldest first, and when they were last asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(default=1, ge=1, le=1)
    walk: str | None = None
    keys: tuple[str, ...] = Field(default=(), max_length=MOST)
    checked: AwareDatetime | None = None

    @classmethod
    def load(cls, cursor: str | None) -> Self:
        """What a cursor holds; nothing where it is none of ours."""
        try:
            return cls.model_validate_json(cursor or "{}")
        except (ValidationError, ValueError):
            return cls()


def settle(
    batch: Batch,
    held: Held,
    *,
    now: datetime,
    most: int = MOST,
    check: Callable[[Sequence[str]], Collection[str]],
) -> Batch:
    """The batch of a visit, with what ``check`` finds gone of the keys held; the newest ``most`` are held.

    A check that fails (FetchError) is said in ``missed`` and made again on the next visit.
    """
    new = {mention.key for mention in batch.mentions}
    old = [key for key in held.keys if key not in new]
    gone: Collection[str] = ()
    checked = held.checked or now
    missed = batch.missed
    if old and now - checked >= EVERY:
        try:
            gone, checked = check(old), now
        except FetchError as error:
            missed = "; ".join(filter(None, [missed, f"what was deleted could not be asked for: {error}"]))
    kept = [key for key in old if key not in gone] + [mention.key for mention in batch.mentions]
    cursor = Held(walk=batch.cursor, keys=tuple(kept[-most:]), checked=checked)
    return replace(
        batch,
        cursor=cursor.model_dump_json(exclude_defaults=True),
        missed=missed,
        deleted=(*batch.deleted, *(key for key in old if key in gone)),
    )
