"""Two server processes on one PostgreSQL: nothing is counted, judged or delivered twice."""

import asyncio
import concurrent.futures
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from app.domain.alerts.signature import write_secret
from tests.e2e.crash import MODEL, ORIGIN, WINDOW, prepare
from tests.e2e.server import Server
from tests.receivers import answer, receiving

WINDOWS = 12
ROWS = 300
MOVED = frozenset({3, 4})
"""Windows whose values lie elsewhere: one alert fires, and resolves after two calm windows."""
PATIENCE = 60.0
JUDGED = '"window_judged"'
OWN = re.compile(r"leeway_(http|verdicts)_")


@pytest.fixture
def replicas(tmp_path: Path, durable_postgres: str) -> Iterator[tuple[Server, Server]]:
    env = {
        "LEEWAY_DATABASE_URL": durable_postgres,
        "LEEWAY_ALLOW": "127.0.0.1",
        "HOOK_SECRET": write_secret(b"s" * 32),
    }
    started = []
    try:
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            started.append(Server(folder, env))
            started[-1].start()
        yield started[0], started[1]
    finally:
        for server in started:
            server.close()


def rows(window: int) -> list[dict[str, float]]:
    shift = 1.0 if window in MOVED else 0.0
    start = ORIGIN + window * WINDOW
    return [{"t": start + 10 * i, "x": float(i % 3) + shift} for i in range(ROWS)]


def post(server: Server, window: int) -> dict[str, int]:
    """Send a window's rows under a key that both replicas get."""
    deadline = time.monotonic() + PATIENCE
    with httpx.Client(base_url=server.url, timeout=30) as http:
        while True:
            answer = http.post(
                f"/v1/models/{MODEL}/batches",
                json=rows(window),
                headers={"Idempotency-Key": f"w{window}"},
            )
            if answer.status_code == 200:
                receipt: dict[str, int] = answer.json()
                return receipt
            assert answer.status_code in (409, 503), answer.text
            assert time.monotonic() < deadline
            time.sleep(0.05)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


def metrics(server: Server) -> str:
    """Return what a replica tells of what is stored.

    Requests it answered itself, and it counts verdicts from its own first look on.
    """
    text = httpx.get(f"{server.url}/metrics", timeout=30).raise_for_status().text
    return "\n".join(line for line in text.splitlines() if not OWN.match(line)) + "\n"


async def test_two_replicas_do_everything_once_and_say_the_same(
    replicas: tuple[Server, Server], durable_postgres: str
) -> None:
    async with receiving(answer(204)) as receiver:
        await asyncio.to_thread(work, replicas, durable_postgres, receiver.url)
    kinds = Counter(
        json.loads(request.body)["type"].split(".")[-2] for request in receiver.requests
    )
    assert kinds == {"firing": 1, "requested": 1, "resolved": 1}


def send_both(replicas: tuple[Server, Server], windows: Iterable[int]) -> None:
    """Send each window to both replicas at the same moment, under one key."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for window in windows:
            both = list(pool.map(post, replicas, (window, window)))
            assert [(r["received"], r["counted"]) for r in both] == [(ROWS, ROWS)] * 2


def work(replicas: tuple[Server, Server], url: str, hook: str) -> None:
    first, second = replicas
    prepare(first, {})
    target = {"kind": "webhook", "url": hook, "secret": "env:HOOK_SECRET"}
    httpx.put(f"{second.url}/v1/targets/hook", json=target, timeout=30).raise_for_status()
    policy = f"{first.url}/v1/models/{MODEL}/retraining"
    httpx.put(policy, json={"target": "hook"}, timeout=30).raise_for_status()
    with psycopg.connect(url, autocommit=True) as database:

        def one(query: str) -> int:
            found = database.execute(query.encode()).fetchone()
            assert found is not None
            return int(found[0])

        delivered = "select count(*) from delivery where state = 'delivered'"
        send_both(replicas, range(max(MOVED) + 2))
        # a resolve would supersede a firing that nobody was told of yet
        until(lambda: one(delivered) == 2)
        send_both(replicas, range(max(MOVED) + 2, WINDOWS))
        until(lambda: one("select count(*) from revision") >= WINDOWS - 1)
        until(lambda: one(delivered) == 3)
        until(lambda: metrics(first) == metrics(second))
        time.sleep(2)  # whoever wants to do something twice has the time to
        assert one("select count(*) from revision") == WINDOWS - 1
        assert one("select sum(rows) from revision") == (WINDOWS - 1) * ROWS
        assert one("select count(*) from attempt") == 3
        assert one("select count(*) from retraining where state = 'accepted'") == 1
        sums = "select sum(received) - sum(counted + duplicate + late + rejected) from tally"
        assert one(sums) == 0
        assert one("select sum(counted) from tally") == WINDOWS * ROWS
        assert one("select sum(duplicate) from tally") == WINDOWS * ROWS
    counted = f'leeway_ingest_rows_total{{model="{MODEL}",result="counted",version="default"}} '
    assert counted + f"{WINDOWS * ROWS:.1f}\n" in metrics(first)
    assert metrics(first) == metrics(second)
    judged = [line for s in replicas for line in s.log.read_text().splitlines() if JUDGED in line]
    assert len(judged) == WINDOWS - 1
