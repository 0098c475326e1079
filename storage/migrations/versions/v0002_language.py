"""The language of a text that the model cannot read.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A server default, for the rows that are there: all of them were taken as readable.
    with op.batch_alter_table("assessment") as table:
        table.add_column(sa.Column("language", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("assessment") as table:
        table.drop_column("language")
