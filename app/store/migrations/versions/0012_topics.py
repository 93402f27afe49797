"""What targets take, and the names of the runs that they start."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("target", sa.Column("takes", Document, nullable=True))
    op.add_column("attempt", sa.Column("run", sa.Text(), nullable=True))
