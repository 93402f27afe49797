"""Which window was judged last, and since when windows drift, now and as was known before."""

from datetime import datetime, timedelta

import pytest

from app.domain.model import Model
from app.domain.telling.reports import Unbroken, WindowQuery
from app.store import SqlStore
from drift_core import State
from tests.app.conftest import Place
from tests.app.store.made import HOUR, NINE, active, batch, close_all, declared, pane, verdict

STATES = (State.DRIFT, State.OK, State.DRIFT, State.DRIFT, State.DRIFT)
LAST = NINE + (len(STATES) - 1) * HOUR


@pytest.fixture
async def query(store: SqlStore, place: Place) -> WindowQuery:
    """Hours of which each was judged, and one that is open."""
    model = await declared(store)
    for hour, state in enumerate(STATES):
        await send(store, model, hour)
        await close_all(store, verdict(state))
        place.clock.forward(HOUR)
    await send(store, model, len(STATES))
    return WindowQuery(model.id, "default")


async def send(store: SqlStore, model: Model, hour: int) -> None:
    grids = await active(store, model)
    async with store.write() as unit:
        rows = pane(NINE + hour * HOUR, 10)
        await unit.batches.commit([batch(model, grids, f"b{hour}", rows)])


async def test_the_newest_judged_window(store: SqlStore, query: WindowQuery) -> None:
    async with store.read() as unit:
        assert await unit.views.last_judged(query) == LAST
        first = await unit.views.window(query, NINE)
        assert first is not None
        assert first.summary.judged_at is not None
        at = first.summary.judged_at
        for as_of, start in ((at, NINE), (at - timedelta(microseconds=1), None)):
            then = WindowQuery(query.model_id, query.version, as_of=as_of)
            assert await unit.views.last_judged(then) == start
        nobody = WindowQuery(query.model_id, query.version, monitor="nobody")
        assert await unit.views.last_judged(nobody) is None


@pytest.mark.parametrize(
    ("until", "most", "found"),
    [
        (LAST, 9, Unbroken(LAST - 2 * HOUR, 3)),
        (LAST, 2, Unbroken(LAST - HOUR, 2)),
        (LAST - HOUR, 9, Unbroken(LAST - 2 * HOUR, 2)),
        (NINE + HOUR, 9, Unbroken(None, 0)),
        (NINE, 9, Unbroken(NINE, 1)),
        (NINE - HOUR, 9, Unbroken(None, 0)),
    ],
)
async def test_since_when_windows_drift(
    store: SqlStore, query: WindowQuery, until: datetime, most: int, found: Unbroken
) -> None:
    async with store.read() as unit:
        assert await unit.views.drifting(query, until, most) == found
