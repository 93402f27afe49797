"""Objects: each content counts once or not at all, whoever takes it and whatever comes between."""

from collections.abc import AsyncIterator

import pytest

from app.domain.source import ObjectState
from app.store import SqlStore
from tests.app.conftest import Hands, Place
from tests.app.steps.buckets import (
    Bucket,
    as_csv,
    as_json,
    as_ndjson,
    as_parquet,
    bucket,
    packed,
    some,
)
from tests.app.steps.world import world


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


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("half.json", as_json(some(40))[:500], "unreadable"),
        ("half.ndjson", as_ndjson(some(40))[:500], "unreadable"),
        ("cut.ndjson.gz", packed(as_ndjson(some(40)))[:-9], "unreadable-compression"),
        ("no.csv.gz", as_csv(some(40)), "unreadable-compression"),
        ("cut.parquet", as_parquet(some(40))[:-20], "unreadable"),
        ("empty.csv", b"", "unreadable"),
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
