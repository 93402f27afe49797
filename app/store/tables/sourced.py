"""What is read from object storage; each comment says what one row means."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.store.tables.columns import metadata, new_id, owner
from app.store.transactions.types import Document, Instant, Key, Span

# A prefix whose objects are rows of a model; a hidden one was deleted and is being removed in
# steps. The `pruned_...` are the sums of counted objects that are forgotten
source = Table(
    "source",
    metadata,
    new_id(Integer()),
    owner("model"),
    Column("name", Key, nullable=False),
    Column("url", Text, nullable=False),
    Column("options", Document, nullable=False),
    Column("format", Text, nullable=False),
    Column("columns", Document, nullable=False),
    Column("version", Text),
    Column("poll", Span, nullable=False),
    Column("days", Integer),
    Column("remember", Span, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("hidden_at", Instant),
    Column("next_look_at", Instant, nullable=False),
    Column("look_until", Instant),
    Column("look_holder", Text),
    Column("looked_at", Instant),
    Column("look_error", Text),
    Column("listed", BigInteger, nullable=False),
    Column("floor_at", Instant),
    Column("pruned_counted", BigInteger, nullable=False),
    Column("pruned_quarantined", BigInteger, nullable=False),
    Column("pruned_rows", BigInteger, nullable=False),
    Column("pruned_bytes", BigInteger, nullable=False),
    Index(
        "uq_source_visible_name",
        "model_id",
        "name",
        unique=True,
        postgresql_where=text("hidden_at IS NULL"),
        sqlite_where=text("hidden_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

# One content of one object. `digest` is over source, bucket, key and version or ETag, so that it
# is there once, however long the key; the row of a counted object says so for as long as it is kept
source_object = Table(
    "source_object",
    metadata,
    new_id(),
    owner("source"),
    Column("digest", LargeBinary, nullable=False),
    Column("key", Text, nullable=False),
    Column("etag", Text),
    Column("version", Text),
    Column("size", BigInteger, nullable=False),
    Column("modified", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("holder", Text),
    Column("reason", Text),
    Column("detail", Text),
    Column("faults", Document),
    Column("rows", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("source_id", "digest"),
    Index(
        "ix_source_object_open",
        "source_id",
        "modified",
        "id",
        postgresql_where=text("done_at IS NULL"),
        sqlite_where=text("done_at IS NULL"),
    ),
    Index(
        "ix_source_object_done",
        "source_id",
        "modified",
        postgresql_where=text("done_at IS NOT NULL"),
        sqlite_where=text("done_at IS NOT NULL"),
    ),
    Index(None, "source_id", "state", "id"),
)

# The counts of the first parts of an object that is not counted yet; goes when it is
source_stage = Table(
    "source_stage",
    metadata,
    owner("source_object", "object_id"),
    Column("parts", Integer, nullable=False),
    Column("grid_set", Integer, nullable=False),
    Column("counts", LargeBinary, nullable=False),
    PrimaryKeyConstraint("object_id"),
)
