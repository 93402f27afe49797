"""What a verdict was made from beside counts: columns seen, the declaration, the level."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # none of them is known of what was said before
    op.add_column("revision", sa.Column("sightings", Document, nullable=True))
    op.add_column("judgement", sa.Column("declaration", sa.Text(), nullable=True))
    op.add_column("judgement", sa.Column("level", sa.Double(), nullable=True))
