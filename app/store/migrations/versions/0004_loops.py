"""Indexes for what the loops ask every second."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.drop_index("ix_window_open", table_name="window")
    op.create_index(
        "ix_window_open",
        "window",
        ["model_id", "version", "end_at"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
