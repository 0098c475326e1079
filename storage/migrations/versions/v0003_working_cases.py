"""What people do about a case: its work, the audit log in place of steps, actions, occasions, silences; outages.

Revision ID: 0003
Revises: 0002
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENTS = ("seen_at", "aware_at", "decided_at", "acted_at", "gone_at", "closed_at", "moved_at", "renewed_at")
_AUDIT = sa.table(
    "audit",
    *(sa.column(name) for name in ("id", "actor", "role", "action", "case_id", "before", "after", "reason")),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("details", sa.JSON()),
    sa.column("previous"),
    sa.column("digest"),
)
_STEP = sa.table(
    "step",
    *(sa.column(name) for name in ("id", "case_id", "before", "after", "actor", "role", "reason")),
    sa.column("at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    _grow_cases()
    with op.batch_alter_table("mention") as table:
        table.add_column(sa.Column("sealed", sa.Boolean(), nullable=False, server_default="0"))
    with op.batch_alter_table("assessment") as table:
        table.add_column(sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    _create_audit()
    _move_steps()
    op.drop_table("step")
    _create_occasions()
    _create_work()
    _create_outages()


def downgrade() -> None:
    _steps_back()
    _occasions_back()
    for name in ("outage", "sample", "target", "silence", "action", "acknowledgement", "audit"):
        op.drop_table(name)
    for column in ("assessment DROP COLUMN tags", "mention DROP COLUMN sealed"):
        op.execute(f"ALTER TABLE {column}")
    names = ("tags", "routes", "guards", "conflicts", *_MOMENTS, "assignee", "held_from", "hold_until")
    with op.batch_alter_table("cases", table_kwargs={"sqlite_autoincrement": True}) as table:
        for name in (*names, "own_breach", "released_at", "outcome", "upheld", "folded_into"):
            table.drop_column(name)


def _grow_cases() -> None:
    with op.batch_alter_table("cases") as table:
        for name in ("tags", "routes", "guards", "conflicts"):
            table.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
        for name in (*_MOMENTS, "hold_until", "released_at"):
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("assignee", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("held_from", sa.String(), nullable=True))
        table.add_column(sa.Column("own_breach", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("outcome", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("upheld", sa.JSON(), nullable=True))
    # In words, which both databases understand: the batch would copy the table, and with it lose the last number.
    op.execute(
        "ALTER TABLE cases ADD COLUMN folded_into INTEGER "
        "CONSTRAINT fk_cases_folded_into_cases REFERENCES cases (id)"
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("actor", "role", "action")),
        sa.Column("case_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("before", "after", "reason")),
        sa.Column("details", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("previous", "digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_previous")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_case_id"), "audit", ["case_id"], unique=False)


def _move_steps() -> None:
    """Chain the steps in the order in which they were written."""
    connection, previous = op.get_bind(), ""
    for step in connection.execute(sa.select(_STEP).order_by(_STEP.c.id)).mappings().all():
        row = {
            "at": step["at"],
            "actor": step["actor"],
            "role": step["role"],
            "action": _action(step),
            "case_id": step["case_id"],
            "before": step["before"] or "",
            "after": step["after"],
            "reason": step["reason"],
            "details": {},
            "previous": previous,
        }
        previous = _digest(row)
        connection.execute(sa.insert(_AUDIT).values(row | {"digest": previous}))


def _action(step: Any) -> str:
    """What the machine did: until now it was the only one that wrote steps."""
    if step["before"] is None:
        return "raise"
    if step["before"] != step["after"]:
        return "reopen"
    return "copy" if step["reason"].startswith("another copy") else "edit"


def _digest(row: dict[str, Any]) -> str:
    """storage.audit.digest as it was when this migration was written."""
    at: datetime = row["at"].replace(tzinfo=UTC) if row["at"].tzinfo is None else row["at"].astimezone(UTC)
    canonical = json.dumps(
        row | {"at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _create_occasions() -> None:
    op.create_table(
        "occasion",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["outbox.id"], name=op.f("fk_occasion_notice_id_outbox"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_occasion_case_id_cases")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_occasion")),
    )
    op.create_index(op.f("ix_occasion_case_id"), "occasion", ["case_id"], unique=False)
    op.create_index(op.f("ix_occasion_notice_id"), "occasion", ["notice_id"], unique=False)
    op.execute("INSERT INTO occasion (key, notice_id, case_id) SELECT key, id, case_id FROM outbox")
    # SQLite copies the table, whose last number is that of its last row: no notice was ever deleted.
    with op.batch_alter_table("outbox", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_index("ix_outbox_case_id")
        table.drop_constraint("fk_outbox_case_id_cases", type_="foreignkey")
        table.drop_column("case_id")
        table.add_column(sa.Column("message_id", sa.String(), nullable=False, server_default=""))
    op.create_index(op.f("ix_outbox_message_id"), "outbox", ["message_id"], unique=False)


def _create_work() -> None:
    _create(
        "acknowledgement",
        (_case(nullable=False), _number("revision"), *_words("role", "who"), _moment("at")),
        sa.Column("ticket", sa.String(), nullable=True),
        sa.UniqueConstraint("ticket", "case_id", name=op.f("uq_acknowledgement_ticket_case_id")),
    )
    op.create_index(op.f("ix_acknowledgement_case_id"), "acknowledgement", ["case_id"], unique=False)
    _create(
        "action",
        (_case(nullable=False), *_words("route", "state", "drafted_by"), _moment("drafted_at")),
        *_words("approved_by"),
        *(_moment(name, nullable=True) for name in ("sent_at", "answer_due_at")),
        *_words("reference", "answer"),
    )
    op.create_index(op.f("ix_action_case_id"), "action", ["case_id"], unique=False)
    _create(
        "silence",
        (*_words("owner", "reason"), _moment("starts_at"), _moment("ends_at")),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        _case(nullable=True),
    )
    _create_target()
    _create(
        "sample",
        (sa.Column("week", sa.Date(), nullable=False), _number("mention_id"), _number("version")),
        *_words("stratum"),
        _number("stratum_size"),
        _moment("drawn_at"),
        sa.Column("labels", sa.JSON(), nullable=True),
        *_words("answered_by"),
        _moment("answered_at", nullable=True),
        sa.UniqueConstraint("week", "mention_id", name=op.f("uq_sample_week_mention_id")),
    )
    for name in ("week", "mention_id"):
        op.create_index(op.f(f"ix_sample_{name}"), "sample", [name], unique=False)


def _create_outages() -> None:
    """Those that last now begin the history: earlier ones were not kept."""
    _create("outage", (*_words("source"), _moment("began"), _moment("ended", nullable=True), *_words("kind")))
    op.create_index(op.f("ix_outage_source_began"), "outage", ["source", "began"], unique=False)
    op.execute(
        "INSERT INTO outage (source, began, kind) SELECT name, failing_since, CASE "
        "WHEN retired_at IS NOT NULL THEN 'retired' WHEN error_temporary THEN 'failed' ELSE 'refused' END "
        "FROM source_state WHERE failing_since IS NOT NULL ORDER BY name"
    )


def _create_target() -> None:
    op.create_table(
        "target",
        _number("mention_id"),
        *_words("who"),
        _case(nullable=True),
        _moment("at"),
        *_references("target", ("mention_id", "case_id")),
        sa.PrimaryKeyConstraint("mention_id", "who", name=op.f("pk_target")),
    )
    for name in ("who", "case_id", "at"):
        op.create_index(op.f(f"ix_target_{name}"), "target", [name], unique=False)


def _create(table: str, first: Iterable[sa.Column[Any]], *rest: sa.schema.SchemaItem) -> None:
    """A table whose rows are numbered and whose numbers are never used again."""
    columns = [sa.Column("id", sa.Integer(), nullable=False), *first, *rest]
    names = [one.name for one in columns if isinstance(one, sa.Column)]
    op.create_table(
        table,
        *columns,
        *_references(table, names),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )


def _references(table: str, names: Iterable[str]) -> list[sa.ForeignKeyConstraint]:
    others = {"case_id": ("cases", None), "mention_id": ("mention", "CASCADE")}
    return [
        sa.ForeignKeyConstraint(
            [name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"), ondelete=ondelete
        )
        for name in names
        if name in others
        for other, ondelete in [others[name]]
    ]


def _words(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _case(*, nullable: bool) -> sa.Column[Any]:
    return sa.Column("case_id", sa.Integer(), nullable=nullable)


def _steps_back() -> None:
    """What moved a case becomes a step again; all else that the audit log tells is lost."""
    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_step_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_step_case_id"), "step", ["case_id"], unique=False)
    op.execute(
        "INSERT INTO step (case_id, before, after, actor, role, at, reason) "
        "SELECT case_id, NULLIF(before, ''), after, actor, role, at, reason FROM audit "
        "WHERE after <> '' AND case_id IN (SELECT id FROM cases) ORDER BY id"
    )


def _occasions_back() -> None:
    op.drop_index("ix_outbox_message_id", "outbox")
    with op.batch_alter_table("outbox", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_column("message_id")
        table.add_column(sa.Column("case_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_outbox_case_id_cases", "cases", ["case_id"], ["id"])
    op.create_index(op.f("ix_outbox_case_id"), "outbox", ["case_id"], unique=False)
    op.execute(
        "UPDATE outbox SET case_id = "
        "(SELECT MIN(occasion.case_id) FROM occasion WHERE occasion.notice_id = outbox.id)"
    )
    op.execute("UPDATE outbox SET status = 'refused', refused_at = sent_at WHERE status = 'bounced'")
    op.drop_table("occasion")
