"""Models, baselines, receipts and counts."""

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Identity64, Instant, Key, Span

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _model()
    _receipt()
    _sighting()
    _tally()
    _grid_set()
    _version()
    _baseline()
    _series()
    _delta()


def _model() -> None:
    op.create_table(
        "model",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("window", Span(), nullable=False),
        sa.Column("lateness", Span(), nullable=False),
        sa.Column("final_after", Span(), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("schema", Document, nullable=True),
        sa.Column("active_baseline", sa.Integer(), nullable=True),
        sa.Column("active_grid_set_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("hidden_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_model_visible_name",
        "model",
        ["name"],
        unique=True,
        postgresql_where=sa.text("hidden_at IS NULL"),
        sqlite_where=sa.text("hidden_at IS NULL"),
    )


def _receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("key", Key, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("first_event", Instant(), nullable=False),
        sa.Column("last_event", Instant(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("deduplicated", sa.Boolean(), nullable=False),
        sa.Column("findings", Document, nullable=True),
        sa.PrimaryKeyConstraint("model_id", "key", name=op.f("pk_receipt")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_receipt_received_at"),
        "receipt",
        ["received_at"],
        unique=False,
        postgresql_using="brin",
    )


def _sighting() -> None:
    op.create_table(
        "sighting",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("pane", Instant(), nullable=False),
        sa.Column("column", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.PrimaryKeyConstraint(
            "model_id", "version", "pane", "column", "kind", name=op.f("pk_sighting")
        ),
    )


def _tally() -> None:
    op.create_table(
        "tally",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("duplicate", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("batches", sa.BigInteger(), nullable=False),
        sa.Column("latest_event", Instant(), nullable=True),
        sa.Column("last_commit", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally")),
    )
    op.create_index(
        op.f("ix_tally_model_id_version_source"),
        "tally",
        ["model_id", "version", "source"],
        unique=False,
    )


def _grid_set() -> None:
    op.create_table(
        "grid_set",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("grids", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_grid_set_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_set")),
        sa.UniqueConstraint("model_id", "number", name=op.f("uq_grid_set_model_id_number")),
        sqlite_autoincrement=True,
    )


def _version() -> None:
    op.create_table(
        "version",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("lineage", Document, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_version_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model_id", "name", name=op.f("pk_version")),
    )
    op.create_index(
        "uq_version_champion",
        "version",
        ["model_id"],
        unique=True,
        postgresql_where=sa.text("role = 'champion'"),
        sqlite_where=sa.text("role = 'champion'"),
    )


def _baseline() -> None:
    op.create_table(
        "baseline",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("grid_set_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("schema", Document, nullable=False),
        sa.Column("warnings", Document, nullable=False),
        sa.Column("lineage", Document, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grid_set_id"],
            ["grid_set.id"],
            name=op.f("fk_baseline_grid_set_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_baseline_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
        sa.UniqueConstraint(
            "model_id", "fingerprint", name=op.f("uq_baseline_model_id_fingerprint")
        ),
        sa.UniqueConstraint("model_id", "number", name=op.f("uq_baseline_model_id_number")),
    )
    op.create_index(op.f("ix_baseline_grid_set_id"), "baseline", ["grid_set_id"], unique=False)


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("segment", Key, nullable=False),
        sa.Column("grid_set_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grid_set_id"], ["grid_set.id"], name=op.f("fk_series_grid_set_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_series_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint(
            "model_id",
            "version",
            "segment",
            "grid_set_id",
            name=op.f("uq_series_model_id_version_segment_grid_set_id"),
        ),
    )
    op.create_index(op.f("ix_series_grid_set_id"), "series", ["grid_set_id"], unique=False)


def _delta() -> None:
    op.create_table(
        "delta",
        sa.Column("id", Identity64, sa.Identity(always=True), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("pane", Instant(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_delta_series_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delta")),
    )
    op.create_index(op.f("ix_delta_series_id_pane"), "delta", ["series_id", "pane"], unique=False)
