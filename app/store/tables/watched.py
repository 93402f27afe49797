"""What is watched: models, versions, grids, baselines; each comment says what one row means."""

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

# A watched model; a hidden one was deleted and is being removed in steps. `frames` are those of its
# monitors beside its own windows. From `retain_at` on its history wants a look; `removed_rows` were
# counted, and their counts are not kept any more
model = Table(
    "model",
    metadata,
    new_id(Integer()),
    Column("name", Key, nullable=False),
    Column("window", Span, nullable=False),
    Column("lateness", Span, nullable=False),
    Column("final_after", Span, nullable=False),
    Column("strict", Boolean, nullable=False),
    Column("maximum_silence", Span),
    Column("severities", Document),
    Column("schema", Document),
    Column("active_baseline", Integer),
    Column("active_grid_set_id", Integer),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("hidden_at", Instant),
    Column("row_horizon", Span),
    Column("retention", Document),
    Column("retain_at", Instant),
    Column("removed_until", Instant),
    Column("counts_removed_until", Instant),
    Column("frames", Document),
    Column("removed_rows", BigInteger, nullable=False, server_default=text("0")),
    Column("segments", Document),
    Index(
        "uq_model_visible_name",
        "name",
        unique=True,
        postgresql_where=text("hidden_at IS NULL"),
        sqlite_where=text("hidden_at IS NULL"),
    ),
    sqlite_autoincrement=True,  # what a deleted model was known by must not name another one
)

# One trained artefact of a model
version = Table(
    "version",
    metadata,
    owner("model"),
    Column("name", Key, nullable=False),
    Column("role", Text, nullable=False),
    Column("lineage", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("model_id", "name"),
    Index(
        "uq_version_champion",
        "model_id",
        unique=True,
        postgresql_where=text("role = 'champion'"),
        sqlite_where=text("role = 'champion'"),
    ),
)

# The numbered grids of a model's features; `grids` is zstd over their JSON, `segments` the JSON of
# what rows counted on them are divided into; never changed
grid_set = Table(
    "grid_set",
    metadata,
    new_id(Integer()),
    owner("model"),
    Column("number", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("grids", LargeBinary, nullable=False),
    Column("segments", LargeBinary),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("model_id", "number"),
    sqlite_autoincrement=True,
)

# A frozen reference: counts on one grid set
baseline = Table(
    "baseline",
    metadata,
    new_id(Integer()),
    owner("model"),
    Column("number", Integer, nullable=False),
    Column("version", Text, nullable=False),
    owner("grid_set"),
    Column("fingerprint", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("counts", LargeBinary, nullable=False),
    Column("schema", Document, nullable=False),
    Column("warnings", Document, nullable=False),
    Column("lineage", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("activated_at", Instant),
    UniqueConstraint("model_id", "number"),
    UniqueConstraint("model_id", "fingerprint"),
    Index(None, "grid_set_id"),
)

# What a baseline counts in one segment
baseline_segment = Table(
    "baseline_segment",
    metadata,
    owner("baseline"),
    Column("segment", Key, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("counts", LargeBinary, nullable=False),
    PrimaryKeyConstraint("baseline_id", "segment"),
)

# The thing that has counts: a segment of a version's rows on one grid set
series = Table(
    "series",
    metadata,
    new_id(Integer()),
    owner("model"),
    Column("version", Key, nullable=False),
    Column("segment", Key, nullable=False),
    owner("grid_set"),
    UniqueConstraint("model_id", "version", "segment", "grid_set_id"),
    Index(None, "grid_set_id"),
)
