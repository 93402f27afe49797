"""What a deleted model leaves behind is removed in portions, leaves of the tree first."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, select, tuple_

from app.store import tables as t
from app.store.transactions.session import Session

PORTION = 2_000
WINDOWS = 20
"""A window takes its revisions and all their verdicts and estimates along."""


def _series(model_id: int) -> Select[Any]:
    return select(t.series.c.id).where(t.series.c.model_id == model_id)


def _sources(model_id: int) -> Select[Any]:
    return select(t.source.c.id).where(t.source.c.model_id == model_id)


LEAVES: tuple[tuple[Table, Callable[[int], ColumnElement[bool]], int], ...] = (
    (t.delta, lambda m: t.delta.c.series_id.in_(_series(m)), PORTION),
    (t.window, lambda m: t.window.c.model_id == m, WINDOWS),
    (t.sighting, lambda m: t.sighting.c.model_id == m, PORTION),
    (t.receipt, lambda m: t.receipt.c.model_id == m, PORTION),
    (t.rejection, lambda m: t.rejection.c.model_id == m, PORTION),
    (t.rejected, lambda m: t.rejected.c.model_id == m, PORTION),
    (t.heartbeat, lambda m: t.heartbeat.c.model_id == m, PORTION),
    (t.sequence_note, lambda m: t.sequence_note.c.model_id == m, PORTION),
    (t.sequence_line, lambda m: t.sequence_line.c.model_id == m, PORTION),
    (t.traffic_hour, lambda m: t.traffic_hour.c.model_id == m, PORTION),
    (t.traffic_mark, lambda m: t.traffic_mark.c.model_id == m, PORTION),
    (t.tally, lambda m: t.tally.c.model_id == m, PORTION),
    (t.source_object, lambda m: t.source_object.c.source_id.in_(_sources(m)), PORTION),
    (t.source, lambda m: t.source.c.model_id == m, WINDOWS),
    (t.retraining, lambda m: t.retraining.c.model_id == m, WINDOWS),
    (t.retraining_episode, lambda m: t.retraining_episode.c.model_id == m, PORTION),
    (t.retraining_policy, lambda m: t.retraining_policy.c.model_id == m, PORTION),
    (t.row_border, lambda m: t.row_border.c.model_id == m, PORTION),
    (t.monitor, lambda m: t.monitor.c.model_id == m, PORTION),
    (t.alert, lambda m: t.alert.c.model_id == m, WINDOWS),
    (t.alert_barrier, lambda m: t.alert_barrier.c.model_id == m, PORTION),
    (t.series, lambda m: t.series.c.model_id == m, PORTION),
    (t.baseline, lambda m: t.baseline.c.model_id == m, WINDOWS),
    (t.grid_set, lambda m: t.grid_set.c.model_id == m, WINDOWS),
    (t.version, lambda m: t.version.c.model_id == m, PORTION),
)


async def remove_some(session: Session, model_id: int) -> int:
    """Delete one portion of the first kind of rows that a model still has; their number."""
    for table, belongs, portion in LEAVES:
        if gone := await delete_some(session, table, belongs(model_id), portion):
            return gone
    return 0


async def delete_some(
    session: Session,
    table: Table,
    condition: ColumnElement[bool],
    limit: int,
    *order: ColumnElement[Any],
) -> int:
    """Delete at most ``limit`` rows that fulfil a condition, in an order; their number."""
    key = tuple_(*table.primary_key.columns)
    chosen = select(*table.primary_key.columns).where(condition).order_by(*order).limit(limit)
    gone = await session.connection.execute(delete(table).where(key.in_(chosen)))
    return gone.rowcount
