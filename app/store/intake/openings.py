"""What a group's rows do besides being counted: versions, windows, marks and sightings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, literal_column, select, tuple_

from app.domain.batch import CountedBatch
from app.domain.monitors.monitor import BASE_FRAME
from app.store import tables as t
from app.store.declared.versions import ensure
from app.store.intake import framing
from app.store.intake.row_marks import mark_by_rows
from app.store.transactions.bulk import put, unnested
from app.store.transactions.placing import COUNTED, Admitted, Fate, Known, Placed, Slot
from app.store.transactions.session import AnyRow, Ledger

CHUNK = 5_000

Pairs = Sequence[tuple[CountedBatch, tuple[Placed, ...]]]
W = t.window.c
OF_SERIES = select(W.id, W.start_at, W.closed_at, W.stage).where(
    W.model_id == bindparam("model"),
    W.version == bindparam("version"),
    W.segment == bindparam("segment"),
    W.frame == BASE_FRAME,
    W.start_at.in_(bindparam("starts", expanding=True)),
)


def known(ledger: Ledger, wanted: Iterable[Slot]) -> Callable[[], dict[Slot, Known]]:
    """Ask which of these windows exist; what is returned waits for the answer."""
    if ledger.postgres:
        return _known_together(ledger, sorted(wanted))
    found = _known_by_series(ledger, wanted)
    return lambda: found


def _known_together(ledger: Ledger, wanted: Sequence[Slot]) -> Callable[[], dict[Slot, Known]]:
    names = ("model_id", "version", "segment", "start_at")
    given = {
        "u_model_id": [slot.model_id for slot in wanted],
        "u_version": [slot.version for slot in wanted],
        "u_segment": [slot.segment for slot in wanted],
        "u_start_at": [slot.start for slot in wanted],
    }
    rows = ledger.ask(_looking(names), given)
    return lambda: {
        Slot(row.model_id, row.version, row.segment, row.start_at): _known_row(row)
        for row in rows()
    }


@cache
def _looking(names: tuple[str, ...]) -> Select[Any]:
    given, c = unnested(t.window, names), t.window.c
    return (
        select(*(c[name] for name in names), c.id, c.closed_at, c.stage)
        .join_from(given, t.window, and_(*(c[name] == given.c[name] for name in names)))
        .where(c.frame == literal_column(f"'{BASE_FRAME}'"))
    )


def _known_by_series(ledger: Ledger, wanted: Iterable[Slot]) -> dict[Slot, Known]:
    by_series: dict[tuple[int, str, str], list[Slot]] = defaultdict(list)
    for slot in sorted(wanted):
        by_series[slot.model_id, slot.version, slot.segment].append(slot)
    found: dict[Slot, Known] = {}
    for series, members in by_series.items():
        for start in range(0, len(members), CHUNK):
            found.update(_known(ledger, series, members[start : start + CHUNK]))
    return found


def _known(
    ledger: Ledger, series: tuple[int, str, str], members: Sequence[Slot]
) -> dict[Slot, Known]:
    given = {"model": series[0], "version": series[1], "segment": series[2]}
    rows = ledger.rows(OF_SERIES, given | {"starts": [slot.start for slot in members]})
    return {Slot(*series, row.start_at): _known_row(row) for row in rows}


def _known_row(row: AnyRow) -> Known:
    return Known(row.id, row.closed_at, row.stage)


def ensure_versions(ledger: Ledger, pairs: Pairs) -> None:
    wanted = {(batch.envelope.model_id, batch.envelope.version) for batch, _ in pairs}
    unseen = {key for key in wanted if ledger.cache.known(key) is None}
    if not unseen:
        return
    c = t.version.c
    query = select(c.model_id, c.name).where(tuple_(c.model_id, c.name).in_(sorted(unseen)))
    for row in ledger.rows(query):
        ledger.cache.remember((row.model_id, row.name), row.model_id)
        unseen.discard((row.model_id, row.name))
    for model_id, name in sorted(unseen):
        ensure(ledger, model_id, name)


def open_windows(ledger: Ledger, pairs: Pairs, models: Mapping[int, Admitted]) -> None:
    """Open the windows that do not exist yet; another group may do the same at this moment."""
    fresh = {placed.slot for placed in _placed(pairs) if placed.fate is Fate.OPENS}
    rows = [
        {
            "model_id": slot.model_id,
            "version": slot.version,
            "segment": slot.segment,
            "frame": BASE_FRAME,
            "start_at": slot.start,
            "end_at": slot.start + models[slot.model_id].window,
            "opened_at": ledger.now,
            "closed_at": None,
            "revision": 0,
        }
        for slot in sorted(fresh)
    ]
    put(ledger, t.window, rows, ignore=True)
    if any(model.frames for model in models.values()):
        framing.follow(ledger, pairs, models)
        mark_by_rows(ledger, pairs, models)


def mark_restated(ledger: Ledger, pairs: Pairs) -> None:
    """Say of closed windows that they took rows."""
    rows: dict[int, int] = defaultdict(int)
    for placed in _placed(pairs):
        if placed.fate is Fate.RESTATES and placed.window is not None:
            rows[placed.window] += placed.counts.rows
    marks = [
        {"window_id": window, "at": ledger.now, "rows": taken}
        for window, taken in sorted(rows.items())
    ]
    put(ledger, t.restatement, marks)


def sight(ledger: Ledger, pairs: Pairs) -> None:
    """Note absent and unknown columns, once for each window that a batch counted in."""
    seen: set[tuple[object, ...]] = set()
    for batch, placed in pairs:
        found = batch.findings
        names = [(name, "absent") for name in found.absent]
        names += [(name, "unknown") for name in found.unknown]
        owner = (batch.envelope.model_id, batch.envelope.version)
        for pane in _first_panes(placed) if names else ():
            seen |= {(*owner, pane, name, kind) for name, kind in names}
    columns = ("model_id", "version", "pane", "column", "kind")
    rows = [dict(zip(columns, row, strict=True)) for row in sorted(seen)]
    put(ledger, t.sighting, rows, ignore=True)


def _first_panes(placed: Iterable[Placed]) -> Iterable[object]:
    first: dict[Slot, object] = {}
    for one in sorted(placed, key=lambda p: p.counts.pane):
        if one.fate in COUNTED:
            first.setdefault(one.slot, one.counts.pane)
    return first.values()


def _placed(pairs: Pairs) -> Iterator[Placed]:
    return (placed for _, several in pairs for placed in several)
