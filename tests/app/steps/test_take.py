"""Objects: each content counts once or not at all, whoever takes it and whatever comes between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.domain.sources.source import MOST_CLAIMS, WAITS, ObjectState
from app.steps.take import LEASE
from app.store import SqlStore
from drift_core import Grid, GridSet
from tests.app.conftest import Hands, Place
from tests.app.steps.buckets import (
    NAME,
    Breaking,
    BreakingAt,
    Bucket,
    as_arrow,
    as_csv,
    as_json,
    as_ndjson,
    as_parquet,
    away,
    bucket,
    over,
    packed,
    some,
)
from tests.app.steps.world import MODEL, world

OTHER = GridSet((("c", Grid.categorical(["a", "b"])), ("x", Grid.numeric([0.0, 1.0]))))


NO_ROWS = {
    "header.csv": b"at,x,c\n",
    "header.csv.gz": packed(b"at,x,c"),
    "empty.csv": b"",
    "blank.csv": b"\n\n",
    "empty.ndjson": b"",
    "empty.jsonl.gz": packed(b""),
    "none.json": b"[]",
    "none.parquet": as_parquet(some(4).clear()),
    "none.arrow": as_arrow(some(4).clear()),
}


@pytest.fixture
async def here(store: SqlStore, place: Place) -> AsyncIterator[Bucket]:
    clock: Hands = place.clock
    async with world(store, clock) as made, bucket(made) as found:
        yield found


async def test_every_format_counts_with_its_rows(here: Bucket) -> None:
    here.put("a.json", as_json(some(11)))
    here.put("b.ndjson", as_ndjson(some(12, seed=2)))
    here.put("c.jsonl.gz", packed(as_ndjson(some(13, seed=3))))
    here.put("d.csv", as_csv(some(14, seed=4)))
    here.put("e.csv.gz", packed(as_csv(some(15, seed=5))))
    here.put("f.parquet", as_parquet(some(16, seed=6)))
    assert await here.look() == 6
    taken = await here.take()
    assert sorted(one.rows for one in taken) == [11, 12, 13, 14, 15, 16]
    assert await here.tallies() == {
        "received": 81,
        "counted": 81,
        "duplicate": 0,
        "late": 0,
        "rejected": 0,
    }
    progress = (await here.state()).progress
    assert (progress.found, progress.counted, progress.rows) == (0, 6, 81)


async def test_a_second_look_and_a_key_that_sorts_before_come_to_no_double(here: Bucket) -> None:
    here.put("m.csv", as_csv(some(10)))
    assert await here.look() == 1
    await here.take()
    here.put("a.csv", as_csv(some(20, seed=2)))
    assert await here.look() == 1
    assert await here.look() == 0
    await here.take()
    assert await here.counted() == 30


async def test_a_key_that_is_overwritten_is_new_data(here: Bucket) -> None:
    here.put("m.csv", as_csv(some(10)))
    await here.look()
    await here.take()
    here.put("m.csv", as_csv(some(20, seed=2)))
    assert await here.look() == 1
    await here.take()
    assert await here.counted() == 30
    found = await here.objects()
    assert [(one.listed.key, one.rows) for one in found] == [
        ("logs/m.csv", 10),
        ("logs/m.csv", 20),
    ]


async def test_what_was_overwritten_before_it_was_read_is_not_mixed(here: Bucket) -> None:
    here.put("m.csv", as_csv(some(10)))
    await here.look()
    here.put("m.csv", as_csv(some(20, seed=2)))
    (taken,) = await here.take()
    assert taken.verdict is not None
    assert (taken.verdict.state, taken.verdict.code) == (ObjectState.QUARANTINED, "replaced")
    assert await here.look() == 1
    await here.take()
    assert await here.counted() == 20


@pytest.mark.parametrize("key", NO_ROWS)
async def test_what_has_no_rows_is_done_and_comes_to_nothing(here: Bucket, key: str) -> None:
    here.put(key, NO_ROWS[key])
    here.put("good.csv", as_csv(some(10)))
    await here.look()
    await here.take()
    tallies = await here.tallies()
    assert (tallies["received"], tallies["counted"], tallies["rejected"]) == (10, 10, 0)
    told = [(one.listed.key, one.state, one.rows) for one in await here.objects()]
    counted = ObjectState.COUNTED
    assert sorted(told) == sorted([(f"logs/{key}", counted, 0), ("logs/good.csv", counted, 10)])
    assert await here.rejections() == []
    assert await here.look() == 0


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("half.json", as_json(some(40))[:500], "unreadable"),
        ("half.ndjson", as_ndjson(some(40))[:500], "unreadable"),
        ("cut.ndjson.gz", packed(as_ndjson(some(40)))[:-9], "unreadable-compression"),
        ("no.csv.gz", as_csv(some(40)), "unreadable-compression"),
        ("cut.parquet", as_parquet(some(40))[:-20], "unreadable"),
        ("empty.parquet", b"", "unreadable"),
        ("empty.json", b"", "unreadable"),
        ("empty.csv.gz", b"", "unreadable-compression"),
        ("line.csv", b'{"x": 1, "c": "a"}\n', "unreadable"),
        ("notes.txt", b"hello", "unknown-format"),
        ("times.csv", b"at,x,c\nyesterday,1,a\n", "wrong-rows"),
        ("bomb.json.gz", packed(b" " * 9_000_000), "too-large"),
    ],
)
async def test_what_is_wrong_is_quarantined_and_holds_up_nothing(
    here: Bucket, key: str, body: bytes, reason: str
) -> None:
    here.put(key, body)
    here.put("good.csv", as_csv(some(10)))
    await here.look()
    await here.take()
    assert await here.counted() == 10
    (stored,) = await here.objects(ObjectState.QUARANTINED)
    assert (stored.listed.key, stored.reason) == (f"logs/{key}", reason)
    assert stored.detail
    assert "yesterday" not in repr(stored)
    assert (await here.tallies())["rejected"] == (1 if reason == "wrong-rows" else 0)
    (told,) = await here.rejections()
    assert (told.rejection.source, told.rejection.key) == (NAME, f"logs/{key}")


async def test_two_takers_share_the_work_and_double_nothing(here: Bucket) -> None:
    for number in range(60):
        here.put(f"{number:02d}.csv", as_csv(some(5, seed=number)))
    assert await here.look() == 60
    one, two = here.taker("one", slots=7), here.taker("two", slots=7)
    taken = await asyncio.gather(here.take(one), here.take(two))
    assert all(taken), "one of them had nothing to do"
    assert sum(len(part) for part in taken) == 60
    assert await here.counted() == 300


async def test_an_object_that_two_took_counts_once(here: Bucket) -> None:
    here.put("a.csv", as_csv(some(10)))
    await here.look()
    one, two = here.taker("one"), here.taker("two")
    await one._start()
    await asyncio.wait(one._under_way)
    here.clock.forward(LEASE * 2)
    assert [taken.rows for taken in await here.take(two)] == [10]
    assert [taken.rows for taken in await here.take(one)] == [0]
    assert await here.tallies() == {
        "received": 20,
        "counted": 10,
        "duplicate": 10,
        "late": 0,
        "rejected": 0,
    }
    (stored,) = await here.objects()
    assert (stored.state, stored.rows) == (ObjectState.COUNTED, 10)


async def test_whoever_dies_leaves_its_objects_to_others(here: Bucket) -> None:
    here.put("a.csv", as_csv(some(10)))
    await here.look()
    dead = here.taker("dead")
    await dead._start()
    assert await here.take(here.taker("other")) == []
    here.clock.forward(LEASE * 2)
    assert [taken.rows for taken in await here.take(here.taker("other"))] == [10]


async def test_what_kills_whoever_reads_it_is_left_alone_at_last(here: Bucket) -> None:
    here.put("a.csv", as_csv(some(10)))
    await here.look()
    for _ in range(MOST_CLAIMS):
        async with here.store.write() as unit:
            assert len(await unit.objects.claim(9, "dead", LEASE)) == 1
        here.clock.forward(LEASE * 2)
    assert await here.take() == []
    (stored,) = await here.objects()
    assert (stored.state, stored.reason) == (ObjectState.QUARANTINED, "no-answer")


async def test_a_store_that_is_away_is_asked_again_by_a_schedule(here: Bucket) -> None:
    here.put("a.csv", as_csv(some(10)))
    await here.look()
    taker = here.taker(buckets=over(away()))
    waits = []
    while not (stored := (await here.objects())[0]).done_at:
        here.clock.now = max(here.clock.now, stored.due_at)
        taken = await here.take(taker)
        assert [one.rows for one in taken] == [0]
        waits.append(((await here.objects())[0].due_at - here.clock.now, taken[0].verdict))
    assert [wait for wait, _ in waits[:-1]] == list(WAITS)
    assert (stored.state, stored.reason) == (ObjectState.QUARANTINED, "unreachable")
    async with here.store.write() as unit:
        assert await unit.objects.retry((await here.state()).source.id, None, "denied") == 0
        assert await unit.objects.retry((await here.state()).source.id, None, "unreachable") == 1
    assert [one.rows for one in await here.take(here.taker("other"))] == [10]


async def test_a_large_object_goes_on_where_a_dead_one_stopped(here: Bucket) -> None:
    table = some(90_000)
    here.put("large.parquet", as_parquet(table, group=10_000))
    await here.look()
    read: list[int] = []
    dead = here.taker("dead", stage_bytes=1, buckets=Breaking(here.watcher.buckets, read, after=4))
    with pytest.raises(ExceptionGroup):
        await here.take(dead)
    (stored,) = await here.objects()
    assert stored.state is ObjectState.STAGED
    assert await here.counted() == 0, "nothing is seen of half an object"
    here.clock.forward(LEASE * 2)
    whole = here.taker("other", stage_bytes=1, buckets=Breaking(here.watcher.buckets, read))
    assert [one.rows for one in await here.take(whole)] == [90_000]
    assert read == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert await here.counted() == 90_000


async def test_parts_add_up_to_what_the_whole_counts(here: Bucket) -> None:
    table = some(9_000)
    here.put("parts.parquet", as_parquet(table, group=1_000))
    here.put("whole.csv", as_csv(table))
    await here.look()
    claims = {}
    taker = here.taker()
    async with here.store.write() as unit:
        for claim in await unit.objects.claim(9, "one", LEASE):
            claims[claim.listed.key] = await taker.tallying.count(claim)
    parts, whole = claims["logs/parts.parquet"], claims["logs/whole.csv"]
    assert parts is not None
    assert whole is not None
    assert (parts.rows, parts.first_event, parts.last_event) == (
        whole.rows,
        whole.first_event,
        whole.last_event,
    )
    for part, other in zip(parts.panes, whole.panes, strict=True):
        assert (part.pane, part.rows) == (other.pane, other.rows)
        assert part.cells.tolist() == other.cells.tolist()
        assert part.counts.tolist() == other.counts.tolist()


async def test_another_grid_makes_a_half_read_object_begin_again(here: Bucket) -> None:
    here.put("large.parquet", as_parquet(some(5_000), group=1_000))
    await here.look()
    read: list[int] = []
    dead = here.taker("dead", stage_bytes=1, buckets=Breaking(here.watcher.buckets, read, after=2))
    with pytest.raises(ExceptionGroup):
        await here.take(dead)
    await here.world.reference(seed=8)
    async with here.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        second = (await unit.models.baselines(model.id))[0]
        added = await unit.models.add_grid_set(model.id, OTHER)
        await unit.models.add_baseline(
            model.id, replace(second, fingerprint="f", grid_set=added.number, vector=OTHER.zero())
        )
        await unit.models.activate(model.id, (await unit.models.baselines(model.id))[0].number)
    here.clock.forward(LEASE * 2)
    assert [one.rows for one in await here.take(here.taker("other"))] == [5_000]
    assert await here.counted() == 5_000


async def test_columns_get_the_models_names(here: Bucket) -> None:
    await here.declare(columns={"number": "x", "when": "at"})
    here.put("a.csv", as_csv(some(10)).replace(b"at,x,c", b"when,number,c"))
    here.put("b.csv", as_csv(some(10)).replace(b"at,x,c", b"at,x,when"))
    await here.look()
    await here.take()
    assert await here.counted() == 10
    assert [one.reason for one in await here.objects()] == [None, "wrong-rows"]


async def test_what_was_counted_beside_what_broke_is_told_by_the_next_call(here: Bucket) -> None:
    here.put("a.csv", as_csv(some(10)))
    here.put("odd.csv", as_csv(some(10, seed=2)))
    here.put("wrong.csv", b"at,x,c\nyesterday,1,a\n")
    await here.look()
    taker = here.taker(buckets=BreakingAt("logs/odd.csv", here.watcher.buckets))
    await taker._start()
    await asyncio.wait(taker._under_way)
    with pytest.raises(ExceptionGroup):
        await taker.once()
    assert taker.busy, "something is left to be told"
    taken = await taker.once()
    assert {one.claim.listed.key: one.rows for one in taken} == {
        "logs/a.csv": 10,
        "logs/wrong.csv": 0,
    }
    assert await here.counted() == 10
    assert await here.take(taker) == []


async def test_counts_wait_for_a_baseline(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as made, bucket(made, baseline=False) as here:
        here.put("a.csv", as_csv(some(10)))
        assert await here.look() == 1
        assert await here.take() == []
        await here.world.reference()
        assert [one.rows for one in await here.take()] == [10]
