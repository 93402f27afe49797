"""Windows, verdicts, alerts and deliveries."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key, Span

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _event()
    _target()
    _alert()
    _delivery()
    _window()
    _alert_step()
    _attempt()
    _restatement()
    _revision()
    _estimate()
    _verdict()


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", Key, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("time", Instant(), nullable=False),
        sa.Column("ordering", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )


def _target() -> None:
    op.create_table(
        "target",
        sa.Column("name", Key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("options", Document, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_target")),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("segment", Key, nullable=False),
        sa.Column("monitor", Key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("window_start", Instant(), nullable=False),
        sa.Column("worst", Document, nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_alert_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "model_id",
            "version",
            "segment",
            "monitor",
            name=op.f("uq_alert_model_id_version_segment_monitor"),
        ),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("event_id", Key, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("ordering", Key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_delivery_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_index(op.f("ix_delivery_event_id"), "delivery", ["event_id"], unique=False)
    op.create_index(
        op.f("ix_delivery_ordering_target_id"),
        "delivery",
        ["ordering", "target", "id"],
        unique=False,
    )


def _window() -> None:
    op.create_table(
        "window",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("segment", Key, nullable=False),
        sa.Column("monitor", Key, nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_window_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window")),
        sa.UniqueConstraint(
            "model_id",
            "version",
            "segment",
            "monitor",
            "start_at",
            name=op.f("uq_window_model_id_version_segment_monitor_start_at"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_window_open",
        "window",
        ["id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )


def _alert_step() -> None:
    op.create_table(
        "alert_step",
        sa.Column("alert_id", Identity64, nullable=False),
        sa.Column("window_start", Instant(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_step_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", "window_start", name=op.f("pk_alert_step")),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("delivery_id", Identity64, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("took", Span(), nullable=False),
        sa.Column("retry_after", Span(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_attempt_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_delivery_id"), "attempt", ["delivery_id"], unique=False)


def _restatement() -> None:
    op.create_table(
        "restatement",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("window_id", Identity64, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["window_id"], ["window.id"], name=op.f("fk_restatement_window_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restatement")),
    )
    op.create_index(op.f("ix_restatement_window_id"), "restatement", ["window_id"], unique=False)


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("window_id", Identity64, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.Column("baseline", sa.Integer(), nullable=True),
        sa.Column("grid_set", sa.Integer(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("warning", sa.Boolean(), nullable=False),
        sa.Column("page", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("monitor_version", sa.Integer(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["window_id"], ["window.id"], name=op.f("fk_revision_window_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("window_id", "number", name=op.f("uq_revision_window_id_number")),
    )


def _estimate() -> None:
    op.create_table(
        "estimate",
        sa.Column("revision_id", Identity64, nullable=False),
        sa.Column("feature", Key, nullable=False),
        sa.Column("statistic", Key, nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("null_mean", sa.Double(), nullable=True),
        sa.Column("effect", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("n_ref", sa.BigInteger(), nullable=False),
        sa.Column("n_cur", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
            name=op.f("fk_estimate_revision_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("revision_id", "feature", "statistic", name=op.f("pk_estimate")),
    )


def _verdict() -> None:
    op.create_table(
        "verdict",
        sa.Column("revision_id", Identity64, nullable=False),
        sa.Column("feature", Key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("warning", sa.Boolean(), nullable=False),
        sa.Column("page", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("p_adjusted", sa.Double(), nullable=True),
        sa.Column("rules", Document, nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
            name=op.f("fk_verdict_revision_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("revision_id", "feature", name=op.f("pk_verdict")),
    )
