"""Retrainings; each comment says what one row means."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
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

FLYING = text("state IN ('requested', 'accepted', 'running')")

# When a model's champion is to be retrained, and by whom
retraining_policy = Table(
    "retraining_policy",
    metadata,
    owner("model"),
    Column("target", Key, nullable=False),
    Column("causes", Document, nullable=False),
    Column("monitors", Document),
    Column("cooldown", Span, nullable=False),
    Column("maximum_age", Span),
    Column("deadline", Span, nullable=False),
    Column("poll_every", Span, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("model_id"),
)

# One run asked of an orchestrator. `name` is made of its episode, so that no episode has two; of
# its token only the SHA-256 stands here. No model has two runs in flight
retraining = Table(
    "retraining",
    metadata,
    new_id(),
    Column("name", Key, nullable=False),
    owner("model"),
    Column("version", Key, nullable=False),
    Column("cause", Text, nullable=False),
    Column("episode", Key, nullable=False),
    Column("detail", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("target", Key, nullable=False),
    Column("token_digest", LargeBinary, nullable=False),
    Column("about", Document, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("deadline_at", Instant, nullable=False),
    Column("poll_every", Span, nullable=False),
    Column("poll_at", Instant),
    Column("run", Text),
    Column("challenger", Key),
    Column("metrics", Document),
    Column("baseline", Integer),
    Column("words", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("name"),
    Index(None, "model_id", "id"),
    Index(
        "uq_retraining_in_flight",
        "model_id",
        unique=True,
        postgresql_where=FLYING,
        sqlite_where=FLYING,
    ),
    sqlite_autoincrement=True,
)

# One word about a run, and what it did
retraining_entry = Table(
    "retraining_entry",
    metadata,
    new_id(),
    owner("retraining"),
    Column("at", Instant, nullable=False),
    Column("origin", Text, nullable=False),
    Column("signal", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed", Boolean, nullable=False),
    Column("said", Document, nullable=False),
    Index(None, "retraining_id"),
)

# The episode of drift that a monitor's alerts asked in last. `until` is null while they fire; then
# what begins to fire in a window of up to then was judged anew, and is no other drift
retraining_episode = Table(
    "retraining_episode",
    metadata,
    owner("model"),
    Column("version", Key, nullable=False),
    Column("monitor", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("until", Instant),
    PrimaryKeyConstraint("model_id", "version", "monitor"),
)

# What an alert that fires asks for, while a run in flight or a cooldown is in its way
retraining_wish = Table(
    "retraining_wish",
    metadata,
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("wish", Document, nullable=False),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("alert_id"),
)
