"""Numbers that sources give their batches; each comment says what one row means."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table, text

from app.store.tables.columns import metadata, new_id, owner
from app.store.transactions.types import Document, Instant, Key

# A batch that was counted under a number; soon joined to its line and gone
sequence_note = Table(
    "sequence_note",
    metadata,
    new_id(),
    owner("model"),
    Column("source", Key, nullable=False),
    Column("epoch", Key, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("version", Key, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("first_event", Instant, nullable=False),
    Column("last_event", Instant, nullable=False),
    Index(None, "model_id"),
)

# How far the numbers of one source and epoch have come, and which of them are missing
sequence_line = Table(
    "sequence_line",
    metadata,
    owner("model"),
    Column("source", Key, nullable=False),
    Column("epoch", Key, nullable=False),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("batches", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("gaps", Document, nullable=False),
    Column("anew", Boolean, nullable=False, server_default=text("false")),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("model_id", "source", "epoch"),
)
