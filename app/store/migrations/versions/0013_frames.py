"""Windows beside the model's own: which intake is to open."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model", sa.Column("frames", Document, nullable=True))
