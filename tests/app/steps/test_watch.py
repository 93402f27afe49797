"""Listings: nothing is skipped, nothing old is taken for new, and nobody lists twice at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import obstore
import pytest

from app.domain.sources.source import POLL, ObjectState, Source
from app.sources.objects import skipping as module
from app.steps.watch import LEASE, Watcher
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.buckets import NAME, Bucket, as_csv, away, bucket, over, some
from tests.app.steps.world import MODEL, world


@pytest.fixture
async def here(store: SqlStore, place: Place) -> AsyncIterator[Bucket]:
    async with world(store, place.clock) as made, bucket(made) as found:
        yield found


async def test_pages_lie_between_no_two_keys(here: Bucket) -> None:
    for number in range(module.PAGE + 1):
        here.put(f"{number % 7}/{number:04d}.csv", b"x")
    assert await here.look() == module.PAGE + 1
    here.put("0/0000a.csv", b"x")
    assert await here.look() == 1
    assert await here.look() == 0
    state = await here.state()
    assert state.listed == module.PAGE + 2
    assert state.progress.found == module.PAGE + 2


async def test_what_writers_put_beside_the_data_is_no_data(here: Bucket) -> None:
    for key in ("_SUCCESS", ".part.csv.crc", "_temporary/0/part.csv", "a.csv"):
        here.put(key, b"x")
    here.put("folder/", b"")
    obstore.put(here.files, "logs-of-others/a.csv", b"x")
    await here.look()
    assert [one.listed.key for one in await here.objects()] == ["logs/a.csv"]


async def test_one_looks_at_a_time_and_a_dead_one_frees_the_source(here: Bucket) -> None:
    other = Watcher(here.store, here.watcher.buckets, "other")
    async with here.store.write() as unit:
        held = await unit.sources.begin_look("dead", LEASE)
    assert held is not None
    assert await other.once() is None
    here.clock.forward(LEASE)
    assert await other.once() is not None
    async with here.store.write() as unit:
        assert await unit.sources.note(held, [], LEASE) is None, "the lease was lost"


async def test_a_source_is_looked_at_as_often_as_it_says_or_when_hastened(here: Bucket) -> None:
    assert await here.watcher.once() is not None
    assert await here.watcher.once() is None
    source = (await here.state()).source
    here.clock.forward(timedelta(seconds=10))
    async with here.store.write() as unit:
        await unit.sources.hasten(source.id)
    assert await here.watcher.once() is not None
    async with here.store.write() as unit:
        await unit.sources.hasten(source.id)
    assert await here.watcher.once() is None, "not within seconds of the last one"
    here.clock.forward(POLL)
    assert await here.watcher.once() is not None


async def test_a_store_that_is_away_is_said_and_asked_again(here: Bucket) -> None:
    looked = await Watcher(here.store, over(away()), "one").once()
    assert looked is not None
    assert (looked.error, (await here.state()).error) == ("unreachable", "unreachable")
    assert await here.look() == 0
    assert (await here.state()).error is None


async def test_only_the_last_days_of_a_dated_prefix_are_listed(here: Bucket) -> None:
    today = here.clock.now.date()
    for days in (-2, -1, 0, 1, 2, 3):
        here.put(f"dt={today - timedelta(days=days)}/a.csv", b"x")
    await here.declare(url="s3://bucket/logs/dt={date}/", days=2)
    assert await here.look() == 3
    keys = [one.listed.key for one in await here.objects()]
    assert keys == [f"logs/dt={today - timedelta(days=d)}/a.csv" for d in (-1, 0, 1)]


async def test_done_objects_are_forgotten_by_age_and_not_taken_again(here: Bucket) -> None:
    here.clock.now = datetime.now(UTC)  # what the store says of times is real
    here.put("a.csv", as_csv(some(10)))
    here.put("b.csv", b'"nonsense')
    here.put("c.txt", b"x")
    await here.declare(remember=timedelta(days=1))
    await here.look()
    await here.take()
    async with here.store.write() as unit:
        assert await unit.objects.prune(100) == 0
    here.clock.forward(timedelta(days=2))
    async with here.store.write() as unit:
        assert await unit.objects.prune(2) == 2
    async with here.store.write() as unit:
        assert await unit.objects.prune(2) == 1
    assert await here.objects() == []
    assert await here.look() == 0, "what was forgotten is below the floor"
    state = await here.state()
    assert state.floor == here.clock.now - timedelta(days=1, minutes=2)
    assert (state.progress.counted, state.progress.quarantined, state.progress.rows) == (1, 2, 10)


async def test_what_waits_is_never_forgotten(here: Bucket) -> None:
    here.clock.now = datetime.now(UTC)
    here.put("a.csv", as_csv(some(10)))
    await here.declare(remember=timedelta(days=1))
    await here.look()
    here.clock.forward(timedelta(days=9))
    async with here.store.write() as unit:
        assert await unit.objects.prune(100) == 0
    assert [one.rows for one in await here.take()] == [10]


async def test_a_source_that_was_deleted_goes_with_its_objects(here: Bucket) -> None:
    for number in range(5):
        here.put(f"{number}.csv", b"x")
    await here.look()
    source = (await here.state()).source
    async with here.store.write() as unit:
        assert await unit.sources.delete(source.model_id, NAME)
        assert not await unit.sources.delete(source.model_id, NAME)
    assert await here.take() == []
    await here.declare()
    async with here.store.write() as unit:
        assert await unit.objects.prune(3) == 3
    async with here.store.write() as unit:
        assert await unit.objects.prune(3) == 2
        assert await unit.objects.prune(3) == 1, "the source itself"
        assert await unit.objects.prune(3) == 0
    assert (await here.state()).source.id != source.id


async def test_what_was_counted_before_a_source_was_declared_anew_is_known(here: Bucket) -> None:
    here.put("a.csv", as_csv(some(10)))
    await here.look()
    await here.take()
    source: Source = (await here.state()).source
    async with here.store.write() as unit:
        await unit.sources.delete(source.model_id, NAME)
    await here.declare()
    await here.look()
    assert [one.rows for one in await here.take()] == [0]
    assert await here.counted() == 10
    assert [one.state for one in await here.objects()] == [ObjectState.COUNTED]


async def test_a_model_that_is_deleted_takes_its_sources_along(here: Bucket) -> None:
    here.put("a.csv", b"x")
    await here.look()
    async with here.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        await unit.models.hide(model.id)
    assert await here.take() == []
    assert await here.watcher.once() is None
    while True:
        async with here.store.write() as unit:
            if not await unit.models.purge():
                break
    async with here.store.read() as unit:
        assert await unit.sources.all() == []
        assert await unit.objects.page(1, None, 0, 9) == []
