"""Databases for tests: SQLite files, and a private PostgreSQL server on a Unix socket. PYTEST_DONT_REWRITE.

A test module says ``pytest_plugins = ["storage_fixtures"]`` and asks for ``engine``: it then runs once on
each database, on empty tables of its own. The server is Debian's, started once and stopped at the end.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from core.types import Assessment, Mention, Severity, Verdict
from storage.engine import open_engine, upgrade
from storage.tables import Row

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

_numbers = itertools.count(1)


def mention(key: str = "1", text: str = "The garden is open on Sunday.", **rest: Any) -> Mention:
    values = {"source": "news", "url": f"https://news.example/{key}", "platform": "news", **rest}
    return Mention(key=key, text=text, **values)


def verdict(severity: Severity = Severity.high, **rest: Any) -> Verdict:
    values: dict[str, Any] = {
        "labels": ("privacy",),
        "ask": ("privacy",),
        "clauses": ("004 §9.2",),
        "recipients": ("governance",),
        "reasons": ("privacy at the sure threshold",),
    }
    return Verdict(flagged=True, severity=severity, **(values | rest))


HARMLESS = Verdict(flagged=False, severity=Severity.none)


def an_assessment(**rest: Any) -> Assessment:
    values: dict[str, Any] = {
        "scores": {"privacy": 0.9},
        "labels": ("privacy",),
        "ask": ("privacy",),
        "severity": Severity.high,
        "relevance": 0.8,
        "relevant": True,
        "author_role": "public",
        "model": "tiny-1",
    }
    return Assessment(**(values | rest))


class PostgresServer:
    """A running server; every database it makes is new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new database for as long as the block lasts."""
        name = f"redshank_{next(_numbers)}"
        self.ask(f"CREATE DATABASE {name}")
        yield self.url(name)
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def ask(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server of our own; as root it runs as the user postgres, since it refuses root."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql)")
    # A socket's path may have 107 bytes at most: pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="rs-pg-", dir="/tmp"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / program, "-D", folder / "data", *arguments],
            check=True,
            user=user,
            group=user,
            cwd="/",
            timeout=60,
            stdout=subprocess.DEVNULL,
        )

    options = (
        f"-c listen_addresses='' -k {folder} -c fsync=off -c full_page_writes=off -c shared_buffers=16MB"
    )
    try:
        run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield PostgresServer(folder)
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The name of the database that the test runs on."""
    return str(request.param)


@pytest.fixture
def blank_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path}/blank.db"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, empty, to be copied: quicker than to run the migrations each time."""
    original = tmp_path_factory.mktemp("migrated") / "redshank.db"
    _upgrade(f"sqlite:///{original}")
    return original


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The address of a database with all tables, emptied for each test: making one takes half a second."""
    with postgres.database() as url:
        _upgrade(url)
        yield url


@pytest.fixture
def engine_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with all tables, empty: for tests that open it more than once."""
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "redshank.db")
        return f"sqlite:///{tmp_path}/redshank.db"
    url = str(request.getfixturevalue("migrated_postgres"))
    with psycopg.connect(url) as connection:
        for table in reversed(Row.metadata.sorted_tables):
            connection.execute(f"DELETE FROM {table.name}".encode())
    return url


@pytest.fixture
def engine(engine_url: str) -> Iterator[Engine]:
    """An open database with all tables, empty."""
    opened = open_engine(engine_url)
    yield opened
    opened.dispose()


def _upgrade(url: str) -> None:
    opened = open_engine(url)
    upgrade(opened)
    opened.dispose()
