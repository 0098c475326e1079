"""The tables that the migrations make are the tables that the code knows."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from storage_fixtures import NOW, mention

from core.errors import StorageError
from storage import mentions
from storage.engine import alembic_config, check, open_engine, revision, session, upgrade
from storage.tables import Row

pytest_plugins = ["storage_fixtures"]


@pytest.fixture
def blank(blank_url: str) -> Iterator[Engine]:
    opened = open_engine(blank_url)
    yield opened
    opened.dispose()


@pytest.fixture
def own(blank: Engine) -> Engine:
    """All tables, and no other test's: to be spoilt at will."""
    upgrade(blank)
    return blank


def test_the_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    with session(engine) as write:
        mentions.add_new(write, [mention()], NOW)
    before = revision(engine)
    upgrade(engine)
    check(engine)
    assert revision(engine) == before
    with session(engine) as read:
        assert mentions.counts(read, NOW).mentions == 1


def test_two_that_upgrade_at_once_both_succeed(blank: Engine) -> None:
    start = Barrier(2)

    def run() -> None:
        another = open_engine(blank.url.render_as_string(hide_password=False))
        start.wait()
        try:
            upgrade(another)
        finally:
            another.dispose()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run), pool.submit(run)]:
            done.result()
    check(blank)


def test_the_first_migration_can_be_taken_back(own: Engine) -> None:
    with own.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert inspect(own).get_table_names() == ["alembic_version"]
    upgrade(own)
    check(own)


def test_a_database_without_tables_is_told(blank: Engine) -> None:
    assert revision(blank) is None
    with pytest.raises(StorageError, match="no tables yet"):
        check(blank)
    with pytest.raises(StorageError, match="lacks a table"), session(blank) as write:
        mentions.add_new(write, [mention()], NOW)


def test_a_newer_database_is_told(own: Engine) -> None:
    with own.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer than this program"):
        check(own)


def test_a_newer_database_is_not_upgraded(own: Engine) -> None:
    with own.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="at 9999, newer than this program"):
        upgrade(own)


@pytest.mark.parametrize("look", [upgrade, check])
def test_a_database_with_two_histories_is_told(own: Engine, look: Callable[[Engine], None]) -> None:
    with own.begin() as connection:
        connection.execute(text("INSERT INTO alembic_version (version_num) VALUES ('9999')"))
    with pytest.raises(StorageError, match="do not fit this program"):
        look(own)


def test_a_database_made_newer_at_the_same_moment_is_told(
    own: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    monkeypatch.setattr("storage.engine.revision", lambda _: None)
    with pytest.raises(StorageError, match="install the newest program"):
        upgrade(own)


def test_tables_that_are_up_to_date_are_found_so_while_another_writes(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "redshank.db")
    opened = open_engine(f"sqlite:///{tmp_path}/redshank.db")
    with opened.connect() as impatient:
        impatient.exec_driver_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "redshank.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    upgrade(opened)
    other.close()
    opened.dispose()


def test_an_older_database_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later:
        @staticmethod
        def from_config(config: object) -> "Later":
            return Later()

        @staticmethod
        def walk_revisions() -> list["Later"]:
            found = {name: Later() for name in ("9999", "0002", "0001")}
            for name, one in found.items():
                one.revision = name  # type: ignore[attr-defined]
            return list(found.values())

    monkeypatch.setattr("storage.engine.ScriptDirectory", Later)
    with pytest.raises(StorageError, match="older than 9999"):
        check(engine)


def test_every_migration_is_one_line_from_first_to_last() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
