"""Alembic's entry: runs the migrations in the transaction that engine.upgrade opened."""

from alembic import context

import storage.tables_reach
import storage.tables_work  # noqa: F401 - so that Row knows its tables too
from storage.tables import Row

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Row.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
