"""Numbers that sources give their batches: noted once with them, and joined by housekeeping."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.domain.batch import Counted, CountedBatch, Outcome, Repeated
from app.domain.model import Model
from app.domain.sources.sequence import EPOCHS, GAPPED, Line, Numbered
from app.domain.sources.sequence import missing as lost
from app.domain.telling.reports import WindowQuery
from app.store import SqlStore
from app.store.intake.sequences import Sequences
from tests.app.conftest import Place
from tests.app.store.connections.test_doubt import through
from tests.app.store.intake.test_hope import hopeful, warmed
from tests.app.store.made import HOUR, NINE, active, batch, pane
from tests.chaos.proxy import Mode

LIMIT = 100


def numbered(
    model: Model, grid_set: int, number: int, epoch: str = "", *, again: int = 0
) -> CountedBatch:
    made = batch(model, grid_set, f"{epoch}-{number}-{again}")
    return replace(made, envelope=replace(made.envelope, sequence=Numbered(epoch, number)))


async def send(
    store: SqlStore, model: Model, *numbers: int, epoch: str = "", again: int = 0
) -> Sequence[Outcome]:
    grid_set = await active(store, model)
    return await store.commit([numbered(model, grid_set, n, epoch, again=again) for n in numbers])


async def join(store: SqlStore, limit: int = LIMIT) -> int:
    async with store.write() as unit:
        return await unit.sequences.join(limit)


async def lines(store: SqlStore, model: Model) -> Sequence[Line]:
    async with store.read() as unit:
        return await Sequences(unit.session).lines(model.id)  # type: ignore[attr-defined]


async def missing(store: SqlStore, model: Model) -> int | None:
    async with store.read() as unit:
        (found,) = await unit.views.windows(WindowQuery(model.id, "default"), None, 9)
    return found.missing


async def test_a_window_lacks_what_never_came_until_it_comes(store: SqlStore, model: Model) -> None:
    await send(store, model, 1, 2, 5)
    assert await missing(store, model) is None
    assert await join(store) == 3
    assert await missing(store, model) == 20
    await send(store, model, 4)
    await send(store, model, 3)
    assert await join(store) == 2
    assert await missing(store, model) == 0
    assert await join(store) == 0


async def test_replays_and_their_absence_are_no_gaps(store: SqlStore, model: Model) -> None:
    await send(store, model, 1, 2, 3)
    await join(store)
    assert [type(o) for o in await send(store, model, 1, 2)] == [Repeated, Repeated]
    assert await join(store) == 0
    (line,) = await lines(store, model)
    assert (line.low, line.high, line.batches, line.rows) == (1, 3, 3, 30)


async def test_notes_are_joined_in_portions_and_in_their_order(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 1, 2, 3)
    await send(store, model, 1, 2, again=1)
    assert [await join(store, 2) for _ in range(4)] == [2, 2, 1, 0]
    (line,) = await lines(store, model)
    assert (line.low, line.high, line.gaps) == (1, 2, ())


async def test_a_line_remembers_that_it_began_again(store: SqlStore, model: Model) -> None:
    await send(store, model, 1, 2)
    await join(store)
    assert not (await lines(store, model))[0].anew
    await send(store, model, 1, again=1)
    await join(store)
    assert (await lines(store, model))[0].anew


async def test_what_is_near_a_window_says_of_it_what_all_lines_say(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 1, 2, 5)
    await send(store, model, 1, 4, epoch="other")
    await join(store)
    every = await lines(store, model)
    for hour in range(-2, 3):
        start, end = NINE + hour * HOUR, NINE + (hour + 1) * HOUR
        async with store.read() as unit:
            sequences = Sequences(unit.session)  # type: ignore[attr-defined]
            near = (await sequences.near({model.id: (start, end)})).get(model.id, ())
            assert await sequences.near({}) == {}
        assert lost(near, "default", start, end) == lost(every, "default", start, end)
        assert len(near) in {0, 2}


async def test_two_replicas_join_each_number_once(
    store: SqlStore, model: Model, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite serves one process")
    replica = SqlStore(place.url, clock=place.clock)
    try:
        await send(store, model, *range(1, 30))
        joined = sum(await asyncio.gather(*(join(s, 5) for s in (store, replica) * 8)))
        while more := await join(store):
            joined += more
    finally:
        await replica.close()
    (line,) = await lines(store, model)
    assert (joined, line.batches, line.gaps) == (29, 29, ())


async def test_runs_are_apart_and_the_oldest_forgotten(
    store: SqlStore, model: Model, place: Place
) -> None:
    await send(store, model, 1, 3, epoch="lacking")
    for run in range(EPOCHS + 2):
        place.clock.forward(HOUR / 60)
        await send(store, model, 1, 2, epoch=f"run-{run}")
        await join(store)
    assert len(await lines(store, model)) == EPOCHS + 1
    assert await missing(store, model) == 10, "what lacks something is kept for longer"
    async with store.write() as unit:
        assert await unit.sequences.prune(HOUR, LIMIT) == 0
        place.clock.forward(3 * HOUR)
    async with store.write() as unit:
        assert await unit.sequences.prune(HOUR, LIMIT) == EPOCHS + 1


async def test_so_many_runs_that_lack_something_are_kept(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)
    runs = [f"run-{run}" for run in range(EPOCHS + GAPPED + 5)]
    await store.commit([numbered(model, grid_set, n, run) for run in runs for n in (1, 3)])
    await join(store, 1_000)
    assert len(await lines(store, model)) == EPOCHS + GAPPED


@pytest.mark.parametrize("loss", [Mode.CUT_AFTER, Mode.CUT_BEFORE])
async def test_numbers_are_noted_once_where_an_answer_is_lost(
    store: SqlStore, model: Model, place: Place, loss: Mode
) -> None:
    async with through(place) as (broken, proxy):
        grid_set = await warmed(broken, model)
        new = [numbered(model, grid_set, number) for number in (1, 4)]
        assert hopeful(broken, *new)
        proxy.losses.append(loss)
        assert [type(o) for o in await broken.commit(new)] == [Counted, Counted]
        assert not proxy.losses
    assert await join(store) == 2
    (line,) = await lines(store, model)
    assert (line.batches, line.gaps[0].numbers) == (2, 2)


async def test_only_the_window_in_question_lacks_rows(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)
    early, late = numbered(model, grid_set, 1), numbered(model, grid_set, 3)
    later = batch(model, grid_set, "later", pane(NINE + 2 * HOUR))
    moved = replace(later, envelope=replace(later.envelope, sequence=Numbered("", 4)))
    await store.commit([early, late, moved])
    await join(store)
    async with store.read() as unit:
        found = await unit.views.windows(WindowQuery(model.id, "default"), None, 9)
    assert [one.missing for one in found] == [0, 10]
