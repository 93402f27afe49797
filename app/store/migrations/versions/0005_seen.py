"""Rows counted once: what models ask for it, the ids seen, and what receipts and tallies say."""

import secrets

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Span

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model", sa.Column("row_horizon", Span(), nullable=True))
    op.add_column("receipt", sa.Column("rows_deduplicated", sa.Boolean(), nullable=True))
    op.add_column(
        "tally",
        sa.Column("unchecked", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )
    key = op.create_table(
        "seen_key",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_key")),
    )
    op.bulk_insert(key, [{"id": 1, "key": secrets.token_bytes(16)}])
    op.create_table(
        "seen_day",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ids", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_seen_day")),
    )
    op.create_table(
        "seen",
        sa.Column(
            "h",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("h", name=op.f("pk_seen")),
    )
    op.create_index(op.f("ix_seen_day"), "seen", ["day"], unique=False, postgresql_using="brin")
