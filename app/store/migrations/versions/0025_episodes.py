"""Alerts that one drift made fire belong together, so that it asks for one retraining."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Instant, Key

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ALERT = sa.table(
    "alert",
    *map(sa.column, ("id", "model_id", "version", "monitor", "state")),
)
RETRAINING = sa.table("retraining", *map(sa.column, ("id", "model_id", "episode")))
WISH = sa.table("retraining_wish", sa.column("alert_id"), sa.column("wish", Document))


def upgrade() -> None:
    """Monitors that fire stay in the episode that they asked in."""
    made = op.create_table(
        "retraining_episode",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("monitor", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["model.id"],
            name=op.f("fk_retraining_episode_model_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "model_id", "version", "monitor", name=op.f("pk_retraining_episode")
        ),
    )
    connection = op.get_bind()
    found = _asked(connection)
    if found:
        names = ("model_id", "version", "monitor")
        rows = [dict(zip(names, key, strict=True)) | {"name": name} for key, name in found.items()]
        connection.execute(made.insert(), rows)


def _asked(connection: sa.Connection) -> dict[tuple[Any, ...], str]:
    """Return what alerts that fire have asked for, by their monitors: what they asked for last."""
    a, r = ALERT.c, RETRAINING.c
    asked = sa.select(r.episode).where(r.episode.like("alert/%")).order_by(r.id)
    episodes = [*connection.execute(asked).scalars()]
    episodes += [wish["episode"] for wish in connection.execute(sa.select(WISH.c.wish)).scalars()]
    firing = {
        row.id: row for row in connection.execute(sa.select(ALERT).where(a.state == "firing"))
    }
    found = {}
    for episode in episodes:
        alert = firing.get(int(episode.split("/")[1]))
        if alert is not None:
            found[alert.model_id, alert.version, alert.monitor] = episode
    return found
