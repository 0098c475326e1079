"""What a database error means to the operator: the one edge where foreign errors of storage stop.

Codes: https://www.sqlite.org/rescode.html and PostgreSQL 15, appendix A.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from core.errors import StorageError

_BUSY = "is held by another process for too long: try again, and look for a process that hangs"
_READ_ONLY = "may only be read by this user: give it the right to write, or check for a read-only disk"
_FULL = "has no room left (the disk is full): free some space; nothing was half-written"
_SCHEMA = "lacks a table or column that this program needs: upgrade the database first"

_SQLITE = {
    3: "may not be opened by this user: check the rights on the file and its folder",  # PERM
    5: _BUSY,  # BUSY
    6: _BUSY,  # LOCKED
    8: _READ_ONLY,  # READONLY
    10: "cannot be read or written (disk error, or no room left): check the disk",  # IOERR
    11: "is damaged: put the last backup in its place",  # CORRUPT
    13: _FULL,  # FULL
    14: "cannot be opened: check that the folder exists and that this user may write to it",  # CANTOPEN
    26: "is a file of another kind, not an SQLite database: check the address",  # NOTADB
}
_POSTGRESQL = {
    "08": "was lost from sight: check that the server runs and try again",
    "25006": _READ_ONLY,
    "28": "refuses this user: check the user name and the password",
    "3D000": "does not exist on that server: create it, or check its name",
    "40": "was asked for the same rows by two processes at once: try again",
    "42501": "lets this user do too little: grant it the rights on the schema and its tables",
    "42P01": _SCHEMA,
    "42703": _SCHEMA,
    "53100": _FULL,
    "53": "has too few resources left (memory or connections): see the server's log",
    "55P03": _BUSY,
    "57P": "is shutting down or starting: try again when the server is up",
    "58": "met a fault of its disk or system: see the server's log",
}


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn a database error raised inside into a StorageError that names the database and what to do."""
    try:
        yield
    except CommandError as error:
        # Alembic speaks of migrations alone, never of what is in the tables.
        where = engine.url.render_as_string(hide_password=True)
        raise StorageError(
            f"the tables of the database {where} do not fit this program ({error}): install the newest program"
        ) from error
    except DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True)
        problem = _known(error)
        if problem is not None:
            raise StorageError(f"the database {where} {problem}") from error
        # A bug of ours. PostgreSQL puts the whole row into such a message, so it must not travel on.
        raise StorageError(
            f"the database {where} refused a statement ({_details(error)}): this is a fault of the program"
        ) from None


def _known(error: DBAPIError) -> str | None:
    """Say what is wrong in words, or None where the operator cannot help it."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        if str(error.orig).startswith(("no such table", "no such column")):
            return _SCHEMA
        return _SQLITE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return next((_POSTGRESQL[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRESQL), None)
    if error.connection_invalidated or isinstance(error, OperationalError):
        # libpq gives no code when it cannot connect; its first line names address and cause, no secret.
        cause = str(error.orig).partition("\n")[0]
        return f"cannot be reached: check that the server runs, its address, user and password ({cause})"
    return None


def _details(error: DBAPIError) -> str:
    """Name the kind of error and the table, column and constraint, never a value."""
    diagnosis = getattr(error.orig, "diag", None)
    names = ("sqlstate", "table_name", "column_name", "constraint_name")
    found = [getattr(diagnosis, name, None) for name in names] if diagnosis else [str(error.orig)]
    return " ".join([type(error.orig).__name__, *filter(None, found)])
