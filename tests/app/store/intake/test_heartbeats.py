"""What sources said they have sent: one word for each span, on either database."""

from datetime import timedelta

import pytest

from app.domain.errors import Conflict
from app.domain.model import DEFAULT_VERSION, WHOLE, Model
from app.domain.monitors.monitor import BASE_FRAME
from app.domain.sources.heartbeat import Heartbeat
from app.domain.verdicts.judgement import WindowKey
from app.ports import Store
from tests.app.api.service import HOUR, START

QUARTER = timedelta(minutes=15)


async def say(store: Store, model: Model, start: int, end: int, rows: int) -> None:
    """Say something of some quarters of the first hour."""
    span = (START + start * QUARTER, START + end * QUARTER)
    async with store.write() as unit:
        await unit.heartbeats.put(model.id, Heartbeat(DEFAULT_VERSION, "s", *span, rows))


async def expected(store: Store, model: Model) -> int | None:
    async with store.read() as unit:
        key = WindowKey(model.id, DEFAULT_VERSION, WHOLE, BASE_FRAME, START)
        return await unit.heartbeats.expected(key, START + HOUR)


async def test_a_span_takes_the_place_of_those_within_it(store: Store, model: Model) -> None:
    for quarter in range(4):
        await say(store, model, quarter, quarter + 1, 10)
    assert await expected(store, model) == 40
    await say(store, model, 0, 2, 25)
    assert await expected(store, model) == 45
    await say(store, model, 0, 4, 50)
    assert await expected(store, model) == 50


@pytest.mark.parametrize(("start", "end"), [(0, 1), (1, 2), (3, 4), (1, 3), (3, 5)])
async def test_a_part_of_a_span_is_refused_and_changes_nothing(
    store: Store, model: Model, start: int, end: int
) -> None:
    await say(store, model, 0, 4, 50)
    with pytest.raises(Conflict, match="overlaps"):
        await say(store, model, start, end, 5)
    assert await expected(store, model) == 50
