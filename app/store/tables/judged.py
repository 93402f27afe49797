"""Windows and what was said of them; each comment says what one row means."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.store.tables.columns import metadata, new_id, owner
from app.store.types import Document, Instant, Key

# A window of one series that a monitor judges; `revision` is its latest one, 0 for none yet;
# `stage` says what retention did of it
window = Table(
    "window",
    metadata,
    new_id(),
    owner("model"),
    Column("version", Key, nullable=False),
    Column("segment", Key, nullable=False),
    Column("monitor", Key, nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("revision", Integer, nullable=False),
    Column("stage", SmallInteger, nullable=False, server_default=text("0")),
    UniqueConstraint("model_id", "version", "segment", "monitor", "start_at"),
    Index(None, "model_id", "stage", "end_at"),
    Index(
        "ix_window_open",
        "model_id",
        "version",
        "end_at",
        postgresql_where=text("closed_at IS NULL"),
        sqlite_where=text("closed_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

# A closed window took rows that no revision knows yet; the next revision removes the mark
restatement = Table(
    "restatement",
    metadata,
    new_id(),
    owner("window"),
    Column("at", Instant, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Index(None, "window_id"),
)

# One judgement of a window; never changed, but that its counts go when retention says so
revision = Table(
    "revision",
    metadata,
    new_id(),
    owner("window"),
    Column("number", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("judged_at", Instant, nullable=False),
    Column("baseline", Integer),
    Column("grid_set", Integer),
    Column("rows", BigInteger, nullable=False),
    Column("counts", LargeBinary),
    Column("digest", Text),
    Column("state", Text, nullable=False),
    Column("warning", Boolean, nullable=False),
    Column("page", Boolean, nullable=False),
    Column("reason", Text),
    Column("monitor_version", Integer, nullable=False),
    Column("code_version", Text, nullable=False),
    UniqueConstraint("window_id", "number"),
)

# What one revision says of one feature
verdict = Table(
    "verdict",
    metadata,
    owner("revision"),
    Column("feature", Key, nullable=False),
    Column("state", Text, nullable=False),
    Column("warning", Boolean, nullable=False),
    Column("page", Boolean, nullable=False),
    Column("reason", Text),
    Column("p_value", Double),
    Column("p_adjusted", Double),
    Column("rules", Document, nullable=False),
    PrimaryKeyConstraint("revision_id", "feature"),
)

# One statistic of one feature in one revision; a null value has its reason
estimate = Table(
    "estimate",
    metadata,
    owner("revision"),
    Column("feature", Key, nullable=False),
    Column("statistic", Key, nullable=False),
    Column("value", Double),
    Column("lower", Double),
    Column("upper", Double),
    Column("null_mean", Double),
    Column("effect", Double),
    Column("p_value", Double),
    Column("threshold", Double),
    Column("n_ref", BigInteger, nullable=False),
    Column("n_cur", BigInteger, nullable=False),
    Column("reason", Text),
    PrimaryKeyConstraint("revision_id", "feature", "statistic"),
)
