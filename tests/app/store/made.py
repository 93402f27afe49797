"""Values that the tests of the store are about."""

from datetime import UTC, datetime, timedelta

import numpy as np

from app.domain.batch import CountedBatch, Envelope, Findings, PaneCounts
from app.domain.errors import Fault
from app.domain.model import (
    WHOLE,
    Baseline,
    Feature,
    Kind,
    Model,
    Schema,
    Settings,
)
from app.domain.monitors.monitor import default_monitor, usual_monitors
from app.domain.rejection import Reason, Rejection
from app.domain.verdicts.judgement import Cause, Judgement, Revision, WindowRow
from app.domain.window import PANE
from app.ports import Unit
from app.ports.windows import Due
from app.store import SqlStore
from drift_core import Estimate, FeatureVerdict, Grid, GridSet, State, WindowVerdict

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCHEMA = Schema((Feature("carrier", Kind.CATEGORICAL), Feature("dep/delay %", Kind.NUMERIC)))
GRIDS = GridSet(
    (
        ("carrier", Grid.categorical(["AA", "AA", "UA", "é🙂"])),
        ("dep/delay %", Grid.numeric([0.1, -0.0, 2.5, 1e-300])),
    )
)
OTHER_GRIDS = GridSet((("carrier", Grid.categorical(["X"])), ("dep/delay %", GRIDS["dep/delay %"])))

NOTHING_ODD = Findings()


def reference(grid_set: int, fingerprint: str = "f1", cells: int = GRIDS.size) -> Baseline:
    return Baseline(
        number=0,
        version="default",
        grid_set=grid_set,
        fingerprint=fingerprint,
        rows=100,
        vector=np.arange(cells, dtype=np.int64),
        schema=SCHEMA,
        warnings=(),
        lineage={"git_commit": "abc"},
        created_at=NOW,
    )


def rejection(model: str = "flights", **about: object) -> Rejection:
    """A batch that was refused."""
    whole = {
        "model": model,
        "version": "default",
        "source": "http",
        "key": "k",
        "reason": Reason.INVALID,
        "detail": "times are wrong",
        "faults": (Fault("is no time", "/2/at", 2, "at"),),
        "left_out": 0,
        "rows": 5,
    }
    return Rejection(**(whole | about))  # type: ignore[arg-type]


async def declared(store: SqlStore, name: str = "flights", **settings: object) -> Model:
    """A model with an active baseline and hourly windows."""
    async with store.write() as unit:
        made, _ = await unit.models.declare(name, Settings(**settings), SCHEMA)  # type: ignore[arg-type]
        grids = await unit.models.add_grid_set(made.id, GRIDS)
        baseline = await unit.models.add_baseline(made.id, reference(grids.number))
        await unit.models.activate(made.id, baseline.number)
        await unit.monitors.add_missing(made, usual_monitors(SCHEMA))
        found = await unit.models.by_id(made.id)
    assert found is not None
    return found


async def active(store: SqlStore, model: Model) -> int:
    """The id of the model's active grid set."""
    async with store.read() as unit:
        grids = await unit.models.active_grid_set(model.id)
    assert grids is not None
    return grids.id


def pane(start: datetime = NINE, rows: int = 10, seed: int = 1, segment: str = WHOLE) -> PaneCounts:
    """Rows whose cells are drawn by the seed; each feature's cells add up to the rows."""
    draw = np.random.default_rng(seed)
    vector = np.zeros(GRIDS.size, dtype=np.int64)
    for name in GRIDS.names:
        place = GRIDS.slice(name)
        drawn = draw.integers(place.start, place.stop, rows)
        np.add.at(vector, drawn, 1)
    cells = np.flatnonzero(vector)
    return PaneCounts(segment, start, rows, cells, vector[cells])


def vector(*panes: PaneCounts) -> np.ndarray:
    total = GRIDS.zero()
    for one in panes:
        total[one.cells] += one.counts
    return total


def batch(
    model: Model,
    grid_set: int,
    key: str = "k1",
    *panes: PaneCounts,
    fingerprint: bytes = b"f" * 16,
    version: str = "default",
    source: str = "http",
    findings: Findings = NOTHING_ODD,
) -> CountedBatch:
    panes = panes or (pane(),)
    whole = [one for one in panes if one.segment == WHOLE]
    return CountedBatch(
        envelope=Envelope(model.id, key, fingerprint, version, source, True, NOW),
        grid_set=grid_set,
        rows=sum(one.rows for one in whole),
        panes=panes,
        findings=findings,
        first_event=min(one.pane for one in whole),
        last_event=max(one.pane for one in whole) + PANE / 2,
    )


def verdict(state: State = State.DRIFT, *, page: bool = True) -> WindowVerdict:
    psi = Estimate(
        "psi", 0.31, 0.31, 0.31, 0.01, 0.30, 1e-9, 100, 10, np.array([0.31]), "bins", None
    )
    ks = Estimate(
        "ks", None, None, None, None, None, None, 0, 10, None, "cells", "no_reference_rows"
    )
    drifted = FeatureVerdict(state, False, page, None, 1e-9, 2e-9, ("psi", "bin:3"), {"psi": psi})
    quiet = FeatureVerdict(State.OK, True, False, None, 0.4, 0.4, (), {"ks": ks})
    return WindowVerdict(state, False, page, None, {"dep/delay %": drifted, "carrier": quiet})


async def judged(unit: Unit, window: WindowRow, found: WindowVerdict | None = None) -> Revision:
    """What closing does, without the judging."""
    judgement = Judgement(default_monitor(HOUR), 1, found or verdict())
    made = await revision(unit, window, (judgement,))
    await unit.windows.save(window, made)
    return made


async def revision(unit: Unit, window: WindowRow, judgements: tuple[Judgement, ...]) -> Revision:
    """The next revision of a window, with what is said of it."""
    return Revision(
        window=window.key,
        end=window.end,
        number=window.revision + 1,
        cause=Cause.CLOSED if window.revision == 0 else Cause.LATE_ROWS,
        judged_at=unit.now,
        gathered=await unit.windows.gather(window),
        code_version="0.0.0",
        judgements=judgements,
    )


async def waiting(unit: Unit) -> list[Due]:
    """Every window that was never judged, however early it would be to judge it."""
    return [
        due
        for backlog in await unit.windows.backlogs()
        for due in await unit.windows.open(backlog, datetime.max.replace(tzinfo=UTC), 100)
    ]


async def close_all(store: SqlStore, found: WindowVerdict | None = None) -> list[Revision]:
    """Judge every window that is open or was restated, unless its series is busy."""
    made = []
    async with store.read() as unit:
        due = [*await waiting(unit), *await unit.windows.restated(100)]
    for one in due:
        async with store.write() as unit:
            window = await unit.windows.claim(one.window.id)
            if window is None:
                continue  # intake holds on to the series; the window stays due
            made.append(await judged(unit, window, found))
    return made
