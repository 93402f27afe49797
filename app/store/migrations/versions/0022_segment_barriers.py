"""Barriers are kept by segment where its windows are its own; lines know that they began again."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Instant, Key

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BEFORE = sa.table(
    "alert_barrier",
    sa.column("model_id"),
    sa.column("version"),
    sa.column("monitor"),
    sa.column("start_at", Instant()),
)


def upgrade() -> None:
    """What is there holds for all segments, as it did."""
    anew: sa.Column[bool] = sa.Column(
        "anew", sa.Boolean(), nullable=False, server_default=sa.text("false")
    )
    op.add_column("sequence_line", anew)
    connection = op.get_bind()
    kept = [dict(row) for row in connection.execute(sa.select(BEFORE)).mappings()]
    op.drop_table("alert_barrier")
    made = op.create_table(
        "alert_barrier",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("segment", Key, nullable=False),
        sa.Column("monitor", Key, nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_alert_barrier_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "model_id", "version", "segment", "monitor", name=op.f("pk_alert_barrier")
        ),
    )
    if kept:
        connection.execute(made.insert(), [row | {"segment": "*"} for row in kept])
