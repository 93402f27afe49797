"""Nothing acknowledged is lost or counted twice, through kill -9 in the middle of posts."""

import sys
from pathlib import Path

import pytest

from tests.e2e.crash import counted_rows, crash_run, prepare, resend
from tests.e2e.server import Server

KILLS = 20
CLIENTS = 4
BATCHES = 250
RESENT = 60
SPOILT = (sys.executable, "-m", "tests.e2e.spoilt")


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "sqlite":
        return {}
    return {"LEEWAY_DATABASE_URL": request.getfixturevalue("durable_postgres")}


def test_acknowledged_batches_are_counted_once_through_kill_9(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    server = Server(tmp_path, environment)
    server.start()
    try:
        prepare(server, {})
        run = crash_run(server, {}, clients=CLIENTS, batches=BATCHES, kills=KILLS)
        recognised = resend(server, {}, run, RESENT)
        rows, cells = counted_rows(server, {})
    finally:
        server.close()
    assert run.refused == []
    assert len(run.acknowledged) >= 1_000, "too few batches to mean anything"
    assert run.retries + recognised >= 50, "too few retries to mean anything"
    assert recognised == RESENT
    assert (rows, cells) == (sum(run.acknowledged.values()),) * 2


def test_the_same_test_catches_an_answer_before_the_commit(tmp_path: Path) -> None:
    server = Server(tmp_path, {}, entry=SPOILT)
    server.start()
    try:
        prepare(server, {})
        run = crash_run(server, {}, clients=CLIENTS, batches=150, kills=8)
        rows, _ = counted_rows(server, {})
    finally:
        server.close()
    assert len(run.acknowledged) >= 400
    assert rows < sum(run.acknowledged.values()), "the rig cannot see lost batches"
