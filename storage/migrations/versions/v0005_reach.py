"""What a mention is beyond its words, what hangs together, back-fills, queries, budgets and pauses.

Mentions that are there have no canonical link and no bands: nothing later is known to be a copy of them but by the
words of their story. Sources that were read have their past behind them, and what was not about us is known as such.

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WORDS = ("kind", "lang", "canonical", "shared", "query_version", "raised_by")
_FLAGS = ("backfill", "own_post")
_MOMENTS = ("deleted_at", "text_gone_at")
_OF_SOURCES = ("backfilled_at", "answered_at", "canary_at")


def upgrade() -> None:
    with op.batch_alter_table("mention") as table:
        for name in _WORDS:
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name in _FLAGS:
            table.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default="0"))
        for name in _MOMENTS:
            table.add_column(_moment(name, nullable=True))
        table.add_column(sa.Column("relevant", sa.Boolean(), nullable=True))
    for name in ("canonical", "shared"):
        op.create_index(op.f(f"ix_mention_{name}"), "mention", [name], unique=False)
    with op.batch_alter_table("source_state") as table:
        for name in _OF_SOURCES:
            table.add_column(_moment(name, nullable=True))
        table.add_column(sa.Column("interval_s", sa.Integer(), nullable=True))
    with op.batch_alter_table("assessment") as table:
        table.add_column(sa.Column("relevance_why", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("backfill", sa.Boolean(), nullable=False, server_default="0"))
    _create(
        "mention_band",
        sa.Column("band", sa.BigInteger(), nullable=False),
        _number("mention_id"),
        _number("version"),
    )
    op.create_index(op.f("ix_mention_band_mention_id"), "mention_band", ["mention_id"], unique=False)
    _create("mention_link", _number("mention_id"), _number("other_id"), _word("how"))
    op.create_index(op.f("ix_mention_link_other_id"), "mention_link", ["other_id"], unique=False)
    _create(
        "query_version",
        _word("version"),
        _word("text"),
        _word("expanded"),
        _moment("first_used"),
        _moment("in_force_at", nullable=True),
        keys=1,
    )
    _create("api_budget", _word("key"), _moment("window_start"), _number("used"), keys=2)
    _create("source_hour", _word("name"), _moment("hour"), _number("new"), keys=2)
    said = (_word("reason"), _moment("until"), _word("by"), _moment("at"))
    _create("source_pause", _word("name"), *said, keys=1)
    op.execute("UPDATE source_state SET backfilled_at = last_ok_at")
    op.execute(
        "UPDATE mention SET relevant = (SELECT assessment.relevant FROM assessment WHERE mention_id = mention.id "
        "AND version = mention.assessed_version ORDER BY at DESC LIMIT 1) WHERE assessed_version > 0"
    )
    op.execute(
        "UPDATE mention SET relevant = false "
        "WHERE verdict_reason = 'the organisation''s query does not match: not about us'"
    )


def downgrade() -> None:
    for name in (
        "source_pause",
        "source_hour",
        "api_budget",
        "query_version",
        "mention_link",
        "mention_band",
    ):
        op.drop_table(name)
    for name in ("canonical", "shared"):
        op.drop_index(op.f(f"ix_mention_{name}"), "mention")
    gone = {
        "assessment": ("relevance_why",),
        "cases": ("backfill",),
        "source_state": ("interval_s", *_OF_SOURCES),
        "mention": ("relevant", *_MOMENTS, *_FLAGS, *_WORDS),
    }
    # In words, which both databases understand: the batch would copy the table, and with it lose the last number.
    for table, names in gone.items():
        for name in names:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _create(table: str, *columns: sa.Column[Any], keys: int = 3) -> None:
    """A table whose first ``keys`` columns tell its rows apart."""
    named = [sa.PrimaryKeyConstraint(*(one.name for one in columns[:keys]), name=op.f(f"pk_{table}"))]
    references = [
        sa.ForeignKeyConstraint(
            [one.name], ["mention.id"], name=op.f(f"fk_{table}_{one.name}_mention"), ondelete="CASCADE"
        )
        for one in columns
        if one.name in ("mention_id", "other_id")
    ]
    op.create_table(table, *columns, *references, *named)


def _word(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
