"""What is asked of models; each comment says what one row means."""

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint, text

from app.store.tables.columns import metadata, new_id, owner
from app.store.transactions.types import Document, Instant, Key

# One version of a monitor's declaration; never changed, but that it is retired when another takes
# its place or the monitor is deleted. At most one of a name is not
monitor = Table(
    "monitor",
    metadata,
    new_id(Integer()),
    owner("model"),
    Column("name", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("frame", Key, nullable=False),
    Column("declaration", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
    UniqueConstraint("model_id", "name", "version"),
    Index(
        "uq_monitor_present",
        "model_id",
        "name",
        unique=True,
        postgresql_where=text("retired_at IS NULL"),
        sqlite_where=text("retired_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)
