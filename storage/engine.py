"""Opening the database, one transaction at a time, and bringing its tables up to date.

SQLite runs in WAL mode: a process killed at any moment loses no committed transaction and leaves no half
of one. Writers take their turn from the first statement on (BEGIN IMMEDIATE), because a transaction that
reads first and writes later cannot wait for its turn: https://www.sqlite.org/isolation.html
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from core.errors import StorageError
from storage.faults import explained

_WAIT_S = 30
_READ_ONLY = "redshank_read_only"
_MIGRATING = "redshank_migrating"
_UPGRADE_LOCK = 7_230_001  # any number of our own: PostgreSQL's advisory locks are told apart by it


def open_engine(url: str) -> Engine:
    """Open ``sqlite:///PATH`` or ``postgresql://…`` and connect once, so that trouble shows here.

    The folder of an SQLite file is created, and both are made readable to their owner alone.
    Raises StorageError, which never shows the password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError(
            "storage.url is no database address: use sqlite:///PATH or postgresql://…"
        ) from None
    match parsed.get_backend_name():
        case "sqlite":
            engine = _open_sqlite(parsed)
        case "postgresql" | "postgres":
            engine = _open_postgresql(parsed)
        case other:
            raise StorageError(f"storage.url names {other!r}: use sqlite:///PATH or postgresql://…")
    try:
        with explained(engine), engine.connect():
            return engine
    except BaseException:
        engine.dispose()
        raise


@contextmanager
def session(engine: Engine, *, read_only: bool = False) -> Iterator[Session]:
    """One transaction: committed when the block ends, rolled back when it raises.

    A ``read_only`` one waits for no writer on SQLite, and cannot write on either database.
    Raises StorageError where the database is unreachable, full, locked or read-only.
    """
    bind = engine.execution_options(**{_READ_ONLY: True}) if read_only else engine
    with explained(engine), Session(bind) as opened, opened.begin():
        yield opened


def upgrade(engine: Engine) -> None:
    """Create the tables or bring them up to date; of several processes that start it, one does the work.

    Tables that are up to date are only looked at, which waits for no writer. Raises StorageError where they
    are newer than this program.
    """
    found, known = revision(engine), _known_revisions()
    if found == known[0]:
        return
    if found is not None and found not in known:
        raise _newer(found)
    with explained(engine), engine.execution_options(**{_MIGRATING: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        command.upgrade(alembic_config(connection), "head")


def revision(engine: Engine) -> str | None:
    """Say which migration the database is at; None where it has no tables yet."""
    reading = engine.execution_options(**{_READ_ONLY: True})
    with explained(engine), reading.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check(engine: Engine) -> None:
    """Raise StorageError unless the tables are exactly those that this program knows."""
    found, known = revision(engine), _known_revisions()
    if found == known[0]:
        return
    if found is None:
        raise StorageError("the database has no tables yet: upgrade it first")
    if found in known:
        raise StorageError(f"the database is at {found}, older than {known[0]}: back it up and upgrade it")
    raise _newer(found)


def alembic_config(connection: Connection | None = None) -> Config:
    """Give Alembic's settings for the migrations shipped with this package, to run over ``connection``."""
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _known_revisions() -> list[str]:
    """The migrations that this program knows, newest first."""
    return [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]


def _newer(found: str) -> StorageError:
    return StorageError(f"the database is at {found}, newer than this program: install the newer program")


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        path = Path(url.database).absolute()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            reason = error.strerror or "unknown reason"
            raise StorageError(
                f"the database {path} cannot be opened ({reason}): check folder and rights"
            ) from error
        url = url.set(database=str(path))
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _WAIT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own idea of when a transaction starts is switched off: _begin_sqlite says it.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    reading = bool(options.get(_READ_ONLY))
    # Foreign keys rest during migrations: SQLite alters a table by dropping it, which would cascade.
    connection.exec_driver_sql(f"PRAGMA foreign_keys = {int(not options.get(_MIGRATING))}")
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _open_postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        # No prepared statements: after five runs the server plans "key IN (…)" blindly, 10 times slower.
        connect_args={"connect_timeout": _WAIT_S, "prepare_threshold": None},
    )
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_postgresql(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{_WAIT_S}s'")
    cursor.close()
    connection.commit()


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_READ_ONLY):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
