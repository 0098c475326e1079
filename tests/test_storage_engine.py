"""Opening a database, one transaction at a time, and trouble told in words."""

import os
import shutil
import socket
import sqlite3
import traceback
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import StatementError
from storage_fixtures import NOW, PostgresServer, mention

from core.errors import StorageError
from core.types import Batch
from storage import cursors, mentions
from storage.engine import open_engine, session

pytest_plugins = ["storage_fixtures"]


def test_the_folder_is_made_and_both_are_the_owners_alone(tmp_path: Path) -> None:
    opened = open_engine(f"sqlite:///{tmp_path}/var/deep/redshank.db")
    opened.dispose()
    assert (tmp_path / "var/deep").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "var/deep/redshank.db").stat().st_mode & 0o777 == 0o600


def test_a_relative_address_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened = open_engine("sqlite:///var/redshank.db")
    monkeypatch.chdir("/")
    with session(opened) as write:
        write.connection().execute(text("CREATE TABLE t (n INTEGER)"))
    opened.dispose()
    with sqlite3.connect(tmp_path / "var/redshank.db") as direct:
        assert direct.execute("SELECT count(*) FROM t").fetchone() == (0,)
    direct.close()


def test_sqlite_runs_as_promised(tmp_path: Path) -> None:
    opened = open_engine(f"sqlite:///{tmp_path}/redshank.db")
    with session(opened) as write:
        settings = {
            name: write.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    opened.dispose()
    assert settings == {"journal_mode": "wal", "busy_timeout": 30_000, "foreign_keys": 1, "synchronous": 2}


@pytest.mark.parametrize("url", ["", "redshank.db", "mysql://127.0.0.1/redshank", "oracle://u:hunter2@h/d"])
def test_an_address_of_another_kind_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StorageError, match="sqlite:///PATH or postgresql://") as caught:
        open_engine(url)
    assert "hunter2" not in str(caught.value)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("These are somebody's notes. " * 100)
    with pytest.raises(StorageError, match=r"notes\.db is a file of another kind"):
        open_engine(f"sqlite:///{tmp_path}/notes.db")


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        open_engine(f"sqlite:///{tmp_path}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="Permission denied"):
        open_engine(f"sqlite:///{tmp_path}/redshank.db")


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(StorageError, match="cannot be opened"):
        open_engine(f"sqlite:///{tmp_path}/var/redshank.db")


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    with pytest.raises(StorageError, match="cannot be reached") as caught:
        open_engine(f"postgresql://redshank:hunter2@127.0.0.1:{port}/redshank")
    assert "hunter2" not in str(caught.value)


def test_a_database_that_does_not_exist_is_named(postgres: PostgresServer) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        open_engine(postgres.url("nowhere"))


def test_a_failing_transaction_leaves_neither_mentions_nor_cursor(engine: Engine) -> None:
    def interrupted() -> None:
        with session(engine) as write:
            mentions.add_new(write, [mention("1"), mention("2")], NOW)
            cursors.succeeded(write, "news", Batch(cursor="page 2"), 2, NOW)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()
    with session(engine) as read:
        assert mentions.counts(read, NOW).mentions == 0
        assert cursors.state(read, "news").cursor is None


def test_a_reader_cannot_write(engine: Engine) -> None:
    with pytest.raises(StorageError, match="may only be read"), session(engine, read_only=True) as read:
        mentions.add_new(read, [mention()], NOW)
    with session(engine) as write:
        assert mentions.add_new(write, [mention()], NOW)


def test_a_reader_waits_for_no_writer(engine: Engine) -> None:
    with session(engine) as write:
        mentions.add_new(write, [mention()], NOW)
        with session(engine, read_only=True) as read:
            assert mentions.counts(read, NOW).mentions == 0
    with session(engine, read_only=True) as read:
        assert mentions.counts(read, NOW).mentions == 1


def test_foreign_keys_hold(engine: Engine) -> None:
    columns = "case_id, route, state, drafted_by, drafted_at, approved_by, reference, answer"
    orphan = text(f"INSERT INTO action ({columns}) VALUES (7, 'a', 'a', 'a', :at, 'a', 'a', 'a')")
    with pytest.raises(StorageError, match=r"IntegrityError|ForeignKeyViolation"), session(engine) as write:
        write.connection().execute(orphan, {"at": "2026-01-01 00:00:00"})


def test_times_come_back_in_utc_whatever_zone_they_had(engine: Engine) -> None:
    summer_time = NOW.astimezone(timezone(timedelta(hours=1)))
    with session(engine) as write:
        (first,) = mentions.add_new(write, [mention(posted_at=summer_time)], NOW)
    with session(engine) as read:
        posted_at = mentions.read(read, [first])[0].mention.posted_at
    assert posted_at == NOW
    assert posted_at is not None
    assert posted_at.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    bare = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001
    with pytest.raises(StatementError, match="without a time zone"), session(engine) as write:
        mentions.add_new(write, [mention()], bare)


def test_errors_never_show_what_was_written(engine: Engine) -> None:
    broken = text("INSERT INTO outbox (key, why) VALUES (:key, :why)")
    with pytest.raises(StorageError, match="fault of the program") as caught, session(engine) as write:
        write.connection().execute(broken, {"key": "k", "why": "Room 4 has scabies"})
    assert "scabies" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("53100", "no room left"),
        ("53300", "too few resources"),
        ("40P01", "by two processes at once: try again"),
        ("55P03", "held by another process"),
        ("42501", "grant it the rights"),
        ("57P01", "shutting down"),
        ("58030", "fault of its disk"),
    ],
)
def test_what_a_server_complains_of_is_said_with_what_to_do(
    postgres: PostgresServer, code: str, said: str
) -> None:
    opened = open_engine(postgres.url("postgres"))
    complain = text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")
    with pytest.raises(StorageError, match=said), session(opened) as write:
        write.connection().execute(complain)
    opened.dispose()


def test_a_server_that_goes_away_is_told_and_found_again(postgres: PostgresServer) -> None:
    opened = open_engine(postgres.url("postgres"))
    hang_up = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(StorageError, match=r"shutting down|cannot be reached"), session(opened) as write:
        write.connection().execute(hang_up)
    with session(opened) as write:
        assert write.connection().execute(text("SELECT 1")).scalar() == 1
    opened.dispose()


def test_a_database_held_for_too_long_is_told(tmp_path: Path) -> None:
    opened = open_engine(f"sqlite:///{tmp_path}/redshank.db")
    with opened.connect() as impatient:
        impatient.exec_driver_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "redshank.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="held by another process"), session(opened) as write:
        write.connection().execute(text("SELECT 1"))
    other.close()
    opened.dispose()


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "redshank.db")
    opened = open_engine(f"sqlite:///{tmp_path}/redshank.db")
    big = [mention(str(number), text="word " * 2_000) for number in range(300)]

    def collect() -> None:
        with session(opened) as write:
            pages = write.connection().exec_driver_sql("PRAGMA page_count").scalar()
            write.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
            cursors.succeeded(write, "news", Batch(cursor="page 2"), 300, NOW)
            mentions.add_new(write, big, NOW)

    with pytest.raises(StorageError, match="no room left"):
        collect()
    opened.dispose()
    opened = open_engine(f"sqlite:///{tmp_path}/redshank.db")
    with session(opened) as write:
        assert mentions.counts(write, NOW).mentions == 0
        assert cursors.state(write, "news").cursor is None
        assert len(mentions.add_new(write, big, NOW)) == 300
        assert write.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    opened.dispose()
