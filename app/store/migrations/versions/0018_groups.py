"""Alerts of one monitor are told of together; windows of before cannot fire again."""

import sqlalchemy as sa
from alembic import op

from app.store.types import Document, Instant, Key

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "alert",
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("alert", sa.Column("unsettled_at", Instant(), nullable=True))
    op.add_column("alert", sa.Column("news", Document, nullable=True))
    unsettled = sa.text("unsettled_at IS NOT NULL")
    op.create_index(
        "ix_alert_unsettled",
        "alert",
        ["unsettled_at"],
        postgresql_where=unsettled,
        sqlite_where=unsettled,
    )
    # each of these was told by itself; those of all versions are told without a group
    op.execute("update alert set told = true where state = 'firing' and version <> '*'")
    op.create_table(
        "alert_barrier",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("monitor", Key, nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["model.id"],
            name=op.f("fk_alert_barrier_model_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", "version", "monitor", name=op.f("pk_alert_barrier")),
    )
