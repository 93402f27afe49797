"""A prefix of mixed objects on a real S3 server, read by two replicas through a kill loop.

The oracle is the list of objects that were put: each must be counted with exactly its rows, or
be quarantined for exactly its reason. ``LEEWAY_TEST_OBJECTS=2000`` makes it long.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import obstore
import psycopg
import pytest

from tests import seaweed
from tests.e2e.crash import MODEL, prepare
from tests.e2e.objects import PREFIX, Made, made, overwritten
from tests.e2e.server import Server

OBJECTS = int(os.environ.get("LEEWAY_TEST_OBJECTS", "400"))
WAVES = max(6, OBJECTS // 100)
OVERWRITTEN = 10
PATIENCE = 120.0
SOURCE = f"/v1/models/{MODEL}/sources/logs"
FOUND = """
select o.key, o.state, o.reason, o.rows, o.tries, r.counted, r.received
from source_object o left join receipt r on r.key = 'object:' || encode(o.digest, 'hex')
order by o.id
"""
HELD = "select count(*) from source_object where leased_until > now()"


@pytest.fixture(scope="module")
def s3() -> Iterator[seaweed.Seaweed]:
    with seaweed.running() as server:
        yield server


@pytest.fixture
def replicas(tmp_path: Path, durable_postgres: str) -> Iterator[tuple[Server, Server]]:
    env = {
        "LEEWAY_DATABASE_URL": durable_postgres,
        "LEEWAY_ALLOW": "127.0.0.1",
        **seaweed.SECRETS,
    }
    started = []
    try:
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            started.append(Server(folder, env))
        for server in started:
            server.start()
        yield started[0], started[1]
    finally:
        for server in started:
            server.close()


def declare(server: Server, s3: seaweed.Seaweed) -> None:
    declared = {
        "url": f"s3://{seaweed.BUCKET}/{PREFIX}/",
        "endpoint": s3.endpoint,
        "credentials": seaweed.CREDENTIALS,
        "poll": "1s",
    }
    answer = httpx.put(f"{server.url}{SOURCE}", json=declared, timeout=30)
    assert answer.status_code == 201, answer.text
    assert seaweed.READER[1] not in answer.text


def put(s3: seaweed.Seaweed, objects: list[Made]) -> None:
    async def all_of_them() -> None:
        store = s3.store()
        await asyncio.gather(*(obstore.put_async(store, one.key, one.body) for one in objects))

    asyncio.run(all_of_them())


def feed(
    s3: seaweed.Seaweed, replicas: tuple[Server, Server], database: str, objects: list[Made]
) -> int:
    """Put objects in waves of no order; while some of each are held, kill a replica, or both."""
    draw = random.Random(5)
    share = -(-len(objects) // WAVES)
    kills = 0
    for wave in range(WAVES):
        put(s3, objects[wave * share : (wave + 1) * share])
        wait_until_some_are_held(database)
        time.sleep(draw.uniform(0, 0.02))
        victims = replicas if wave % 3 == 0 else (replicas[wave % 2],)
        for victim in victims:
            victim.kill()
        kills += len(victims)
        for victim in victims:
            victim.start()
    return kills


def wait_until_some_are_held(database: str) -> None:
    """Return while objects are being read: they are small, so that is over soon."""
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(database, autocommit=True) as connection:
        while connection.execute(HELD).fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.002)


def drained(server: Server, contents: int) -> dict[str, Any]:
    """Wait until a listing has shown all there is, and all of it is done."""
    deadline = time.monotonic() + PATIENCE
    while True:
        state: dict[str, Any] = httpx.get(f"{server.url}{SOURCE}", timeout=30).json()
        progress = state["progress"]
        done = progress["counted"] + progress["quarantined"]
        if done == contents and not progress["found"]:
            return state
        assert time.monotonic() < deadline, state
        time.sleep(0.3)


def test_every_object_counts_once_through_kill_9(
    s3: seaweed.Seaweed, replicas: tuple[Server, Server], durable_postgres: str
) -> None:
    objects = made(OBJECTS)
    prepare(replicas[0], {})
    declare(replicas[1], s3)
    began = time.monotonic()
    kills = feed(s3, replicas, durable_postgres, objects)
    drained(replicas[0], OBJECTS)
    whole = [one for one in objects if one.rows is not None]
    again = [overwritten(one) for one in whole[:OVERWRITTEN]]
    put(s3, again)
    state = drained(replicas[1], OBJECTS + len(again))
    print(f"{OBJECTS} objects, {kills} kills, {time.monotonic() - began:.1f} s")  # noqa: T201
    with psycopg.connect(durable_postgres, autocommit=True) as database:
        found = database.execute(FOUND).fetchall()
        sums = database.execute("select sum(received), sum(counted), sum(rejected) from tally")
        received, counted, rejected = sums.fetchone() or (0, 0, 0)
        (stored,) = database.execute("select sum(rows) from delta").fetchone() or (0,)
    check(objects + again, found)
    rows = sum(one.rows or 0 for one in objects + again)
    assert (counted, stored, received) == (rows, rows, rows + rejected)
    assert state["progress"]["rows"] == rows
    assert kills >= WAVES
    assert sum(tries > 1 for *_, tries, _, _ in found) >= 5, "no kill struck an object"


def check(objects: list[Made], found: list[tuple[Any, ...]]) -> None:
    """Hold what was stored of each object against what was put; contents of one key in order."""
    wanted: dict[str, list[Made]] = {}
    for one in objects:
        wanted.setdefault(one.key, []).append(one)
    wrong = []
    for key, state, reason, rows, _, counted, received in found:
        one = wanted[key].pop(0)
        if one.rows is None:
            good = (state, reason, counted) == ("quarantined", one.reason, None)
        else:
            good = (state, rows, counted, received) == ("counted", *([one.rows] * 3))
        if not good:
            wrong.append((key, state, reason, rows, counted, one.rows, one.reason))
    assert wrong == []
    assert [key for key, left in wanted.items() if left] == []
