"""Runs migrations over the connection, and in the transaction, that the caller has open."""

from alembic import context

from app.store import tables

context.configure(
    connection=context.config.attributes["connection"], target_metadata=tables.metadata
)
context.run_migrations()
