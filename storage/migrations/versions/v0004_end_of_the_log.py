"""Where the audit log ends, so that a cut-off end shows; and an index of what is sealed.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_end",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_end")),
    )
    op.execute("INSERT INTO audit_end (id, line, digest) VALUES (1, 0, '')")
    op.execute(
        "UPDATE audit_end SET line = last.id, digest = last.digest "
        "FROM (SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1) AS last"
    )
    op.create_index(
        "ix_mention_sealed",
        "mention",
        ["id"],
        unique=False,
        sqlite_where=sa.text("sealed = 1"),
        postgresql_where=sa.text("sealed"),
    )


def downgrade() -> None:
    op.drop_index("ix_mention_sealed", "mention")
    op.drop_table("audit_end")
