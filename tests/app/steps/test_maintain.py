"""Housekeeping over years: history goes in portions, and the model goes on as before."""

from datetime import datetime, timedelta

import pytest

from app.domain.errors import Conflict
from app.domain.retention import Retention
from app.steps.maintain import Maintained, maintain
from app.steps.register import register_windows
from app.store import SqlStore
from tests import conserved
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

DAY = timedelta(days=1)
MIDNIGHT = START.replace(hour=0)


async def kept(store: SqlStore) -> Maintained:
    """Keep house until there is nothing more to do at once."""
    for _ in range(200):
        done = await maintain(store, 31 * DAY)
        if not done.busy:
            return done
    raise AssertionError("housekeeping comes to no end")


async def a_day(made: World, start: datetime) -> None:
    """Some hours of rows, judged."""
    for hour in range(3):
        made.clock.now = max(made.clock.now, start + (hour + 2) * HOUR)
        await made.send(start + hour * HOUR, seed=hour)
    made.clock.forward(HOUR)
    await made.close()


async def test_a_model_goes_on_while_its_history_goes(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as made:
        await made.declare(retention=Retention(), final_after=30 * DAY)
        await made.reference()
        await a_day(made, START)
        before = await register_windows(store, MODEL, (START, START + 3 * HOUR), None)
        assert before.baseline.rows == 1_200
        for days in (31, 60, 640, 10):
            place.clock.forward(days * DAY)
            await kept(store)
            if days == 60:
                # the same counts from days as from panes: the same baseline
                after = await register_windows(store, MODEL, (MIDNIGHT, MIDNIGHT + DAY), None)
                assert (after.created, after.baseline.number) == (False, before.baseline.number)
                with pytest.raises(Conflict, match="midnight"):
                    await register_windows(store, MODEL, (START, START + 3 * HOUR), None)
            await a_day(made, place.clock.now.replace(hour=3, minute=0))
        with pytest.raises(Conflict, match="removed"):
            await register_windows(store, MODEL, (MIDNIGHT, MIDNIGHT + DAY), None)
        (balance,) = (await conserved.balances(store)).values()
        assert (balance.counted, balance.removed) == (5 * 1_200, 1_200)
