"""Segments: what models ask for, what grid sets have, what baselines count in them."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Key

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model", sa.Column("segments", Document, nullable=True))
    op.add_column("grid_set", sa.Column("segments", sa.LargeBinary(), nullable=True))
    op.create_table(
        "baseline_segment",
        sa.Column("baseline_id", sa.Integer(), nullable=False),
        sa.Column("segment", Key, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["baseline_id"],
            ["baseline.id"],
            name=op.f("fk_baseline_segment_baseline_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("baseline_id", "segment", name=op.f("pk_baseline_segment")),
    )
