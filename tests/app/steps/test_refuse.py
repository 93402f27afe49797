"""Refusals that wait are written together, and each is told what became of it."""

import asyncio

import pytest

from app.domain.errors import Invalid, Unavailable
from app.domain.rejection import Reason, Sender
from app.steps import refuse
from app.steps.refuse import Refusals
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import MODEL, world


def sender(number: int) -> Sender:
    return Sender(MODEL, None, "http", f"k{number}")


async def test_many_at_once_are_all_counted(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as made:
        await made.declare()
    refusals = Refusals(store)
    count = refuse.GROUP + 100
    await asyncio.gather(*(refusals.record(Invalid("no"), sender(n), 2) for n in range(count)))
    async with store.read() as unit:
        (found,) = await unit.rejections.sums()
        (tally,) = await unit.views.tallies()
    assert (found.reason, found.batches) == (Reason.INVALID, count)
    assert tally.rejected == 2 * count
    assert tally.batches < count


async def test_who_cannot_be_written_hears_of_it(store: SqlStore) -> None:
    refusals = Refusals(store)
    await store.close()
    told = await asyncio.gather(
        *(refusals.record(Unavailable("later"), sender(n), 2) for n in range(2)),
        return_exceptions=True,
    )
    assert told == [None, None]  # nothing was refused for good


async def test_more_than_may_wait_are_sent_away(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as made:
        await made.declare()
    refusals = Refusals(store)
    sent = [refusals.record(Invalid("no"), sender(n), 0) for n in range(refuse.WAITING + 3)]
    told = await asyncio.gather(*sent, return_exceptions=True)
    away = [one for one in told if isinstance(one, Unavailable)]
    # one was on its way before the others came
    assert [one.code for one in away] == ["overloaded"] * 2
    async with store.read() as unit:
        assert sum(one.batches for one in await unit.rejections.sums()) == refuse.WAITING + 1


async def test_a_cancelled_sender_takes_nobody_along(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as made:
        await made.declare()
    refusals = Refusals(store)
    first = asyncio.create_task(refusals.record(Invalid("no"), sender(1), 1))
    second = asyncio.create_task(refusals.record(Invalid("no"), sender(2), 1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    async with store.read() as unit:
        # both were refused, whether or not their senders stayed to hear it
        assert [one.batches for one in await unit.rejections.sums()] == [2]
