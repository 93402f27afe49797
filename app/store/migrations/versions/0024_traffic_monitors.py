"""The watch over a model's traffic is a monitor that can be declared, switched off and deleted."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Instant, Key

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MODEL = sa.table(
    "model", sa.column("id", sa.BigInteger()), sa.column("active_baseline", sa.Integer())
)
MONITOR = sa.table(
    "monitor",
    sa.column("model_id", sa.BigInteger()),
    sa.column("name", Key),
    sa.column("version", sa.Integer()),
    sa.column("frame", Key),
    sa.column("declaration", Document),
    sa.column("created_at", Instant()),
)
DECLARATION: dict[str, object] = {
    "kind": "traffic",
    "window": None,
    "step": None,
    "rows": None,
    "roles": [],
    "include": None,
    "exclude": [],
    "outputs": None,
    "criteria": {
        "level": 0.05,
        "min_rows": None,
        "numeric": None,
        "categorical": None,
        "limits": [],
        "overrides": [],
    },
    "rule": {"kind": "any", "share": None, "features": [], "weights": []},
    "also": [],
    "calendar": [],
    "severity": None,
    "maximum_silence": None,
    "fire_after": 1,
    "fire_of": None,
    "resolve_after": 2,
    "targets": None,
    "pages": True,
    "enabled": True,
}


def upgrade() -> None:
    """Models with a baseline get the one that a first baseline brings; it says what they said."""
    connection = op.get_bind()
    models = connection.execute(sa.select(MODEL).where(MODEL.c.active_baseline.is_not(None)))
    row = {"name": "traffic", "version": 1, "frame": "none", "declaration": DECLARATION}
    row["created_at"] = datetime.now(UTC)
    rows = [row | {"model_id": model.id} for model in models.all()]
    if rows:
        connection.execute(MONITOR.insert(), rows)
