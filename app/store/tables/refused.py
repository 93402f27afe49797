"""What was refused; each comment says what one row means. No foreign keys, as for receipts."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from app.store.tables.columns import metadata, new_id
from app.store.transactions.types import Document, Instant, Key

# A batch that was refused, and how many like it that came in the same minute it stands for
rejection = Table(
    "rejection",
    metadata,
    new_id(),
    Column("model_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("version", Text, nullable=False),
    Column("source", Key, nullable=False),
    Column("key", Text),
    Column("reason", Key, nullable=False),
    Column("detail", Text, nullable=False),
    Column("faults", Document, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("batches", BigInteger, nullable=False),
    Index(None, "model_id", "id"),
    Index(None, "model_id", "reason", "at"),
    Index(None, "at", postgresql_using="brin"),
)

# How many batches of a model were ever refused for one reason; never pruned
rejected = Table(
    "rejected",
    metadata,
    Column("model_id", Integer, nullable=False),
    Column("reason", Key, nullable=False),
    Column("batches", BigInteger, nullable=False),
    PrimaryKeyConstraint("model_id", "reason"),
)
