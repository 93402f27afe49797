"""Windows beside the models' own: opened for what counts, and marked where they are closed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, TextClause, and_, bindparam, insert, literal_column, select, text

from app.domain.batch import CountedBatch
from app.domain.monitors.frame import Frame
from app.domain.retention import Stage
from app.store import tables as t
from app.store.declared.monitor_documents import frames_of
from app.store.transactions.bulk import put
from app.store.transactions.ledger import Ledger
from app.store.transactions.placing import COUNTED, Admitted, Placed
from app.store.transactions.types import Instant

Pairs = Sequence[tuple[CountedBatch, tuple[Placed, ...]]]
Rows = list[dict[str, Any]]
W, R = t.window.c, t.restatement.c
KEY = (W.model_id, W.version, W.segment, W.frame, W.start_at)
MARKED = text(
    "insert into restatement (window_id, at, rows)"
    " select w.id, :now, u.rows from unnest(cast(:model_id as int[]), cast(:version as text[]),"
    " cast(:segment as text[]), cast(:frame as text[]), cast(:start_at as timestamptz[]),"
    " cast(:final as timestamptz[]), cast(:rows as bigint[]))"
    " as u(model_id, version, segment, frame, start_at, final, rows)"
    ' join "window" w on w.model_id = u.model_id and w.version = u.version'
    " and w.segment = u.segment and w.frame = u.frame and w.start_at = u.start_at"
    " where w.stage = 0 and w.closed_at > u.final"
)


def follow(ledger: Ledger, pairs: Pairs, models: Mapping[int, Admitted]) -> None:
    """Open the windows that hold what was counted, and say of closed ones that they took rows.

    Those that are final stay as they are: the model's own windows decide what still counts.
    """
    opened: Rows = []
    marks: Rows = []
    for model_id, series in _strides(pairs, models).items():
        model = models[model_id]
        for (version, segment, frame), rows in series.items():
            key = {"model_id": model_id, "version": version, "segment": segment}
            key["frame"] = frame.name
            for stride, count in sorted(_spread(rows, frame).items()):
                start = frame.start(stride)
                if model.removed_until is not None and start < model.removed_until:
                    continue
                opened.append(key | _opened(ledger, frame, stride))
                final = ledger.now - model.final_after
                marks.append(key | {"start_at": start, "final": final, "rows": count})
    put(ledger, t.window, opened, ignore=True)
    _mark(ledger, marks)


def _opened(ledger: Ledger, frame: Frame, stride: int) -> dict[str, Any]:
    start = frame.start(stride)
    return {
        "start_at": start,
        "end_at": start + frame.width,
        "opened_at": ledger.now,
        "closed_at": None,
        "revision": 0,
    }


Series = tuple[str, str, Frame]


def _strides(
    pairs: Pairs, models: Mapping[int, Admitted]
) -> dict[int, dict[Series, dict[int, int]]]:
    """Return the rows by model, series and step that holds them."""
    found: dict[int, dict[Series, dict[int, int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    for batch, placed in pairs:
        model_id, version = batch.envelope.model_id, batch.envelope.version
        for frame in frames_of(models[model_id].frames):
            for one in _counting(placed):
                series = version, one.slot.segment, frame
                found[model_id][series][frame.stride(one.counts.pane)] += one.counts.rows
    return found


def _counting(placed: Iterable[Placed]) -> Iterator[Placed]:
    return (one for one in placed if one.fate in COUNTED)


def _spread(rows: Mapping[int, int], frame: Frame) -> dict[int, int]:
    """Return the rows by window: a step's rows lie in all windows that begin no later."""
    found: dict[int, int] = defaultdict(int)
    for stride, count in rows.items():
        for back in range(frame.overlap):
            found[stride - back] += count
    return found


def _mark(ledger: Ledger, marks: Rows) -> None:
    if not marks:
        return
    if not ledger.postgres:
        ledger.tell(_marking(), [mark | {"now": ledger.now} for mark in marks])
        return
    arrays = {name: [mark[name] for mark in marks] for name in marks[0]}
    ledger.tell(MARKED, {"now": ledger.now, **arrays})


@cache
def _marking() -> Insert | TextClause:
    same = and_(*(column == bindparam(column.name, type_=column.type) for column in KEY))
    live = (W.stage == literal_column(str(int(Stage.LIVE)))) & (
        W.closed_at > bindparam("final", type_=Instant())
    )
    marked = select(W.id, bindparam("now", type_=Instant()), bindparam("rows")).where(same, live)
    return insert(t.restatement).from_select([R.window_id, R.at, R.rows], marked)
