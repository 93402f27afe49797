"""The loop with Airflow itself: drift starts one run, the run trains and answers, drift is over."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.server import Server
from tests.integration.airflow_server import PASSWORD, USER
from tests.integration.conftest import KEY, Training
from tests.integration.places import Running

DAG = "leeway_retrain"
WITHIN = 240
START = datetime(2026, 3, 2, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
COLUMNS = [
    {"name": "at", "kind": "ignored", "role": "timestamp"},
    {"name": "x", "kind": "numeric"},
]


def rows(start: datetime, shift: float, count: int = 400) -> list[str]:
    """Rows whose x tells the label, spread over an hour."""
    made = ["at,x,label"]
    for i in range(count):
        at = (start + HOUR * i / count).isoformat().replace("+00:00", "Z")
        made.append(f"{at},{shift + 10 * (i % 2) + i % 7 / 10},{i % 2}")
    return made


def csv(lines: list[str]) -> dict[str, Any]:
    return {"content": "\n".join(lines).encode(), "headers": {"Content-Type": "text/csv"}}


@pytest.fixture
async def leeway(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    key = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(
        base_url=server.url, headers=key, timeout=30, trust_env=False
    ) as client:
        yield client


async def put(leeway: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    made = await leeway.put(path, json=body)
    assert made.status_code == 201, made.text


async def declared(leeway: httpx.AsyncClient, airflow: Running) -> None:
    await put(leeway, "/v1/models/m", {"schema": {"features": COLUMNS}, "window": "1h"})
    target = {"kind": "airflow", "base_url": airflow.url, "dag_id": DAG, "user": USER}
    await put(leeway, "/v1/targets/airflow", target | {"password": "env:AIRFLOW_PASSWORD"})
    await put(leeway, "/v1/models/m/retraining", {"target": "airflow", "poll_every": "5s"})
    first = await leeway.post("/v1/models/m/baselines", **csv(rows(START - HOUR, 0.0)))
    assert first.status_code == 201, first.text


async def woken(leeway: httpx.AsyncClient, airflow: Running) -> None:
    """A new DAG is paused: the check says so, and somebody wakes it."""
    until = time.monotonic() + 60
    codes: list[str] = []
    while time.monotonic() < until and codes != ["paused-dag"]:
        found = (await leeway.post("/v1/targets/airflow/check")).json()["troubles"]
        codes = [trouble["code"] for trouble in found]
        await asyncio.sleep(0.5)
    assert codes == ["paused-dag"]
    async with httpx.AsyncClient(base_url=airflow.url, timeout=30, trust_env=False) as client:
        login = {"username": USER, "password": PASSWORD}
        token = (await client.post("/auth/token", json=login)).json()["access_token"]
        woken = await client.patch(
            f"/api/v2/dags/{DAG}",
            json={"is_paused": False},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert woken.status_code == 200, woken.text
    assert (await leeway.post("/v1/targets/airflow/check")).json() == {"troubles": []}


async def ended(leeway: httpx.AsyncClient) -> dict[str, Any]:
    """The only retraining there is, once it is at its end."""
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        runs = (await leeway.get("/v1/retrainings?model=m")).json()["items"]
        assert len(runs) <= 1
        if runs and runs[0]["state"] not in ("requested", "accepted", "running", "succeeded"):
            found: dict[str, Any] = (await leeway.get(f"/v1/retrainings/{runs[0]['id']}")).json()
            return found
        await asyncio.sleep(0.5)
    raise AssertionError(f"the run did not end: {runs}")


async def test_drift_starts_a_dag_and_the_champion_changes(
    leeway: httpx.AsyncClient, airflow: Running, training: Training
) -> None:
    await declared(leeway, airflow)
    await woken(leeway, airflow)
    recent = rows(START, 3.0)
    training.rows.write_text("\n".join(recent) + "\n")
    for hour, lines in enumerate((recent, rows(START + HOUR, 3.0), rows(START + 2 * HOUR, 3.0))):
        without = [",".join(line.split(",")[:2]) for line in lines]
        sent = csv(without)
        sent["headers"] |= {"Idempotency-Key": f"hour-{hour}"}
        batch = await leeway.post("/v1/models/m/batches", **sent)
        assert batch.status_code == 200, batch.text
    run = await ended(leeway)
    assert (run["state"], run["cause"]) == ("promoted", "drift"), run
    model = (await leeway.get("/v1/models/m")).json()
    assert model["champion"] == run["id"].removeprefix("rtr_")[:12]
    assert model["active_baseline"] == 2
    alerts = (await leeway.get("/v1/alerts?model=m")).json()["items"]
    states = {alert["monitor"]: alert["state"] for alert in alerts}
    assert states["default"] == "resolved"
    sources = {said["source"] for said in run["history"]}
    assert {"alert", "delivery", "callback"} <= sources
