"""How rows come in over time, the longest silence allowed, and what sources say they sent."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Instant, Key, Span

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model", sa.Column("maximum_silence", Span(), nullable=True))
    op.create_table(
        "traffic_mark",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", Instant(), nullable=False),
        sa.Column("arrived_at", Instant(), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_traffic_mark_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_traffic_mark")),
    )
    op.create_table(
        "traffic_hour",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("quiet_from", Instant(), nullable=True),
        sa.Column("quiet_to", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_traffic_hour_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model_id", "hour", name=op.f("pk_traffic_hour")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_heartbeat_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "model_id", "version", "start_at", "source", name=op.f("pk_heartbeat")
        ),
    )
