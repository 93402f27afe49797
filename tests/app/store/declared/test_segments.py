"""Segments in the database: plans of grid sets, counts of baselines, rows of windows."""

from dataclasses import replace

import numpy as np

from app.domain.model import Model
from app.domain.segments.reference import SegmentCounts
from app.domain.segments.segment import Grouping, Plan, Segmentation
from app.store import SqlStore
from app.store.transactions.placing import Admitted, Fate, Known, Slot, place
from tests.app.store.made import GRIDS, HOUR, NINE, NOW, batch, declared, pane, reference

ASKED = Segmentation((("origin",), ("origin", "carrier")), 7)
ODD = ("\x00", None)
PLAN = Plan(
    ASKED, (Grouping(("origin",), (("JFK",),)), Grouping(("origin", "carrier"), (ODD, ("é", ""))))
)
PART = SegmentCounts(40, np.arange(GRIDS.size, dtype=np.int64) // 2)


async def divided(store: SqlStore) -> tuple[Model, int, int]:
    """A model with segments: its active grid set's id, and its baseline's number."""
    await declared(store, segments=ASKED)
    async with store.write() as unit:
        model = await unit.models.find("flights")
        assert model is not None
        grids = await unit.models.add_grid_set(model.id, GRIDS, PLAN)
        baseline = await unit.models.add_baseline(model.id, reference(grids.number, "f2"))
        await unit.segments.add(model.id, baseline.number, {"origin=JFK": PART})
        await unit.models.activate(model.id, baseline.number)
    return model, grids.id, baseline.number


async def test_a_plan_is_read_wherever_its_grid_set_is(store: SqlStore) -> None:
    model, grids, _ = await divided(store)
    ground = await store.ground("flights", fresh=True)
    assert ground is not None
    assert ground.ground.active is not None
    assert ground.ground.active.segments == PLAN
    assert ground.ground.model.settings.segments == ASKED
    async with store.read() as unit:
        active = await unit.models.active_grid_set(model.id)
        first = await unit.models.grid_set(model.id, 1)
    assert active is not None
    assert (active.id, active.segments, first.segments) == (grids, PLAN, None)


async def test_a_segment_has_its_part_of_a_baseline(store: SqlStore) -> None:
    model, _, number = await divided(store)
    async with store.read() as unit:
        assert await unit.segments.rows(model.id, number) == {"origin=JFK": 40}
        assert await unit.segments.rows(model.id, 1) == {}
        whole = await unit.models.baseline(model.id, number)
        assert whole is not None
        part = await unit.segments.reference(model.id, whole, "origin=JFK")
        none = await unit.segments.reference(model.id, whole, "origin=LGA")
    assert (part.rows, part.segment, part.vector.tolist()) == (
        40,
        "origin=JFK",
        PART.vector.tolist(),
    )
    assert (none.rows, none.segment, none.vector.any()) == (0, "origin=LGA", np.False_)
    assert (whole.segment, whole.number) == ("", part.number)


async def test_rows_of_windows_are_told_by_segment(store: SqlStore) -> None:
    model, grids, _ = await divided(store)
    parts = [pane(NINE, 10), pane(NINE, 6, segment="origin=JFK")]
    later = [pane(NINE + HOUR, 3), pane(NINE + HOUR, 3, segment="origin=JFK")]
    await store.commit([batch(model, grids, "k1", *parts), batch(model, grids, "k2", *later)])
    async with store.read() as unit:
        held = await unit.segments.held(model.id, "default", 2, (NINE, NINE + HOUR))
        other = await unit.segments.held(model.id, "default", 1, (NINE, NINE + HOUR))
    assert (held, other) == ({"": 10, "origin=JFK": 6}, {})


def test_what_is_late_for_the_whole_is_late_for_its_segments() -> None:
    model = Model(1, "m", None, None, None, NOW)  # type: ignore[arg-type]  its id is all of it
    rows = batch(model, 7, "k", pane(NINE, 4, segment="a=1"), pane(NINE, 9), pane(NINE + HOUR, 1))
    admitted = Admitted(7, GRIDS.size, HOUR, HOUR, NOW)
    whole = Slot(1, "default", "", NINE)
    closed = Known(1, NOW - 2 * HOUR)
    placed = place(rows, admitted, {whole: closed}, NOW)
    fates = {(one.slot.segment, one.slot.start): one.fate for one in placed}
    assert fates == {
        ("", NINE): Fate.LATE,
        ("a=1", NINE): Fate.LATE,
        ("", NINE + HOUR): Fate.OPENS,
    }
    ahead = place(rows, admitted, {whole: replace(closed, closed_at=NOW)}, NOW)
    assert [one.fate for one in ahead] == [Fate.RESTATES, Fate.OPENS, Fate.OPENS]
