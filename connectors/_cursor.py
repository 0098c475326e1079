"""What a feed's visit remembers for the next one: a small JSON text, opaque to everybody else."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors._entry import By

VERSION = 1
MOST_KNOWN = 200
MOST_ENTRIES = 100_000  # the most that a visit may be set to read
_HEADER = r"^[ -~\x80-\xff]*$"


class Wait(BaseModel):
    """An article still to be read: how often that failed, and since when (Unix seconds; 0 before that)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tries: int = Field(default=0, ge=0)
    since: int = Field(default=0, ge=0)


class Cursor(BaseModel):
    """Where the last visit ended.

    ``url`` is the configured address that it belongs to, ``moved_to`` where that has moved for good, ``etag``
    and ``modified`` the validators of the last answer, ``body`` a hash of it, ``wait`` how many seconds the
    feed itself wants between visits. ``known`` are the newest entries (hash of key, dot, hash of content): all
    that the feed held where articles are read, else ``MOST_KNOWN``. ``waiting`` are the entries (hash of key)
    whose articles are still to be read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(ge=VERSION, le=VERSION)
    url: str
    moved_to: str = ""
    etag: str = Field(default="", max_length=1000, pattern=_HEADER)
    modified: str = Field(default="", max_length=100, pattern=_HEADER)
    body: str = ""
    wait: int = Field(default=0, ge=0, le=86400)
    known: tuple[str, ...] = Field(default=(), max_length=MOST_ENTRIES + MOST_KNOWN)
    waiting: dict[str, Wait] = Field(default_factory=dict, max_length=MOST_KNOWN)
    shared: dict[str, By] = Field(default_factory=dict, max_length=MOST_KNOWN)


def load(text: str | None, url: str) -> Cursor:
    """The cursor, or an empty one where there is none, it is malformed, or it is of another address."""
    try:
        cursor = Cursor.model_validate_json(text or "")
    except (ValidationError, ValueError):
        return Cursor(v=VERSION, url=url)
    return cursor if cursor.url == url else Cursor(v=VERSION, url=url)


def dump(cursor: Cursor) -> str:
    """The cursor as text, without what is empty."""
    return cursor.model_dump_json(exclude_defaults=True)


def header(value: str | None, longest: int) -> str:
    """A validator that can be sent back as it came, or nothing."""
    value = (value or "").strip()
    fits = len(value) <= longest and all(" " <= char <= "\xff" and char != "\x7f" for char in value)
    return value if fits else ""
