"""Refused batches, so that they can be found."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rejection",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("reason", Key, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("faults", Document, nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("batches", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejection")),
    )
    op.create_index(op.f("ix_rejection_model_id_id"), "rejection", ["model_id", "id"])
    op.create_index(
        op.f("ix_rejection_model_id_reason_at"), "rejection", ["model_id", "reason", "at"]
    )
    op.create_index(op.f("ix_rejection_at"), "rejection", ["at"], postgresql_using="brin")
    op.create_table(
        "rejected",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("reason", Key, nullable=False),
        sa.Column("batches", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", "reason", name=op.f("pk_rejected")),
    )
