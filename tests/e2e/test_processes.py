"""Several processes behind one address: nothing is lost, whichever ends, hangs or is new."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import conserved
from tests.app.metrics.made import samples
from tests.e2e.crash import MODEL, Client, prepare
from tests.e2e.process import Poster, Process, until
from tests.e2e.server import await_ready

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
WORKERS = 2
BATCHES = 40
KILLS = 3


@pytest.fixture
def server(tmp_path: Path, durable_postgres: str) -> Iterator[Process]:
    env = {"LEEWAY_DATABASE_URL": durable_postgres, "LEEWAY_WORKERS": str(WORKERS)}
    with Process(tmp_path, **env) as started:
        await_ready(started.url, started.log)
        prepare(started, {})  # type: ignore[arg-type]  what it needs is the address
        until(lambda: len(ready(started)) == WORKERS)
        yield started
    conserved.check_place(durable_postgres)


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(one) for one in found]


def ready(server: Process) -> list[int]:
    """Return the processes that answer: each says so once it is through with its start."""
    if server.log.read_text().count("Application startup complete") < WORKERS:
        return []
    return children(server.child.pid)


def replaced(server: Process, killed: int) -> bool:
    own = children(server.child.pid)
    return killed not in own and len(own) == WORKERS


def batches_answered(server: Process) -> float:
    """Ask on a connection of its own, so that any of them may answer."""
    found = samples(httpx.get(f"{server.url}/metrics", timeout=30).text)
    return sum(
        value
        for (name, labels), value in found.items()
        if name == "leeway_http_requests_total" and ("method", "POST") in labels
    )


def counted(server: Process) -> int:
    with httpx.Client(base_url=server.url, timeout=30) as http:
        windows = http.get(f"/v1/models/{MODEL}/windows").json()["items"]
    return sum(window["rows"] for window in windows)


def test_they_serve_hang_and_stop_as_one(server: Process) -> None:
    """One start for three stories: it takes longer than they do."""
    all_serve_and_one_scrape_tells_of_all(server)
    one_that_hangs_gets_no_more_connections(server)
    a_stop_answers_what_is_in_flight_in_all_of_them(server)


def all_serve_and_one_scrape_tells_of_all(server: Process) -> None:
    posters = [Poster(server.url, f"p{n}") for n in range(2 * WORKERS)]
    threads = [threading.Thread(target=poster.run) for poster in posters]
    for thread in threads:
        thread.start()
    told = [0.0]
    until(lambda: told.append(batches_answered(server)) or told[-1] >= 200)  # type: ignore[func-returns-value]
    for poster, thread in zip(posters, threads, strict=True):
        poster.stopped.set()
        thread.join()
    assert told == sorted(told)
    assert sum(poster.broken for poster in posters) == 0
    answers = sum(len(poster.answers) for poster in posters)
    baseline = 1
    assert {batches_answered(server) for _ in range(2 * WORKERS)} == {answers + baseline}
    assert counted(server) == answers
    busy = [Path(f"/proc/{one}/schedstat").read_text().split()[0] for one in ready(server)]
    assert min(map(int, busy)) > 0


def one_that_hangs_gets_no_more_connections(server: Process) -> None:
    (hanging, *_) = ready(server)
    os.kill(hanging, signal.SIGSTOP)
    try:
        time.sleep(6)  # after five seconds of silence nobody is sent to it
        for _ in range(4 * WORKERS):
            assert httpx.get(f"{server.url}/healthz", timeout=2).status_code == 200
    finally:
        os.kill(hanging, signal.SIGCONT)


def a_stop_answers_what_is_in_flight_in_all_of_them(server: Process) -> None:
    posters = [Poster(server.url, f"p{n}") for n in range(2 * WORKERS)]
    threads = [threading.Thread(target=poster.run) for poster in posters]
    for thread in threads:
        thread.start()
    until(lambda: all(len(poster.acknowledged) >= 3 for poster in posters))
    own = children(server.child.pid)
    server.child.send_signal(signal.SIGTERM)
    assert server.child.wait(20) == 0, server.log.read_text()[-2_000:]
    for poster, thread in zip(posters, threads, strict=True):
        poster.stopped.set()
        thread.join()
    assert {status for poster in posters for _, status, _ in poster.answers} <= {200, 503}
    assert not any(Path(f"/proc/{one}").exists() for one in own)
    assert "Traceback" not in server.log.read_text()


def test_one_that_is_killed_is_replaced_and_without_who_accepts_they_end(server: Process) -> None:
    a_process_that_is_killed_is_replaced_and_nothing_is_lost(server)
    without_who_accepts_they_end_by_themselves(server)


def a_process_that_is_killed_is_replaced_and_nothing_is_lost(server: Process) -> None:
    enough = threading.Event()
    clients = [Client(server, f"c{n}", BATCHES, {}, enough) for n in range(4)]  # type: ignore[arg-type]
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    first = set(children(server.child.pid))
    for turn in range(KILLS):
        own = children(server.child.pid)
        killed = own[turn % len(own)]
        os.kill(killed, signal.SIGKILL)
        until(lambda: replaced(server, killed))  # noqa: B023  waited for at once
        time.sleep(0.3)
    enough.set()
    for thread in threads:
        thread.join()
    assert [line for client in clients for line in client.refused] == []
    assert set(children(server.child.pid)) != first
    assert sum(client.retries for client in clients) > 0
    assert counted(server) == sum(sum(client.acknowledged.values()) for client in clients)
    assert server.log.read_text().count("process_ended") == KILLS


def without_who_accepts_they_end_by_themselves(server: Process) -> None:
    own = children(server.child.pid)
    server.child.kill()
    server.child.wait(10)
    until(lambda: not any(Path(f"/proc/{one}").exists() for one in own))


def test_several_on_sqlite_are_refused_in_one_line(tmp_path: Path) -> None:
    with Process(tmp_path, LEEWAY_WORKERS="2") as server:
        assert server.child.wait(30) == 2
    said = server.log.read_text()
    assert "its file belongs to one" in said
    assert "Traceback" not in said


def test_a_database_that_cannot_be_reached_is_said_once(tmp_path: Path) -> None:
    nowhere = "postgresql://u:hush@127.0.0.1:9/none"
    with Process(tmp_path, LEEWAY_DATABASE_URL=nowhere, LEEWAY_WORKERS="2") as server:
        assert server.child.wait(30) == 1
    said = server.log.read_text()
    assert said.count("cannot_start") == 1
    assert "Traceback" not in said
    assert "hush" not in said
