"""The tables that the migrations make are the tables that the code knows."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
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
from core.types import Batch, Work
from storage import audit, cases, cursors, lookup, mentions
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


def newest() -> str | None:
    """The migration to which an upgrade leads."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


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
    assert revision(blank) == newest()
    with blank.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []


def test_the_first_migration_can_be_taken_back(own: Engine) -> None:
    with own.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert inspect(own).get_table_names() == ["alembic_version"]
    upgrade(own)
    check(own)


STEPS = (
    (1, None, "raised", "privacy at the sure threshold"),
    (1, "raised", "raised", "another copy (mention 2, version 1): privacy"),
    (1, "raised", "raised", "edited at the source (mention 2, version 2): privacy"),
    (1, "closed", "reopened", "another copy (mention 3, version 1): privacy"),
    (2, None, "raised", "“naïve” quotes"),
)


@pytest.fixture
def at_two(blank: Engine) -> Engine:
    """The tables of migration 0002, with cases, steps and notices in them."""
    with blank.execution_options(redshank_migrating=True).begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
    rows = "'[]', '[]', '[]', '[\"governance\"]', '[]'"
    at = (
        "2026-03-02 09:30:00.123456+00:00"
        if blank.dialect.name == "postgresql"
        else "2026-03-02 09:30:00.123456"
    )
    with blank.begin() as connection:
        for story in ("one", "two"):
            connection.execute(
                text(
                    "INSERT INTO cases (story, state, severity, labels, ask, clauses, recipients, reasons, "
                    f"detected_at, revision) VALUES ('{story}', 'raised', 3, {rows}, '{at}', 1)"
                )
            )
        for case_id, before, after, reason in STEPS:
            connection.execute(
                text(
                    "INSERT INTO step (case_id, before, after, actor, role, at, reason) "
                    "VALUES (:case, :before, :after, 'machine', 'machine', :at, :reason)"
                ),
                {"case": case_id, "before": before, "after": after, "at": at, "reason": reason},
            )
        for key, case_id, status in (
            ("k1", "1", "sent"),
            ("k2", "2", "queued"),
            ("digest", "NULL", "queued"),
        ):
            connection.execute(
                text(
                    'INSERT INTO outbox (key, kind, role, "to", channel, why, case_id, status, attempts, next_try_at, '
                    f"created_at, last_error) VALUES ('{key}', 'case', 'hr', 'x@y.example', 'mail', 'w', {case_id}, "
                    f"'{status}', 0, '{at}', '{at}', '')"
                )
            )
    return blank


def test_steps_become_the_audit_log_and_stay_the_record(at_two: Engine) -> None:
    upgrade(at_two)
    with session(at_two, read_only=True) as read:
        assert audit.verify(read) == []
        assert [one.action for one in audit.entries(read)] == ["raise", "copy", "edit", "reopen", "raise"]
        found = cases.steps(read, 1)
        assert [(one.before, str(one.after), one.reason) for one in found] == [one[1:] for one in STEPS[:4]]
        assert found[0].at == datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
        assert [case.work for case in cases.open_(read)] == [Work(), Work()]
        assert audit.count(read) == len(STEPS)
    with session(at_two) as write:
        audit.append(write, at=NOW, actor="gale", role="hr", action="note", case_id=1)
        assert audit.verify(write) == []
    with session(at_two) as write:
        write.connection().execute(text("DELETE FROM audit WHERE id > 4"))
        assert audit.verify(write) == [
            "missing: the end of the log, which reached to line 6 and now reaches to 4"
        ]


def test_what_a_notice_told_becomes_an_occasion(at_two: Engine) -> None:
    upgrade(at_two)
    with at_two.begin() as connection:
        told = connection.execute(
            text(
                "SELECT o.key, n.key, o.case_id FROM occasion o JOIN outbox n ON n.id = o.notice_id ORDER BY n.id"
            )
        ).all()
        assert [tuple(row) for row in told] == [("k1", "k1", 1), ("k2", "k2", 2), ("digest", "digest", None)]
        connection.execute(text("DELETE FROM occasion"))
        connection.execute(text("DELETE FROM outbox"))
        connection.execute(
            text(
                'INSERT INTO outbox (key, kind, role, "to", channel, why, status, attempts, next_try_at, created_at, '
                "last_error, message_id) VALUES ('k', 'case', 'hr', 'x', 'mail', 'w', 'sent', 0, "
                "'2026-03-02 09:30:00', '2026-03-02 09:30:00', '', '')"
            )
        )
        assert connection.execute(text("SELECT id FROM outbox")).scalar_one() == 4


def test_outages_that_last_begin_the_history(at_two: Engine) -> None:
    """Those of before were not kept; what runs on is known, and ends when the source answers."""
    at = "2026-03-01 08:00:00"
    with at_two.begin() as connection:
        for name, failing, temporary, retired in (
            ("fine", None, True, None),
            ("gone", at, False, at),
            ("down", at, True, None),
            ("shut", at, False, None),
        ):
            connection.execute(
                text(
                    "INSERT INTO source_state (name, failing_since, error, error_temporary, retired_at, missed, "
                    "mentions, failures) VALUES (:name, :failing, '', :temporary, :retired, '', 0, 1)"
                ),
                {"name": name, "failing": failing, "temporary": temporary, "retired": retired},
            )
    upgrade(at_two)
    began = datetime(2026, 3, 1, 8, tzinfo=UTC)
    with session(at_two) as write:
        cursors.succeeded(write, "down", Batch(), 0, NOW)
        found = cursors.outages(write, began)
    assert [(one.source, one.began, one.ended, one.kind) for one in found] == [
        ("down", began, NOW, "failed"),
        ("gone", began, None, "retired"),
        ("shut", began, None, "refused"),
    ]


def test_going_back_keeps_cases_steps_and_notices(at_two: Engine) -> None:
    before = _rows(at_two)
    upgrade(at_two)
    with at_two.execution_options(redshank_migrating=True).begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
    assert _rows(at_two) == before
    upgrade(at_two)
    check(at_two)
    with session(at_two, read_only=True) as read:
        assert audit.verify(read) == []
        assert len(audit.entries(read)) == len(STEPS)
    with at_two.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []


def _rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    columns = {
        "cases": "id, story, state, severity, detected_at, revision",
        "step": "id, case_id, before, after, actor, role, at, reason",
        "outbox": "id, key, case_id, status, next_try_at",
    }
    with engine.connect() as connection:
        return {
            table: [
                tuple(row) for row in connection.execute(text(f"SELECT {names} FROM {table} ORDER BY id"))
            ]
            for table, names in columns.items()
        }


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
    assert other.in_transaction
    assert revision(opened) == newest()
    other.close()
    opened.dispose()


def test_an_older_database_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later:
        @staticmethod
        def from_config(config: object) -> "Later":
            return Later()

        @staticmethod
        def walk_revisions() -> list["Later"]:
            found = {name: Later() for name in ("9999", "0005", "0004", "0003", "0002", "0001")}
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


def test_what_was_there_has_its_past_behind_it_and_is_forgotten_in_time(blank: Engine) -> None:
    """A source long read is on no first visit, and what an earlier program dropped is not kept for ever."""
    at = "2026-03-01 08:00:00"
    with blank.execution_options(redshank_migrating=True).begin() as connection:
        command.upgrade(alembic_config(connection), "0004")
    with blank.begin() as connection:
        for name, read in (("read", at), ("never", None)):
            connection.execute(
                text(
                    "INSERT INTO source_state (name, last_ok_at, error, error_temporary, missed, mentions, failures) "
                    "VALUES (:name, :read, '', true, '', 0, 0)"
                ),
                {"name": name, "read": read},
            )
        for key, why in (
            ("1", "the organisation's query does not match: not about us"),
            ("2", "no rule met"),
            ("3", "no rule met"),
        ):
            connection.execute(
                text(
                    "INSERT INTO mention (source, key, url, platform, author, content_hash, version, found_at, "
                    "assessed_version, attempts, last_failure, verdict_reason, sealed) VALUES "
                    f"('news', :key, '', 'news', '', 'h', 1, '{at}', 1, 0, '', :why, false)"
                ),
                {"key": key, "why": why},
            )
            connection.execute(
                text(
                    "INSERT INTO mention_version (mention_id, version, content_hash, title, text, seen_at) "
                    f"VALUES (:id, 1, 'h', '', 'words', '{at}')"
                ),
                {"id": int(key)},
            )
        connection.execute(
            text(
                "INSERT INTO assessment (mention_id, version, model, scores, labels, ask, severity, relevance, "
                "relevant, author_role, findings, reasons, at, language, tags) VALUES "
                f"(2, 1, 'm', '{{}}', '[]', '[]', 0, 0.1, false, '', '[]', '[]', '{at}', '', '[]')"
            )
        )
    upgrade(blank)
    with session(blank, read_only=True) as read:
        stands = lookup.standing(read, [1, 2, 3])
        assert [stands[number].relevant for number in (1, 2, 3)] == [False, False, None]
        assert cursors.state(read, "read").backfilled_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
        assert cursors.state(read, "never").backfilled_at is None
