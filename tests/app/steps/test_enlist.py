"""A backfill's listing: each object is some source's, and no object is two sources'."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import obstore
import pytest

from app.domain.errors import Conflict
from app.domain.sources.prefix import scope_of
from app.domain.sources.source import Listed, ObjectState, Scope, Source
from app.steps.declare_source import declare_source
from app.steps.enlist import Enlisted, Enlisting, others_of
from app.steps.maintain import maintain
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.buckets import NAME, URL, Bucket, as_csv, bucket, some
from tests.app.steps.world import MODEL, START, world

DAY = timedelta(days=1)
OWN = Source(0, MODEL, "backfill", "s3://bucket", enabled=False)


@pytest.fixture
async def here(store: SqlStore, place: Place) -> AsyncIterator[Bucket]:
    async with world(store, place.clock) as made, bucket(made) as found:
        yield found


async def enlist(here: Bucket, own: Source = OWN, *, forgotten: bool = False) -> Enlisted:
    """What a backfill of ``own`` notes."""
    async with here.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        await unit.sources.put(replace(own, model_id=model.id))
        known = [state.source for state in await unit.sources.all()]
    (stored,) = (source for source in known if source.name == own.name)
    found = Enlisted()
    enlisting = Enlisting(here.store, stored, others_of(stored, known), forgotten)
    async for page in here.watcher.buckets.pages(stored, date(2026, 3, 2)):
        await enlisting.note(page, found)
    return found


async def scopes(here: Bucket, own: Source = OWN) -> list[Scope]:
    async with here.store.read() as unit:
        known = [state.source for state in await unit.sources.all()]
    (stored,) = (source for source in known if source.name == own.name)
    return [scope_of(source, stored) for source in (*others_of(stored, known), stored)]


async def test_what_a_source_reaches_is_its_own_and_the_rest_the_backfills(here: Bucket) -> None:
    here.put("a.csv", as_csv(some(10)))
    here.put("b.csv", as_csv(some(20, seed=2)))
    obstore.put(here.files, "other/c.csv", as_csv(some(30, seed=3)))
    assert await here.look() == 2
    here.put("late.csv", as_csv(some(40, seed=4)))
    found = await enlist(here)
    assert (found.listed, found.added, found.known) == (4, {NAME: 1, "backfill": 1}, 2)
    assert await here.look() == 0
    taken = await here.take(here.taker(within=await scopes(here)))
    assert sorted(one.rows for one in taken) == [10, 20, 30, 40]
    assert await here.counted() == 100
    again = await enlist(here)
    assert (again.added, again.known) == ({}, 4)


async def test_a_second_backfill_of_a_wider_prefix_knows_the_first(here: Bucket) -> None:
    obstore.put(here.files, "x/a.csv", as_csv(some(10)))
    obstore.put(here.files, "x/b/c.csv", as_csv(some(20, seed=2)))
    inner = replace(OWN, name="backfill-1", url="s3://bucket/x/b")
    assert (await enlist(here, inner)).added == {"backfill-1": 1}
    outer = replace(OWN, name="backfill-2", url="s3://bucket/x")
    found = await enlist(here, outer)
    assert (found.added, found.known) == ({"backfill-2": 1}, 1)


async def test_only_what_was_asked_for_is_claimed(here: Bucket) -> None:
    for key in ("a/1.csv", "A/2.csv", "b/3.csv"):
        obstore.put(here.files, key, as_csv(some(10, seed=len(key))))
    await enlist(here)
    narrow = [replace(scope, prefix="a/") for scope in await scopes(here)]
    taken = await here.take(here.taker(within=narrow))
    assert [one.claim.listed.key for one in taken] == ["a/1.csv"]
    assert await here.take(here.taker("other")) == [], "the source is switched off"
    async with here.store.read() as unit:
        found = await unit.objects.in_states(await scopes(here))
    assert found == {ObjectState.COUNTED: 1, ObjectState.FOUND: 2}


async def test_what_a_source_may_have_forgotten_is_not_taken_unless_asked(here: Bucket) -> None:
    await here.declare(remember=DAY)
    here.put("a.csv", as_csv(some(10)))
    await here.look()
    await here.take()
    here.put("b.csv", as_csv(some(20, seed=2)))
    (stored,) = await here.objects()
    here.clock.now = stored.listed.modified + 2 * DAY
    await maintain(here.store, timedelta(days=31))
    assert await here.objects() == []
    found = await enlist(here)
    assert (found.added, found.forgotten) == ({}, 2)
    found = await enlist(here, forgotten=True)
    assert (found.added, found.forgotten) == ({"backfill": 2}, 0)


async def test_what_a_backfill_counted_is_not_declared_under_another_name(here: Bucket) -> None:
    obstore.put(here.files, "x/a.csv", as_csv(some(10)))
    await enlist(here, replace(OWN, url="s3://bucket/x"))
    async with here.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        fresh = Source(model.id, MODEL, "fresh", "s3://bucket/x")
        with pytest.raises(Conflict, match="'backfill'"):
            await declare_source(unit, fresh)
        with pytest.raises(Conflict, match="'backfill'"):
            await declare_source(unit, replace(fresh, name=NAME, url="s3://bucket/x/{date}"))
        assert await declare_source(unit, replace(fresh, url="s3://bucket/y"))
        assert not await declare_source(unit, replace(fresh, name=NAME, url=URL))
        assert not await declare_source(unit, replace(fresh, name="backfill"))
        assert await declare_source(unit, replace(fresh, name="second"))


async def test_what_a_backfill_counted_is_not_declared_by_way_of_a_link(
    here: Bucket, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    async with here.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        own = Source(model.id, MODEL, "backfill", f"file://{tmp_path}/real", enabled=False)
        await unit.sources.put(own)
        (stored,) = (s.source for s in await unit.sources.all() if s.source.name == own.name)
        await unit.sources.add(stored, [Listed("a.csv", 9, START, "etag")])
        link = replace(own, name="link", url=f"file://{tmp_path}/link", enabled=True)
        with pytest.raises(Conflict, match="'backfill'"):
            await declare_source(unit, link, os.path.realpath)


async def test_history_is_judged_once_a_backfill_is_over_and_live_windows_meanwhile(
    here: Bucket,
) -> None:
    world, past = here.world, START - timedelta(hours=48)
    await world.send(START, "live")
    await enlist(here)
    own = (await scopes(here))[-1].source
    here.clock.forward(timedelta(minutes=1))
    await hold(here, own)
    here.clock.now = START + timedelta(hours=12)
    await world.send(past, "of the past")
    await world.send(START + timedelta(hours=11), "live, too")
    assert await judged(here) == [START]
    await world.send(START, "more", seed=2)
    assert await judged(here) == []
    # broken off and begun again, it goes on as of its beginning
    await hold(here, own)
    assert await judged(here) == []
    async with here.store.write() as unit:
        await unit.sources.end_backfill(own, "one")
    assert await judged(here) == [past, START]


async def test_history_waits_no_longer_than_a_lease_for_a_backfill_that_died(here: Bucket) -> None:
    await enlist(here)
    await hold(here, (await scopes(here))[-1].source)
    await here.world.send(START, "of the past")
    here.clock.forward(timedelta(hours=19))
    assert await judged(here) == []
    here.clock.forward(timedelta(hours=2))
    assert await judged(here) == [START]


async def judged(here: Bucket) -> list[datetime]:
    return [one.revision.window.start for one in await here.world.close()]


async def hold(here: Bucket, source: int) -> None:
    async with here.store.write() as unit:
        await unit.sources.begin_backfill(source, "one", timedelta(hours=20))
