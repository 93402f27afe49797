"""What is told to the world; each comment says what one row means."""

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

# The present state of a monitor on one series. `told`: whether it fired when its group was settled
# last. What changed since is `unsettled_at` then, and `news` is what there is to tell of it
alert = Table(
    "alert",
    metadata,
    new_id(),
    owner("model"),
    Column("version", Key, nullable=False),
    Column("segment", Key, nullable=False),
    Column("monitor", Key, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("window_start", Instant, nullable=False),
    Column("worst", Document, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("told", Boolean, nullable=False, server_default=text("false")),
    Column("unsettled_at", Instant),
    Column("news", Document),
    UniqueConstraint("model_id", "version", "segment", "monitor"),
    Index(
        "ix_alert_unsettled",
        "unsettled_at",
        postgresql_where=text("unsettled_at IS NOT NULL"),
        sqlite_where=text("unsettled_at IS NOT NULL"),
    ),
)

# Windows of a monitor, version and segment (`*`: all of them) that begin no later give no alert
# reason to fire (any more)
alert_barrier = Table(
    "alert_barrier",
    metadata,
    owner("model"),
    Column("version", Key, nullable=False),
    Column("segment", Key, nullable=False),
    Column("monitor", Key, nullable=False),
    Column("start_at", Instant, nullable=False),
    PrimaryKeyConstraint("model_id", "version", "segment", "monitor"),
)

# The alert after one window
alert_step = Table(
    "alert_step",
    metadata,
    owner("alert"),
    Column("window_start", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("alert_id", "window_start"),
)

# Where events go; its options hold references to secrets, never secrets
target = Table(
    "target",
    metadata,
    Column("name", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("options", Document, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_reason", Text),
    Column("takes", Document),  # topics; null: declared before there were any, so all
    Column("severities", Document),  # of alerts; null: all
    Column("changed_at", Instant, nullable=False),
)

# Something that happened; `body` is what every attempt sends, to the byte
event = Table(
    "event",
    metadata,
    Column("id", Key, primary_key=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("time", Instant, nullable=False),
    Column("ordering", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index(None, "time"),
    Index(None, "ordering", "time"),
    Index(None, "subject"),
)

# One event on its way to one target. The target is named, not referenced: what was sent stays
# on record when the target is gone
delivery = Table(
    "delivery",
    metadata,
    new_id(),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("target", Key, nullable=False),
    Column("ordering", Key, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant),
    Column("leased_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index(None, "event_id"),
    Index(None, "ordering", "target", "id"),
    Index(None, "state", "target", "id"),
    Index(
        "ix_delivery_due",
        "due_at",
        postgresql_where=text("state = 'pending'"),
        sqlite_where=text("state = 'pending'"),
    ),
)

# One try of a delivery and what came back
attempt = Table(
    "attempt",
    metadata,
    new_id(),
    owner("delivery"),
    Column("at", Instant, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("took", Span, nullable=False),
    Column("retry_after", Span),
    Column("run", Text),
    Index(None, "delivery_id"),
)
