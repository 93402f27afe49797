"""Processes that are killed: others count what they did, until it is plain which object did it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from app.backfill.pool import Pool
from app.domain.sources.source import Claim, Listed, Source, Trouble
from app.egress import Allow
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.buckets import as_csv, some
from tests.app.steps.world import MODEL, world

ROWS = 5


@pytest.fixture
async def pool(store: SqlStore, place: Place, tmp_path: Path) -> AsyncIterator[Pool]:
    async with world(store, place.clock) as made:
        await made.declare()
        await made.reference()
        allow = Allow(folders=(tmp_path,))
        async with Pool(store, "me", 1, allow, "") as found:
            yield found


def claim(folder: Path, key: str = "a.csv") -> Claim:
    path = folder / key
    path.write_bytes(as_csv(some(ROWS)))
    # without an ETag it is asked for by its time
    listed = Listed(key, path.stat().st_size, datetime.now(UTC))
    return Claim(1, Source(1, MODEL, "backfill", f"file://{folder}"), listed, 1, staged=False)


def workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if any("spawn_main" in word for word in child.cmdline())
    ]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_an_object_survives_one_death_and_is_blamed_for_the_second(
    pool: Pool, tmp_path: Path
) -> None:
    one = claim(tmp_path)
    first = await pool.count(one)
    assert first is not None
    assert first.rows == ROWS
    again = asyncio.create_task(pool.count(one))
    await asyncio.sleep(0)
    for worker in workers():
        worker.kill()
    found = await again
    assert found is not None
    assert replace(found.envelope, received_at=first.envelope.received_at) == first.envelope
    deadly = asyncio.create_task(pool.count(one))
    while not deadly.done():
        for worker in workers():
            worker.kill()
        await asyncio.sleep(0.05)
    with pytest.raises(Trouble) as caught:
        await deadly
    assert (caught.value.code, caught.value.passing) == ("no-answer", False)
    after = await pool.count(one)
    assert after is not None


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_what_is_wrong_with_an_object_comes_back_from_its_process(
    pool: Pool, tmp_path: Path
) -> None:
    one = claim(tmp_path, "b.csv")
    (tmp_path / "b.csv").write_text("at,x,c\nyesterday,1,a\n")
    size = (tmp_path / "b.csv").stat().st_size
    wrong = replace(one, listed=replace(one.listed, size=size, modified=datetime.now(UTC)))
    with pytest.raises(Trouble) as caught:
        await pool.count(wrong)
    assert (caught.value.code, caught.value.rows) == ("wrong-rows", 1)
    assert caught.value.faults[0].field == "at"
    elsewhere = replace(one, source=replace(one.source, url="file:///etc"))
    with pytest.raises(Trouble) as caught:
        await pool.count(elsewhere)
    assert caught.value.code == "address-refused"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_a_model_that_is_gone_ends_it(pool: Pool, store: SqlStore, tmp_path: Path) -> None:
    async with store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        await unit.models.hide(model.id)
    assert await pool.count(claim(tmp_path)) is None
    assert pool.stop is not None
