"""Closed windows by rows that took rows: intake marks those that hold their panes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam, insert, literal_column, select, text

from app.domain.batch import CountedBatch
from app.domain.retention import Stage
from app.store import tables as t
from app.store.declared.monitor_documents import by_rows_of
from app.store.transactions.ledger import Ledger
from app.store.transactions.placing import COUNTED, Admitted, Placed
from app.store.transactions.types import Instant

Pairs = Sequence[tuple[CountedBatch, tuple[Placed, ...]]]
W, R = t.window.c, t.restatement.c
MARKED = text(
    "insert into restatement (window_id, at, rows)"
    " select w.id, :now, u.rows from unnest(cast(:model_id as int[]), cast(:version as text[]),"
    " cast(:segment as text[]), cast(:frame as text[]), cast(:pane as timestamptz[]),"
    " cast(:final as timestamptz[]), cast(:rows as bigint[]))"
    " as u(model_id, version, segment, frame, pane, final, rows)"
    ' join "window" w on w.model_id = u.model_id and w.version = u.version'
    " and w.segment = u.segment and w.frame = u.frame"
    " and w.start_at <= u.pane and w.end_at > u.pane"
    " where w.stage = 0 and w.closed_at > u.final"
)


def mark_by_rows(ledger: Ledger, pairs: Pairs, models: Mapping[int, Admitted]) -> None:
    """Say of closed windows by rows that they took rows; those that are final stay as they are."""
    rows: dict[tuple[Any, ...], int] = defaultdict(int)
    for batch, placed in pairs:
        model_id, version = batch.envelope.model_id, batch.envelope.version
        for frame in by_rows_of(models[model_id].frames):
            for one in placed:
                if one.fate in COUNTED:
                    key = model_id, version, one.slot.segment, frame.name, one.counts.pane
                    rows[key] += one.counts.rows
    if not rows:
        return
    names = ("model_id", "version", "segment", "frame", "pane")
    marks = [
        dict(zip(names, key, strict=True))
        | {"final": ledger.now - models[key[0]].final_after, "rows": count}
        for key, count in sorted(rows.items())
    ]
    if not ledger.postgres:
        ledger.tell(_marking(), [mark | {"now": ledger.now} for mark in marks])
        return
    arrays = {name: [mark[name] for mark in marks] for name in marks[0]}
    ledger.tell(MARKED, {"now": ledger.now, **arrays})


@cache
def _marking() -> Insert:
    named = (W.model_id, W.version, W.segment, W.frame)
    same = [column == bindparam(column.name, type_=column.type) for column in named]
    pane = bindparam("pane", type_=Instant())
    live = W.stage == literal_column(str(int(Stage.LIVE)))
    marked = select(W.id, bindparam("now", type_=Instant()), bindparam("rows")).where(
        *same,
        W.start_at <= pane,
        W.end_at > pane,
        live,
        W.closed_at > bindparam("final", type_=Instant()),
    )
    return insert(t.restatement).from_select([R.window_id, R.at, R.rows], marked)
