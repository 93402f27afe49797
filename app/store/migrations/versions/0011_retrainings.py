"""Retrainings: when a model asks for them, the runs, their histories, and wishes that wait."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key, Span

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FLYING = sa.text("state IN ('requested', 'accepted', 'running')")


def upgrade() -> None:
    _policies()
    _runs()
    op.create_table(
        "retraining_entry",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("retraining_id", Identity64, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("signal", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("said", Document, nullable=False),
        _owner("retraining_entry", "retraining"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraining_entry")),
    )
    op.create_index(
        op.f("ix_retraining_entry_retraining_id"), "retraining_entry", ["retraining_id"]
    )
    op.create_table(
        "retraining_wish",
        sa.Column("alert_id", Identity64, nullable=False),
        sa.Column("wish", Document, nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        _owner("retraining_wish", "alert"),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_retraining_wish")),
    )


def _policies() -> None:
    op.create_table(
        "retraining_policy",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("causes", Document, nullable=False),
        sa.Column("monitors", Document, nullable=True),
        sa.Column("cooldown", Span(), nullable=False),
        sa.Column("maximum_age", Span(), nullable=True),
        sa.Column("deadline", Span(), nullable=False),
        sa.Column("poll_every", Span(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        _owner("retraining_policy", "model"),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_retraining_policy")),
    )


def _runs() -> None:
    op.create_table(
        "retraining",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("episode", Key, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("about", Document, nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("deadline_at", Instant(), nullable=False),
        sa.Column("poll_every", Span(), nullable=False),
        sa.Column("poll_at", Instant(), nullable=True),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("challenger", Key, nullable=True),
        sa.Column("metrics", Document, nullable=True),
        sa.Column("baseline", sa.Integer(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        _owner("retraining", "model"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraining")),
        sa.UniqueConstraint("name", name=op.f("uq_retraining_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_retraining_model_id_id"), "retraining", ["model_id", "id"])
    op.create_index(
        "uq_retraining_in_flight",
        "retraining",
        ["model_id"],
        unique=True,
        postgresql_where=FLYING,
        sqlite_where=FLYING,
    )


def _owner(table: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{of}_id"], [f"{of}.id"], name=op.f(f"fk_{table}_{of}_id"), ondelete="CASCADE"
    )
