"""Numbers that sources give their batches: those that were counted, and how far each has come."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sequence_note",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("epoch", Key, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("first_event", Instant(), nullable=False),
        sa.Column("last_event", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_sequence_note_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sequence_note")),
    )
    op.create_index(op.f("ix_sequence_note_model_id"), "sequence_note", ["model_id"])
    op.create_table(
        "sequence_line",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("epoch", Key, nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("batches", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("gaps", Document, nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_sequence_line_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model_id", "source", "epoch", name=op.f("pk_sequence_line")),
    )
