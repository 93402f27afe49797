"""Sources of models, the set of their objects, and counts of objects that are half read."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key, Span

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

VISIBLE = sa.text("hidden_at IS NULL")
OPEN = sa.text("done_at IS NULL")
DONE = sa.text("done_at IS NOT NULL")


def upgrade() -> None:
    _source()
    _source_object()
    _source_stage()


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("options", Document, nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("columns", Document, nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("poll", Span(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("remember", Span(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("hidden_at", Instant(), nullable=True),
        sa.Column("next_look_at", Instant(), nullable=False),
        sa.Column("look_until", Instant(), nullable=True),
        sa.Column("look_holder", sa.Text(), nullable=True),
        sa.Column("looked_at", Instant(), nullable=True),
        sa.Column("look_error", sa.Text(), nullable=True),
        sa.Column("listed", sa.BigInteger(), nullable=False),
        sa.Column("floor_at", Instant(), nullable=True),
        sa.Column("pruned_counted", sa.BigInteger(), nullable=False),
        sa.Column("pruned_quarantined", sa.BigInteger(), nullable=False),
        sa.Column("pruned_rows", sa.BigInteger(), nullable=False),
        sa.Column("pruned_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_source_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_source_visible_name",
        "source",
        ["model_id", "name"],
        unique=True,
        postgresql_where=VISIBLE,
        sqlite_where=VISIBLE,
    )


def _source_object() -> None:
    op.create_table(
        "source_object",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("faults", Document, nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source.id"],
            name=op.f("fk_source_object_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_object")),
        sa.UniqueConstraint("source_id", "digest", name=op.f("uq_source_object_source_id_digest")),
    )
    op.create_index(
        "ix_source_object_open",
        "source_object",
        ["source_id", "modified", "id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "ix_source_object_done",
        "source_object",
        ["source_id", "modified"],
        postgresql_where=DONE,
        sqlite_where=DONE,
    )
    op.create_index(
        op.f("ix_source_object_source_id_state_id"),
        "source_object",
        ["source_id", "state", "id"],
    )


def _source_stage() -> None:
    op.create_table(
        "source_stage",
        sa.Column("object_id", Identity64, nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("grid_set", sa.Integer(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["source_object.id"],
            name=op.f("fk_source_stage_object_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_source_stage")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # compressed already
        op.execute("alter table source_stage alter column counts set storage external")
