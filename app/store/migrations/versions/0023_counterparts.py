"""The traffic that windows were held against is kept with what was said of them.

And models say how grave it is that their traffic stops or a retraining fails.
"""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of judgements that are there it is not known any more."""
    op.create_table(
        "counterpart",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("revision_id", Identity64, nullable=False),
        sa.Column("baseline", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("grid_set", sa.Integer(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("counts", sa.LargeBinary(), nullable=True),
        sa.Column("parts", Document, nullable=True),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
            name=op.f("fk_counterpart_revision_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counterpart")),
    )
    op.create_index(op.f("ix_counterpart_revision_id"), "counterpart", ["revision_id"])
    op.add_column("judgement", sa.Column("counterpart_id", sa.BigInteger(), nullable=True))
    op.add_column("model", sa.Column("severities", Document, nullable=True))
