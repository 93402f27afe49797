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
from app.store.transactions.types import Document, Instant, Key

# A window of one series, of a frame that monitors share; `revision` is its latest one, 0 for none
# yet; `stage` says what retention did of it
window = Table(
    "window",
    metadata,
    new_id(),
    owner("model"),
    Column("version", Key, nullable=False),
    Column("segment", Key, nullable=False),
    Column("frame", Key, nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("revision", Integer, nullable=False),
    Column("stage", SmallInteger, nullable=False, server_default=text("0")),
    UniqueConstraint(
        "model_id",
        "version",
        "segment",
        "frame",
        "start_at",
        # as the column was called before; SQLite cannot rename a constraint
        name="uq_window_model_id_version_segment_monitor_start_at",
    ),
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

# Where the next window by rows of a series begins; none yet: with its first rows
row_border = Table(
    "row_border",
    metadata,
    owner("model"),
    Column("version", Key, nullable=False),
    Column("segment", Key, nullable=False),
    Column("frame", Key, nullable=False),
    Column("start_at", Instant, nullable=False),
    PrimaryKeyConstraint("model_id", "version", "segment", "frame"),
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

# What a window counted at one moment; never changed, but that its counts go when retention says so.
# `sightings` are the odd columns that its quality was judged on; null in revisions of before
revision = Table(
    "revision",
    metadata,
    new_id(),
    owner("window"),
    Column("number", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("judged_at", Instant, nullable=False),
    Column("grid_set", Integer),
    Column("rows", BigInteger, nullable=False),
    Column("counts", LargeBinary),
    Column("digest", Text),
    Column("sightings", Document),
    UniqueConstraint("window_id", "number"),
)

# Traffic that judgements of a revision were held against, as it was then. `parts` are revisions
# whose counts add up to its own; where there are none such, `counts` holds them. Neither is there
# where it could not be compared; they go when those of the revisions go
counterpart = Table(
    "counterpart",
    metadata,
    new_id(),
    owner("revision"),
    Column("baseline", Integer, nullable=False),
    Column("version", Key, nullable=False),
    Column("start_at", Instant),
    Column("end_at", Instant),
    Column("rows", BigInteger, nullable=False),
    Column("grid_set", Integer),
    Column("digest", Text),
    Column("counts", LargeBinary),
    Column("parts", Document),
    Index(None, "revision_id"),
)

# What one version of a monitor says of one revision; never changed. `page_level` is what its look
# could spend of the model's budget then, `level` what its features could of false discoveries;
# `declaration` is a digest of what else was asked. Both are null in judgements of before, and so is
# `counterpart_id`, of the traffic that it was held against, also where that is the reference
judgement = Table(
    "judgement",
    metadata,
    new_id(),
    owner("revision"),
    Column("monitor", Key, nullable=False),
    Column("monitor_version", Integer, nullable=False),
    Column("comparison", Key, nullable=False),
    Column("baseline", Integer),
    Column("state", Text, nullable=False),
    Column("warning", Boolean, nullable=False),
    Column("page", Boolean, nullable=False),
    Column("page_level", Double),
    Column("reason", Text),
    Column("judged_at", Instant, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("declaration", Text),
    Column("level", Double),
    Column("counterpart_id", BigInteger),
    UniqueConstraint("revision_id", "monitor", "comparison"),
    sqlite_autoincrement=True,  # an id that was told must not name another verdict
)

# What one judgement says of one feature
verdict = Table(
    "verdict",
    metadata,
    owner("judgement"),
    Column("feature", Key, nullable=False),
    Column("state", Text, nullable=False),
    Column("warning", Boolean, nullable=False),
    Column("page", Boolean, nullable=False),
    Column("reason", Text),
    Column("p_value", Double),
    Column("p_adjusted", Double),
    Column("rules", Document, nullable=False),
    PrimaryKeyConstraint("judgement_id", "feature"),
)

# One statistic of one feature in one judgement; a null value has its reason
estimate = Table(
    "estimate",
    metadata,
    owner("judgement"),
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
    PrimaryKeyConstraint("judgement_id", "feature", "statistic"),
)
