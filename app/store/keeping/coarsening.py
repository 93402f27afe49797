"""Counts by their age: panes become hours, hours become days, days are removed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, func, literal, select, tuple_, update

from app.domain.model import WHOLE
from app.domain.monitors.monitor import BASE_FRAME
from app.domain.retention import Cutoffs, Grain, Stage
from app.domain.window import floor
from app.store import tables as t
from app.store.counts import encoding, gathering, unmerged
from app.store.transactions.bulk import insert_all
from app.store.transactions.session import AnyRow, Session

PANES = 200
"""Rows looked at in one portion; they are small without their counts."""
BYTES = 1_000_000
"""Of counts that one portion adds up, though at least those of one sum."""
REMOVED = 200
D, S, W = t.delta.c, t.series.c, t.window.c
PLACE = (D.pane, D.series_id, D.id)


@dataclass(frozen=True, slots=True)
class Sum:
    """What rows of one series are to become."""

    series_id: int
    start: datetime
    grain: Grain
    kept_from: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """Sums that were written, and rows that are damaged, so that they were left."""

    written: int
    damaged: int


async def to_hours(session: Session, model_id: int, until: Cutoffs) -> int:  # noqa: ARG001
    """Merge panes of the oldest sealed window into hours; a window without any is done.

    One that a window by rows cuts, which can still change, stays sealed until it cannot.
    """
    query = (
        select(t.window)
        .where(W.model_id == model_id, W.stage == Stage.SEALED)
        .order_by(W.end_at, W.id)
        .limit(1)
    )
    if await unmerged.has_borders(session, model_id):
        query = query.where((W.frame != BASE_FRAME) | ~unmerged.window_is_cut(session))
    window = (await session.connection.execute(query)).one_or_none()
    if window is None:
        return 0
    if window.frame != BASE_FRAME:
        await _coarse(session, window.id)  # its panes go with the model's own windows
        return 1
    mine = (
        (S.model_id == model_id)
        & (S.version == window.version)
        & (S.segment == window.segment)
        & (D.minutes == Grain.PANE)
        & (D.pane >= window.start_at)
        & (D.pane < window.end_at)
    )
    kept_from = max(window.end_at, window.closed_at)
    merged = await _merge(session, mine, Grain.HOUR, kept_from)
    left = select(func.count()).select_from(t.delta.join(t.series, S.id == D.series_id)).where(mine)
    remain = (await session.connection.execute(left)).scalar_one()
    # panes that are left may be held by somebody who folds them; damaged ones stay for good
    if remain and merged.damaged < remain:
        return merged.written
    await _coarse(session, window.id)
    return merged.written + 1


async def _coarse(session: Session, window_id: int) -> None:
    await session.connection.execute(
        update(t.window).where(W.id == window_id).values(stage=Stage.COARSE)
    )


async def to_days(session: Session, model_id: int, until: Cutoffs) -> int:
    """Merge hours of whole days."""
    mine = (
        (S.model_id == model_id)
        & (D.minutes == Grain.HOUR)
        & (D.pane < floor(until.hours, Grain.DAY.width))
        & (D.kept_from <= until.hours)
    )
    if await unmerged.has_borders(session, model_id):
        mine &= ~unmerged.day_is_cut(session)
    return (await _merge(session, mine, Grain.DAY, None)).written


async def remove(session: Session, model_id: int, until: Cutoffs) -> int:
    """Remove days, and remember how many rows they stood for."""
    query = (
        select(D.id, D.pane, D.rows, S.segment)
        .join(t.series, S.id == D.series_id)
        .where(S.model_id == model_id, D.pane < until.days)
        .where(D.minutes == Grain.DAY, D.kept_from <= until.days)
        .order_by(D.pane, D.id)
        .limit(REMOVED)
        .with_for_update(of=t.delta, skip_locked=True)
    )
    found = (await session.connection.execute(query)).all()
    if not found:
        return 0
    m, end = t.model.c, max(row.pane for row in found) + Grain.DAY.width
    counted = sum(row.rows for row in found if row.segment == WHOLE)
    mark = literal(end, m.counts_removed_until.type)
    raised = case((m.counts_removed_until > mark, m.counts_removed_until), else_=mark)
    await session.connection.execute(
        update(t.model)
        .where(m.id == model_id)
        .values(removed_rows=m.removed_rows + counted, counts_removed_until=raised)
    )
    await _delete(session, [row.id for row in found])
    return len(found)


async def _merge(
    session: Session, mine: ColumnElement[bool], grain: Grain, kept_from: datetime | None
) -> Merged:
    """Merge some of the rows into sums of a grain.

    Two who do it at once take different rows and are both right, as those who fold are.
    """
    written = damaged = 0
    left: set[tuple[int, datetime]] = set()
    after: AnyRow | None = None
    # a portion of nothing but damaged sums is gone past, or it would be the first for good
    while not written and (rows := await _portion(session, mine, grain, after)):
        for wanted, parts in _sums(rows, grain, kept_from):
            key = (wanted.series_id, wanted.start)
            if key not in left and await _add_up(session, wanted, parts):
                written += 1
            else:
                left.add(key)
                damaged += len(parts)
        after = rows[-1]
    return Merged(written, damaged)


async def _portion(
    session: Session, mine: ColumnElement[bool], grain: Grain, after: AnyRow | None
) -> list[AnyRow]:
    """Return the first rows after one, up to so many bytes, but not less than of one sum."""
    query = (
        select(D.id, D.series_id, D.pane, D.bytes, D.kept_from)
        .join(t.series, S.id == D.series_id)
        .where(mine)
        .order_by(*PLACE)
        .limit(PANES)
        .with_for_update(of=t.delta, skip_locked=True)
    )
    if after is not None:
        here = (literal(getattr(after, c.name), c.type) for c in PLACE)
        query = query.where(tuple_(*PLACE) > tuple_(*here))
    rows: list[AnyRow] = []
    keys: set[tuple[int, datetime]] = set()
    taken = 0
    for row in (await session.connection.execute(query)).all():
        key = (row.series_id, floor(row.pane, grain.width))
        if key not in keys and taken > BYTES:
            break
        keys.add(key)
        rows.append(row)
        taken += row.bytes
    return rows


def _sums(
    rows: Iterable[AnyRow], grain: Grain, kept_from: datetime | None
) -> list[tuple[Sum, list[int]]]:
    """Return what rows become."""
    parts: dict[tuple[int, datetime], list[AnyRow]] = defaultdict(list)
    for row in rows:
        parts[row.series_id, floor(row.pane, grain.width)].append(row)
    made = []
    for (series, start), of_one in parts.items():
        moments = [start + grain.width, *(kept_from or row.kept_from for row in of_one)]
        made.append((Sum(series, start, grain, max(moments)), [row.id for row in of_one]))
    return made


async def _add_up(session: Session, wanted: Sum, parts: Sequence[int]) -> bool:
    """Replace rows, and what is there of the sum already, by their sum; False where one is damaged.

    Damaged counts stay as they are and are said wherever they are read.
    """
    present = (
        select(D.id)
        .where(D.series_id == wanted.series_id, D.pane == wanted.start)
        .where(D.minutes == wanted.grain)
        .with_for_update(skip_locked=True)
    )
    ids = [*parts, *(await session.connection.execute(present)).scalars()]
    query = (
        select(D.rows, D.batches, D.total, D.counts, D.minutes, D.kept_from, t.grid_set.c.cells)
        .join(t.series, S.id == D.series_id)
        .join(t.grid_set, t.grid_set.c.id == S.grid_set_id)
        .where(D.id.in_(ids))
    )
    rows = (await session.connection.execute(query)).all()
    try:
        vector = await gathering.added(rows, rows[0].cells)
    except encoding.DamagedCounts:
        return False
    packed = encoding.pack(vector)
    before = [row.kept_from for row in rows if row.minutes == wanted.grain]
    summed = {
        "series_id": wanted.series_id,
        "pane": wanted.start,
        "rows": sum(row.rows for row in rows),
        "batches": sum(row.batches for row in rows),
        "total": int(vector.sum()),
        "bytes": len(packed),
        "counts": packed,
        "minutes": int(wanted.grain),
        "kept_from": max([wanted.kept_from, *before]),
    }
    await insert_all(session, t.delta, [summed])
    await _delete(session, ids)
    return True


async def _delete(session: Session, ids: Sequence[int]) -> None:
    await session.connection.execute(delete(t.delta).where(D.id.in_(ids)))
