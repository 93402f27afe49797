"""How long history is kept: ages of models, stages of windows, grains of counts."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model", sa.Column("retention", Document, nullable=True))
    for name in ("retain_at", "removed_until", "counts_removed_until"):
        op.add_column("model", sa.Column(name, Instant(), nullable=True))
    op.add_column("model", _number("removed_rows", sa.BigInteger(), 0))
    # both databases keep such a default apart, and rewrite no row for it
    op.add_column("delta", _number("minutes", sa.SmallInteger(), 15))
    op.add_column("delta", sa.Column("kept_from", Instant(), nullable=True))
    op.add_column("window", _number("stage", sa.SmallInteger(), 0))
    op.create_index(
        op.f("ix_window_model_id_stage_end_at"), "window", ["model_id", "stage", "end_at"]
    )


def _number(name: str, of: sa.types.TypeEngine[int], default: int) -> sa.Column[int]:
    return sa.Column(name, of, nullable=False, server_default=sa.text(str(default)))
