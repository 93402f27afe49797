"""Windows by rows: where the next one of each series begins."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Instant, Key

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "row_border",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("segment", Key, nullable=False),
        sa.Column("frame", Key, nullable=False),
        sa.Column("start_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_row_border_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "model_id", "version", "segment", "frame", name=op.f("pk_row_border")
        ),
    )
