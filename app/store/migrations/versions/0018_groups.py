"""Alerts of one monitor are told of together; windows of before cannot fire again.

What segments were told of by themselves is brought into the order of their groups.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.store.transactions.types import Document, Instant, Key

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FIRING, RESOLVED = "io.leeway.alert.firing.v1", "io.leeway.alert.resolved.v1"
ALERT = sa.table(
    "alert",
    *map(sa.column, ("id", "model_id", "version", "segment", "monitor", "state", "told")),
    sa.column("news", Document),
    sa.column("unsettled_at", Instant),
    sa.column("changed_at", Instant),
)
EVENT = sa.table("event", *map(sa.column, ("id", "type", "ordering", "body")), sa.column("time"))
DELIVERY = sa.table("delivery", *map(sa.column, ("id", "event_id", "ordering", "state", "due_at")))
A, E, D = ALERT.c, EVENT.c, DELIVERY.c
BY_ITSELF = (
    sa.literal("alert/").concat(sa.cast(A.model_id, sa.Text)).concat("/").concat(A.version)
    .concat("/").concat(A.segment).concat("/").concat(A.monitor)
)  # fmt: skip
"""The order in which a segment was told of by itself."""
PENDING = D.state == "pending"


def upgrade() -> None:
    op.add_column(
        "alert",
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("alert", sa.Column("unsettled_at", Instant(), nullable=True))
    op.add_column("alert", sa.Column("news", Document, nullable=True))
    unsettled = sa.text("unsettled_at IS NOT NULL")
    op.create_index(
        "ix_alert_unsettled",
        "alert",
        ["unsettled_at"],
        postgresql_where=unsettled,
        sqlite_where=unsettled,
    )
    # each of these was told by itself; those of all versions are told without a group
    op.execute("update alert set told = true where state = 'firing' and version <> '*'")
    op.create_table(
        "alert_barrier",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("monitor", Key, nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["model.id"],
            name=op.f("fk_alert_barrier_model_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", "version", "monitor", name=op.f("pk_alert_barrier")),
    )
    _join(op.get_bind())


def _join(connection: sa.Connection) -> None:
    """Bring what is open of segments into the order of their groups, and recall what is pending.

    An end that is pending is still delivered: it closes what was opened for its segment alone.
    """
    for row in _open(connection):
        values = {"ordering": f"alert/{row.model_id}/{row.version}//{row.monitor}"}
        connection.execute(sa.update(EVENT).where(E.id == row.event_id).values(values))
        connection.execute(sa.update(DELIVERY).where(D.event_id == row.event_id).values(values))
        waits = sa.select(sa.exists().where(D.event_id == row.event_id, PENDING))
        if connection.execute(waits).scalar_one():
            _tell_anew(connection, row)
    theirs = sa.select(BY_ITSELF).where(A.segment != "")
    fired = sa.select(E.id).where(E.type == FIRING, E.ordering.in_(theirs))
    _recall(connection, D.event_id.in_(fired))


def _open(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return the events that told of segments which fire, since their last end; oldest first."""
    over = EVENT.alias("over")
    ended = sa.exists().where(
        over.c.ordering == E.ordering, over.c.type == RESOLVED, over.c.time >= E.time
    )
    query = (
        sa.select(A.id, A.model_id, A.version, A.monitor, E.id.label("event_id"), E.body)
        .join(EVENT, E.ordering == BY_ITSELF)
        .where(A.segment != "", A.state == "firing", E.type == FIRING, ~ended)
        .order_by(E.time, E.id)
    )
    return list(connection.execute(query))


def _tell_anew(connection: sa.Connection, row: sa.Row[Any]) -> None:
    """Have a group tell what has not reached everybody yet, in place of a message of before."""
    _recall(connection, D.event_id == row.event_id)
    news = json.loads(bytes(row.body))["data"]
    values = {"told": False, "news": news, "unsettled_at": A.changed_at}
    connection.execute(sa.update(ALERT).where(A.id == row.id).values(values))


def _recall(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    given_up = {"state": "superseded", "due_at": None}
    connection.execute(sa.update(DELIVERY).where(which, PENDING).values(given_up))
