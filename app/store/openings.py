"""What a group's rows do besides being counted: versions, windows, marks and sightings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select, tuple_

from app.domain.batch import CountedBatch
from app.domain.monitor import DEFAULT_MONITOR
from app.store import tables as t
from app.store.bulk import insert_all
from app.store.placing import Admitted, Fate, Known, Placed, Slot
from app.store.session import Session
from app.store.versions import Versions

CHUNK = 5_000
COUNTED = frozenset({Fate.OPENS, Fate.COUNTS, Fate.RESTATES})

Pairs = Sequence[tuple[CountedBatch, tuple[Placed, ...]]]


async def known(session: Session, wanted: Iterable[Slot]) -> dict[Slot, Known]:
    """Return the windows that exist among those wanted."""
    by_series: dict[tuple[int, str, str], list[Slot]] = defaultdict(list)
    for slot in sorted(wanted):
        by_series[slot.model_id, slot.version, slot.segment].append(slot)
    found: dict[Slot, Known] = {}
    for series, members in by_series.items():
        for start in range(0, len(members), CHUNK):
            found.update(await _known(session, series, members[start : start + CHUNK]))
    return found


async def _known(
    session: Session, series: tuple[int, str, str], members: Sequence[Slot]
) -> dict[Slot, Known]:
    c = t.window.c
    query = select(c.id, c.start_at, c.closed_at).where(
        c.model_id == series[0],
        c.version == series[1],
        c.segment == series[2],
        c.monitor == DEFAULT_MONITOR,
        c.start_at.in_([slot.start for slot in members]),
    )
    return {
        Slot(*series, row.start_at): Known(row.id, row.closed_at)
        for row in await session.connection.execute(query)
    }


async def ensure_versions(session: Session, pairs: Pairs) -> None:
    wanted = {(batch.envelope.model_id, batch.envelope.version) for batch, _ in pairs}
    unseen = {key for key in wanted if session.cache.known(key) is None}
    if not unseen:
        return
    c = t.version.c
    query = select(c.model_id, c.name).where(tuple_(c.model_id, c.name).in_(sorted(unseen)))
    for row in await session.connection.execute(query):
        session.cache.remember((row.model_id, row.name), row.model_id)
        unseen.discard((row.model_id, row.name))
    for model_id, name in sorted(unseen):
        await Versions(session).ensure_version(model_id, name)


async def open_windows(session: Session, pairs: Pairs, models: Mapping[int, Admitted]) -> None:
    """Open the windows that do not exist yet; another group may do the same at this moment."""
    fresh = {placed.slot for placed in _placed(pairs) if placed.fate is Fate.OPENS}
    rows = [
        {
            "model_id": slot.model_id,
            "version": slot.version,
            "segment": slot.segment,
            "monitor": DEFAULT_MONITOR,
            "start_at": slot.start,
            "end_at": slot.start + models[slot.model_id].window,
            "opened_at": session.now,
            "closed_at": None,
            "revision": 0,
        }
        for slot in sorted(fresh)
    ]
    await insert_all(session, t.window, rows, ignore=True)


async def mark_restated(session: Session, pairs: Pairs) -> None:
    """Say of closed windows that they took rows."""
    rows: dict[Slot, int] = defaultdict(int)
    for placed in _placed(pairs):
        if placed.fate is Fate.RESTATES:
            rows[placed.slot] += placed.counts.rows
    windows = await known(session, rows)
    marks = [
        {"window_id": windows[slot].id, "at": session.now, "rows": rows[slot]}
        for slot in sorted(rows)
    ]
    await insert_all(session, t.restatement, marks)


async def sight(session: Session, pairs: Pairs) -> None:
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
    await insert_all(session, t.sighting, rows, ignore=True)


def _first_panes(placed: Iterable[Placed]) -> Iterable[object]:
    first: dict[Slot, object] = {}
    for one in sorted(placed, key=lambda p: p.counts.pane):
        if one.fate in COUNTED:
            first.setdefault(one.slot, one.counts.pane)
    return first.values()


def _placed(pairs: Pairs) -> Iterator[Placed]:
    return (placed for _, several in pairs for placed in several)
