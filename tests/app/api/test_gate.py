"""Who may decode: no more than fits, models in turn, nobody for ever."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from app.api.gate import Gate, weight
from app.domain.errors import Unavailable
from app.sources.formats import FORMATS


def test_rows_weigh_more_than_columns() -> None:
    json, parquet = FORMATS["application/json"], FORMATS["application/vnd.apache.parquet"]
    assert weight(json, 1_000) > weight(parquet, 1_000) > 1_000


async def test_what_fits_is_admitted_at_once_and_the_rest_waits() -> None:
    gate = Gate(100, patience=5)
    order: list[str] = []

    async def work(whose: str, weight: int, done: asyncio.Event) -> None:
        async with gate.admitted(whose, weight):
            order.append(whose)
            await done.wait()

    first, second = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(work("a", 60, first))
        group.create_task(work("b", 40, second))
        await asyncio.sleep(0)
        group.create_task(work("c", 30, second))
        await asyncio.sleep(0.01)
        assert (order, gate.waiting) == (["a", "b"], 1)
        first.set()
        await asyncio.sleep(0.01)
        assert (order, gate.waiting) == (["a", "b", "c"], 0)
        second.set()


async def test_models_take_turns_however_much_one_sends() -> None:
    gate = Gate(100, patience=5)
    order: list[str] = []
    all_sent = asyncio.Event()

    async def work(whose: str) -> None:
        async with gate.admitted(whose, 100):
            order.append(whose)
            await all_sent.wait()

    async with asyncio.TaskGroup() as group:
        for whose in ("flood",) * 20 + ("b", "c", "b"):
            group.create_task(work(whose))
        await asyncio.sleep(0.01)
        all_sent.set()
    # the first was alone, and the second had the first turn; then all three take theirs
    assert order[:6] == ["flood", "flood", "b", "c", "flood", "b"]
    assert order.count("flood") == 20


async def test_what_is_heavier_than_all_is_admitted_alone() -> None:
    gate = Gate(100, patience=0.05)
    async with gate.admitted("a", 10_000):
        with pytest.raises(Unavailable) as caught:
            async with gate.admitted("b", 1):
                pass
        assert caught.value.code == "overloaded"
    async with AsyncExitStack() as stack:
        for _ in range(100):
            await stack.enter_async_context(gate.admitted("b", 1))
    assert gate.waiting == 0


async def test_who_gives_up_takes_nothing_along() -> None:
    gate = Gate(10, patience=5)

    async def work() -> None:
        async with gate.admitted("a", 10):
            await asyncio.sleep(10)

    tasks = [asyncio.create_task(work()) for _ in range(4)]
    await asyncio.sleep(0.01)
    for task in tasks[1:3]:
        task.cancel()
    await asyncio.sleep(0.01)
    assert gate.waiting == 1
    tasks[0].cancel()
    # cancelled in the very moment in which it is admitted
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks[3].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with gate.admitted("b", 10):
        assert gate.waiting == 0
