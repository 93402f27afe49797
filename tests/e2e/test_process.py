"""One server process: how it starts, how it is told to stop, and a database that goes away."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.doctor import Checked, inspect
from app.settings import Settings
from tests import postgres
from tests.e2e.crash import MODEL, prepare
from tests.e2e.process import Poster, Process, number, until
from tests.e2e.server import Server, await_ready

AWAY = 7.0
MANY = 20


def test_a_stop_answers_what_is_in_flight_loses_nothing_and_is_no_failure(tmp_path: Path) -> None:
    with Process(tmp_path) as server:
        await_ready(server.url, server.log)
        prepare(server, {})  # type: ignore[arg-type]  what it needs is the address
        posters = [Poster(server.url, f"p{n}") for n in range(4)]
        threads = [threading.Thread(target=poster.run) for poster in posters]
        for thread in threads:
            thread.start()
        until(lambda: sum(len(poster.acknowledged) for poster in posters) >= MANY)
        begun = time.monotonic()
        server.child.send_signal(signal.SIGTERM)
        assert server.child.wait(20) == 0, server.log.read_text()[-2000:]
        assert time.monotonic() - begun < 20
        for poster, thread in zip(posters, threads, strict=True):
            poster.stopped.set()
            thread.join()
    statuses = {status for poster in posters for _, status, _ in poster.answers}
    assert statuses <= {200, 503}
    acknowledged = [sorted(poster.acknowledged, key=number) for poster in posters]
    assert sum(map(len, acknowledged)) >= MANY
    last = [key for keys in acknowledged for key in keys[-8:]]
    with Process(tmp_path) as again:
        await_ready(again.url, again.log)
        with httpx.Client(base_url=again.url, timeout=30) as http:
            lost = [
                key
                for key in last
                if http.get(f"/v1/models/{MODEL}/batches/{key}").status_code != 200
            ]
        assert lost == []
        again.child.send_signal(signal.SIGINT)
        assert again.child.wait(20) == 0


def test_a_second_process_on_one_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with Process(tmp_path) as first:
        await_ready(first.url, first.log)
        with Process(tmp_path) as second:
            assert second.child.wait(30) == 1
        said = second.log.read_text()
        assert "is open in another process" in said
        assert "Traceback" not in said
        assert httpx.get(f"{first.url}/readyz").status_code == 200
        checks = asyncio.run(checked(Settings(port=first.port, data_dir=tmp_path / "data")))
        assert checks["port"].fault is None
        assert "a Leeway answers" in checks["port"].note
        assert "another process" in str(checks["database"].fault)


async def checked(settings: Settings) -> dict[str, Checked]:
    return {one.name: one async for one in inspect(settings)}


def test_a_database_that_cannot_be_reached_is_said_in_one_line(tmp_path: Path) -> None:
    with Process(tmp_path, LEEWAY_DATABASE_URL="postgresql://u:hush@127.0.0.1:9/none") as server:
        assert server.child.wait(30) == 1
    said = server.log.read_text()
    assert "cannot_start" in said
    assert "Traceback" not in said
    assert "hush" not in said


@pytest.fixture
def own_server() -> Iterator[postgres.Server]:
    """A PostgreSQL that nobody else uses, so that it can be stopped."""
    with postgres.running() as server:
        yield server


def family(process: int) -> list[int]:
    """Return a process and its children."""
    found = [process]
    for entry in Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if entry.name.isdigit() and int(parent) == process:
            found.append(int(entry.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_silent_database_is_refused_in_time_and_healed_in_time(
    tmp_path: Path, own_server: postgres.Server
) -> None:
    """SIGSTOP is the worst case: connections stay open, and nothing is ever answered."""
    server = Server(tmp_path, {"LEEWAY_DATABASE_URL": own_server.create()})
    posters = []
    try:
        server.start()
        prepare(server, {})
        posters = [Poster(server.url, f"p{n}") for n in range(4)]
        threads = [threading.Thread(target=poster.run) for poster in posters]
        for thread in threads:
            thread.start()
        until(lambda: all(poster.acknowledged for poster in posters))
        stopped = family(own_server.process.pid)
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            assert httpx.get(f"{server.url}/healthz", timeout=1).status_code == 200
            assert httpx.get(f"{server.url}/readyz", timeout=30).status_code == 503
            assert time.monotonic() - begun < 5
            time.sleep(max(0.0, begun + AWAY - time.monotonic()))
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)
        back = time.monotonic()
        await_ready(server.url, server.log)
        one = Poster(server.url, "after")
        while not one.acknowledged:
            assert time.monotonic() - back < 10
            threading.Timer(0.05, one.stopped.set).start()
            one.run()
            one.stopped.clear()
    finally:
        for poster in posters:
            poster.stopped.set()
        server.close()
    taken = [(status, seconds) for poster in posters for _, status, seconds in poster.answers]
    assert {status for status, _ in taken} == {200, 503}
    assert max(seconds for _, seconds in taken) < 5.5
