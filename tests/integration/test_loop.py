"""The loop with Airflow itself: drift starts one run, the run trains and answers, drift is over."""

import asyncio
import time
from typing import Any

import httpx

from tests.integration.airflow_server import PASSWORD, USER
from tests.integration.conftest import Training
from tests.integration.places import Running
from tests.integration.watched import HOUR, START, declared, post, put, rows

DAG = "leeway_retrain"
WITHIN = 240


async def looped(leeway: httpx.AsyncClient, airflow: Running) -> None:
    await declared(leeway, "m")
    target = {"kind": "airflow", "base_url": airflow.url, "dag_id": DAG, "user": USER}
    await put(leeway, "/v1/targets/airflow", target | {"password": "env:AIRFLOW_PASSWORD"})
    await put(leeway, "/v1/models/m/retraining", {"target": "airflow", "poll_every": "5s"})


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
    await looped(leeway, airflow)
    await woken(leeway, airflow)
    recent = rows(START, 3.0)
    training.rows.write_text("\n".join(recent) + "\n")
    await post(leeway, "m", "hour-0", recent)
    for hour in (1, 2):
        await post(leeway, "m", f"hour-{hour}", rows(START + hour * HOUR, 3.0))
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
