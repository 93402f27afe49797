"""Refused batches: all are counted, the first of a minute are described, old ones go."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from app.domain.model import Model
from app.domain.rejection import (
    KEPT,
    PER_MINUTE,
    Reason,
    Rejection,
    RejectionQuery,
    StoredRejection,
)
from app.store import SqlStore, tables
from tests.app.conftest import Place
from tests.app.store.made import NOW, declared, rejection

MINUTE = timedelta(minutes=1)


async def add(store: SqlStore, *group: Rejection) -> None:
    async with store.write() as unit:
        await unit.rejections.add(group)


async def page(store: SqlStore, model: Model, limit: int = 100, **about: object) -> list[str]:
    return [str(one.rejection.key) for one in await found(store, model, limit, **about)]


async def found(
    store: SqlStore, model: Model, limit: int = 5_000, **about: object
) -> Sequence[StoredRejection]:
    query = RejectionQuery(model.id, **about)  # type: ignore[arg-type]
    async with store.read() as unit:
        return await unit.rejections.page(query, None, limit)


async def counted(store: SqlStore) -> dict[tuple[str, Reason], int]:
    async with store.read() as unit:
        return {(one.model, one.reason): one.batches for one in await unit.rejections.sums()}


async def test_what_was_refused_is_read_back_whole(store: SqlStore, model: Model) -> None:
    await add(store, rejection(), rejection(key=None, version=None, faults=(), rows=0))
    second, first = await found(store, model)
    assert first.rejection == rejection()
    assert (first.at, first.batches) == (NOW, 1)
    # without a version the champion's rows were refused
    assert second.rejection == rejection(key=None, version="default", faults=(), rows=0)
    async with store.read() as unit:
        assert await unit.rejections.get(model.id, first.id) == first
        assert await unit.rejections.get(model.id + 1, first.id) is None
        (tally,) = await unit.views.tallies()
    assert (tally.received, tally.rejected) == (5, 5)


async def test_lists_are_filtered_and_paged(store: SqlStore, model: Model, place: Place) -> None:
    await add(store, rejection(key="a"), rejection(key="b", source="s3"))
    place.clock.forward(MINUTE)
    await add(store, rejection(key="c", reason=Reason.TOO_LARGE))
    assert await page(store, model) == ["c", "b", "a"]
    assert await page(store, model, source="s3") == ["b"]
    assert await page(store, model, reason=Reason.TOO_LARGE) == ["c"]
    assert await page(store, model, since=NOW + MINUTE) == ["c"]
    assert await page(store, model, limit=2) == ["c", "b"]
    last = (await found(store, model, 2))[-1].id
    async with store.read() as unit:
        rest = await unit.rejections.page(RejectionQuery(model.id), last, 5)
    assert [one.rejection.key for one in rest] == ["a"]


async def test_a_flood_is_counted_whole_and_described_in_part(
    store: SqlStore, model: Model, place: Place
) -> None:
    await add(store, *(rejection(key=f"k{n}") for n in range(PER_MINUTE - 5)))
    await add(store, *(rejection(key=f"l{n}", rows=2) for n in range(1_000)))
    await add(store, rejection(reason=Reason.MALFORMED, rows=0))
    entries = await found(store, model, reason=Reason.INVALID)
    assert len(entries) == PER_MINUTE
    assert entries[0].rejection.key == "l4"
    assert [one.batches for one in entries] == [996] + [1] * (PER_MINUTE - 1)
    assert sum(one.rejection.rows for one in entries) == 5 * 15 + 2 * 1_000
    place.clock.forward(MINUTE)
    await add(store, rejection(key="next"))
    assert (await page(store, model))[0] == "next"
    assert await counted(store) == {
        ("flights", Reason.INVALID): PER_MINUTE - 5 + 1_000 + 1,
        ("flights", Reason.MALFORMED): 1,
    }
    async with store.read() as unit:
        (tally,) = await unit.views.tallies()
    assert tally.rejected == 15 * 5 + 2_000 + 5


async def test_replicas_that_refuse_alike_count_alike(
    store: SqlStore, model: Model, place: Place
) -> None:
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else store
    group = [rejection(key=str(n)) for n in range(3)]
    await asyncio.gather(*(add((store, other)[n % 2], *group) for n in range(20)))
    if other is not store:
        await other.close()
    assert await counted(store) == {("flights", Reason.INVALID): 60}
    entries = await found(store, model)
    assert (len(entries), sum(one.batches for one in entries)) == (PER_MINUTE, 60)


async def test_models_that_are_not_there_leave_nothing(store: SqlStore, model: Model) -> None:
    await add(store, rejection("nobody"), rejection(key="mine"))
    assert await page(store, model) == ["mine"]
    assert await counted(store) == {("flights", Reason.INVALID): 1}


async def test_entries_are_bounded_in_number_and_age(
    store: SqlStore, model: Model, place: Place
) -> None:
    other = await declared(store, "other")
    await add(store, rejection("other"))
    for minute in range(KEPT // PER_MINUTE + 2):
        place.clock.forward(MINUTE)
        group = [rejection(key=f"{minute}-{n}") for n in range(PER_MINUTE)]
        await add(store, *group)
    kept = await page(store, model, limit=5_000)
    assert len(kept) == KEPT
    assert (kept[0], kept[-1]) == ("101-19", "2-0")
    assert len(await page(store, other)) == 1
    place.clock.forward(MINUTE)
    async with store.write() as unit:
        assert await unit.rejections.prune(2 * MINUTE, 1_500) == 1_500
        assert await unit.rejections.prune(2 * MINUTE, 1_500) == KEPT + 1 - 1_500 - 2 * PER_MINUTE
        assert await unit.rejections.prune(2 * MINUTE, 1_500) == 0
    assert len(await page(store, model)) == 2 * PER_MINUTE
    assert (await counted(store))["flights", Reason.INVALID] == KEPT + 2 * PER_MINUTE


async def test_a_deleted_model_takes_its_rejections_along(store: SqlStore, model: Model) -> None:
    await add(store, rejection(), rejection())
    async with store.write() as unit:
        await unit.models.hide(model.id)
    assert await counted(store) == {}
    while True:
        async with store.write() as unit:
            if not await unit.models.purge():
                break
    async with store.read() as unit:
        for table in (tables.rejection, tables.rejected):
            query = select(func.count()).select_from(table)
            assert (await unit.session.connection.execute(query)).scalar_one() == 0
