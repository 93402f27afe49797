"""What came in and was counted; each comment says what one row means."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from app.store.tables.columns import metadata, new_id, owner
from app.store.transactions.types import Document, Instant, Key

# Our durable answer to one batch. No foreign key: it would cost every batch, and what outlives
# its model is removed with it in steps
receipt = Table(
    "receipt",
    metadata,
    Column("model_id", Integer, nullable=False),
    Column("key", Key, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("first_event", Instant, nullable=False),
    Column("last_event", Instant, nullable=False),
    Column("received", Integer, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("deduplicated", Boolean, nullable=False),
    Column("findings", Document),
    Column("rows_deduplicated", Boolean),
    PrimaryKeyConstraint("model_id", "key"),
    Index(None, "received_at", postgresql_using="brin"),
    sqlite_with_rowid=False,
)

# The only place where counts live: what one group of batches added to one (series, pane), or the
# sum of such rows. `total` is the sum of the cells in `counts`, so that damage shows. One of more
# than a pane's minutes is kept for as long as is declared from `kept_from` on
delta = Table(
    "delta",
    metadata,
    new_id(),
    owner("series"),
    Column("pane", Instant, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("batches", Integer, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("counts", LargeBinary, nullable=False),
    Column("minutes", SmallInteger, nullable=False, server_default=text("15")),
    Column("kept_from", Instant),
    Index(None, "series_id", "pane"),
)

# What one group did for one (model, version, source), or the sum of such rows; never pruned
tally = Table(
    "tally",
    metadata,
    new_id(),
    Column("model_id", Integer, nullable=False),
    Column("version", Key, nullable=False),
    Column("source", Key, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("counted", BigInteger, nullable=False),
    Column("duplicate", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("batches", BigInteger, nullable=False),
    Column("latest_event", Instant),
    Column("last_commit", Instant),
    Column("unchecked", BigInteger, nullable=False, server_default=text("0")),
    Index(None, "model_id", "version", "source"),
)

# A column that a batch lacked (kind absent) or had beyond the schema (kind unknown)
sighting = Table(
    "sighting",
    metadata,
    Column("model_id", Integer, nullable=False),
    Column("version", Key, nullable=False),
    Column("pane", Instant, nullable=False),
    Column("column", Key, nullable=False),
    Column("kind", Key, nullable=False),
    PrimaryKeyConstraint("model_id", "version", "pane", "column", "kind"),
)
