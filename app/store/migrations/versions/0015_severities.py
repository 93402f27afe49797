"""Which severities of alerts go to a target."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("target", sa.Column("severities", Document, nullable=True))
