"""A reference becomes a baseline; baselines are activated."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.domain.alerts.event import rfc3339
from app.domain.batch import Table
from app.domain.errors import Conflict, Fault, Invalid, NotFound
from app.domain.model import (
    DEFAULT_VERSION,
    WHOLE,
    Baseline,
    Model,
    Schema,
    StoredGridSet,
)
from app.domain.monitors.monitor import BASE_FRAME, usual_monitors
from app.domain.references.reference import Reference, build_reference, reference_of_windows
from app.domain.segments.reference import NO_SEGMENTS, SegmentCounts, Segmented
from app.domain.segments.segment import Segmentation
from app.domain.verdicts.judgement import WindowKey, WindowRow
from app.domain.window import pane_of
from app.ports import Store, Unit
from app.steps.declare import NOBODY, find, resolve_uncounted

TRIES = 3


@dataclass(frozen=True, slots=True)
class Registered:
    """A baseline, and whether this request made it."""

    baseline: Baseline
    created: bool


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a reference is counted against; checked again when it is stored."""

    model: Model
    active: StoredGridSet | None
    version: str

    @property
    def stands_on(self) -> tuple[int | None, Schema | None, Segmentation | None]:
        active = self.active.id if self.active else None
        return (active, self.model.schema, self.model.settings.segments)


async def register(
    store: Store, pool: Executor, name: str, table: Table, version: str | None
) -> Registered:
    """Count a reference and keep it; the model's first baseline is active at once.

    Raises
    ------
    NotFound, Invalid
        Nothing was kept.
    """
    loop = asyncio.get_running_loop()
    for _ in range(TRIES):
        ground = await _ground(store, name, version)
        model = ground.model
        build = partial(build_reference, segments=model.settings.segments)
        reference = await loop.run_in_executor(pool, build, table, model.schema, ground.active)
        if registered := await _keep(store, ground, reference):
            return registered
    raise _changing()


async def register_windows(
    store: Store, name: str, span: tuple[datetime, datetime], version: str | None
) -> Registered:
    """Make a baseline of what is stored for the panes of ``span``; it never starts a grid set.

    Raises
    ------
    NotFound, Invalid, Conflict
        The span is empty or crooked, lies on two grid sets, or does not fit the active one.
    """
    start, end = span
    if start != pane_of(start) or end != pane_of(end) or start >= end:
        detail = "from and to must be multiples of 15 minutes, from before to"
        raise Invalid(detail, (Fault(detail, "/windows", field="windows"),), code="bad-span")
    for _ in range(TRIES):
        ground = await _ground(store, name, version)
        reference = await _stored(store, ground, start, end)
        if registered := await _keep(store, ground, reference):
            return registered
    raise _changing()


def _changing() -> Conflict:
    return Conflict(
        "the model's grid set is changing; try again", code="grid-changing", retry_after=1.0
    )


async def _ground(store: Store, name: str, version: str | None) -> _Ground:
    async with store.read() as unit:
        model = await find(unit, name)
        active = await unit.models.active_grid_set(model.id)
        champion = await unit.models.champion(model.id)
    return _Ground(model, active, version or (champion.name if champion else DEFAULT_VERSION))


async def _stored(store: Store, ground: _Ground, start: datetime, end: datetime) -> Reference:
    if ground.active is None or ground.model.schema is None:
        raise Conflict("the model has no baseline yet, so no windows either", code="no-baseline")
    gone = ground.model.counts_removed_until
    if gone is not None and start < gone:
        detail = f"counts of before {rfc3339(gone)} were removed by their age"
        raise Conflict(detail, code="removed")
    key = WindowKey(ground.model.id, ground.version, WHOLE, BASE_FRAME, start)
    span = WindowRow(0, key, end, None, 0)
    async with store.read() as unit:
        gathered = await unit.windows.gather(span)
        straddled = await unit.windows.straddled(span)
    if straddled:
        detail = "old counts are kept by the hour or by the day: begin and end at midnight UTC"
        raise Conflict(detail, code="coarsened")
    if not gathered.rows:
        raise NotFound(f"no rows of version {ground.version!r} are stored in that span")
    if gathered.vector is None or gathered.grid_set != ground.active.number:
        raise Conflict("these rows were counted on another grid set", code="grid-unfit")
    segmented = await _stored_segments(store, ground.active, span, gathered.rows)
    return reference_of_windows(
        gathered.vector, gathered.rows, ground.model.schema, ground.active, segmented
    )


async def _stored_segments(
    store: Store, active: StoredGridSet, span: WindowRow, rows: int
) -> Segmented:
    """Return what stored segments hold; none of a group that was not counted all the time."""
    if active.segments is None:
        return NO_SEGMENTS
    counts: dict[str, SegmentCounts] = {}
    for grouping in active.segments.groupings:
        found: dict[str, SegmentCounts] = {}
        async with store.read() as unit:
            for text in grouping.texts:
                one = replace(span, key=replace(span.key, segment=text))
                gathered = await unit.windows.gather(one)
                vector = active.grids.zero() if gathered.vector is None else gathered.vector
                found[text] = SegmentCounts(gathered.rows, vector)
        if sum(one.rows for one in found.values()) == rows:
            counts |= found
    return Segmented(active.segments, counts)


async def _keep(store: Store, ground: _Ground, reference: Reference) -> Registered | None:
    """Store a baseline; None where the ground moved while it was counted."""
    async with store.write() as unit:
        await unit.models.hold(
            ground.model.id
        )  # of two at once, the second sees what the first did
        model = await find(unit, ground.model.name)
        active = await unit.models.active_grid_set(model.id)
        if _Ground(model, active, ground.version).stands_on != ground.stands_on:
            return None
        present = await unit.models.baseline_by_fingerprint(model.id, reference.fingerprint)
        if present is not None:
            return Registered(present, created=False)
        version = await unit.models.ensure_version(model.id, ground.version)
        grid_set = active
        if reference.founding or grid_set is None:
            plan = reference.segmented.plan
            grid_set = await unit.models.add_grid_set(model.id, reference.grids, plan)
        if model.schema is None:
            await unit.models.set_schema(model.id, reference.schema)
        baseline = await unit.models.add_baseline(
            model.id,
            Baseline(
                number=0,
                version=version.name,
                grid_set=grid_set.number,
                fingerprint=reference.fingerprint,
                rows=reference.rows,
                vector=reference.vector,
                schema=reference.schema,
                warnings=reference.warnings,
                lineage=version.lineage,
                created_at=unit.now,
            ),
        )
        await unit.segments.add(model.id, baseline.number, reference.segmented.counts)
        if model.active_baseline is None:
            await unit.models.activate(model.id, baseline.number)
            await unit.monitors.add_missing(model, usual_monitors(baseline.schema))
            baseline = replace(baseline, activated_at=unit.now)
        return Registered(baseline, created=True)


async def activate(store: Store, name: str, number: int, event_source: str = NOBODY) -> Baseline:
    """Make a baseline the one that windows are compared with from now on.

    Alerts of segments that its grid set does not have resolve.

    Raises
    ------
    NotFound
        There is no such model or baseline.
    """
    async with store.write() as unit:
        model = await find(unit, name)
        await _baseline(unit, model, number)
        await unit.models.activate(model.id, number)
        await resolve_uncounted(unit, event_source, model)
        return await _baseline(unit, model, number)


async def _baseline(unit: Unit, model: Model, number: int) -> Baseline:
    baseline = await unit.models.baseline(model.id, number)
    if baseline is None:
        raise NotFound(f"model {model.name!r} has no baseline {number}")
    return baseline
