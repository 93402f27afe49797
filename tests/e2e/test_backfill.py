"""``leeway backfill`` beside a running service: killed, interrupted, doubled; each object once.

The oracle is the list of objects that were put: each must be counted with exactly its rows, or
be quarantined for exactly its reason.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from tests import seaweed
from tests.e2e.crash import MODEL, counted_rows, prepare
from tests.e2e.objects import PREFIX, Made, made
from tests.e2e.server import ROOT, Server, environment
from tests.e2e.test_sources import FOUND, check, put

INCOMPLETE, INTERRUPTED = 1, 130
PATIENCE = 120.0


@pytest.fixture(scope="module")
def s3() -> Iterator[seaweed.Seaweed]:
    with seaweed.running() as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, durable_postgres: str) -> Iterator[Server]:
    env = {
        "LEEWAY_DATABASE_URL": durable_postgres,
        "LEEWAY_ALLOW": "127.0.0.1",
        **seaweed.SECRETS,
    }
    found = Server(tmp_path, env)
    try:
        found.start()
        prepare(found, {})
        yield found
    finally:
        found.close()


def begun(url: str, database: str, folder: Path, *options: str) -> subprocess.Popen[str]:
    """A backfill under way."""
    named = [sys.executable, "-m", "app.cli", "backfill", url, "--model", MODEL, *options]
    access = {"AWS_ACCESS_KEY_ID": seaweed.READER[0], "AWS_SECRET_ACCESS_KEY": seaweed.READER[1]}
    env = environment(
        0,
        folder,
        {"COLUMNS": "120", "LEEWAY_DATABASE_URL": database, **access, **seaweed.SECRETS},
    )
    return subprocess.Popen(
        named, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def written(folder: Path, objects: list[Made]) -> Path:
    for one in objects:
        path = folder / one.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.body)
    return folder


def counted(database: str) -> int:
    with psycopg.connect(database, autocommit=True) as connection:
        query = "select count(*) from source_object where state = 'counted'"
        return int((connection.execute(query).fetchone() or (0,))[0])


def until(condition: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(running: subprocess.Popen[str], sent: signal.Signals) -> str:
    """End a backfill with a signal, its processes with it; what it said."""
    workers = psutil.Process(running.pid).children(recursive=True)
    assert workers
    os.kill(running.pid, sent)
    _, said = running.communicate(timeout=60)
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert alive == []
    return said


def conserved(database: str, objects: list[Made]) -> None:
    """Hold the database against the objects."""
    with psycopg.connect(database, autocommit=True) as connection:
        found = connection.execute(FOUND).fetchall()
        sums = connection.execute("select sum(received), sum(counted), sum(rejected) from tally")
        told = sums.fetchone() or (0, 0, 0)
        (stored,) = connection.execute("select sum(rows) from delta").fetchone() or (0,)
    check(objects, found)
    rows = sum(one.rows or 0 for one in objects)
    assert (told[1], stored, told[0]) == (rows, rows, rows + told[2])


def test_killed_and_interrupted_each_object_counts_once(
    server: Server, tmp_path: Path, durable_postgres: str
) -> None:
    objects = made(300)
    folder = str(written(tmp_path / "files", objects))
    running = begun(folder, durable_postgres, tmp_path, "--workers", "1")
    until(lambda: counted(durable_postgres) > 0, running)
    ended(running, signal.SIGKILL)
    killed_at = counted(durable_postgres)
    running = begun(folder, durable_postgres, tmp_path, "--workers", "1")
    until(lambda: counted(durable_postgres) > killed_at, running)
    said = ended(running, signal.SIGINT)
    assert running.returncode == INTERRUPTED
    assert "Run the same again to go on" in said
    interrupted_at = counted(durable_postgres)
    whole = sum(one.rows is not None for one in objects)
    assert 0 < killed_at < interrupted_at < whole, "it was done before it could be ended"
    running = begun(folder, durable_postgres, tmp_path)
    out, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == INCOMPLETE, said
    assert f"{len(objects) - whole} objects are quarantined" in said
    assert out.splitlines()[-1].split()[1] == str(len(objects))
    conserved(durable_postgres, objects)
    rows = sum(one.rows or 0 for one in objects)
    assert counted_rows(server, {}) == (rows, rows)


def test_two_backfills_and_a_source_of_one_prefix_come_to_no_double(
    s3: seaweed.Seaweed, server: Server, tmp_path: Path, durable_postgres: str
) -> None:
    objects = made(200)
    put(s3, objects)
    url = f"s3://{seaweed.BUCKET}/{PREFIX}"
    both = [
        begun(url, durable_postgres, tmp_path, "--endpoint", s3.endpoint, "--workers", "1")
        for _ in range(2)
    ]
    until(lambda: counted(durable_postgres) > 0, both[0])
    refused = httpx.put(
        f"{server.url}/v1/models/{MODEL}/sources/logs",
        json={"url": url, "endpoint": s3.endpoint, "credentials": seaweed.CREDENTIALS},
        timeout=30,
    )
    assert refused.status_code == 409, refused.text
    assert "'backfill'" in refused.json()["detail"]
    for running in both:
        _, said = running.communicate(timeout=PATIENCE)
        assert running.returncode == INCOMPLETE, said
        assert seaweed.READER[1] not in said
    conserved(durable_postgres, objects)
