"""The whole loop with Airflow itself: drift starts the example DAG, and its promotion ends it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.service import HOUR, START, stamp
from tests.e2e.server import ROOT, Server
from tests.integration import airflow_server
from tests.integration.airflow_server import PASSWORD, USER
from tests.integration.places import Running

KEY = "a-key-of-the-tests-0001"
EXAMPLE = ROOT / "examples" / "airflow"
DAG = "leeway_retrain"
MODEL = "flights"
JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
PARSED, LOOPED = 90, 240


@dataclass(frozen=True)
class Both:
    """Leeway and Airflow, each knowing the other."""

    leeway: httpx.Client
    airflow: Running

    def runs(self) -> list[dict[str, Any]]:
        """The DAG's runs, as Airflow tells."""
        login = {"username": USER, "password": PASSWORD}
        said = httpx.post(f"{self.airflow.url}/auth/token", json=login, trust_env=False).json()
        found = httpx.get(
            f"{self.airflow.url}/api/v2/dags/{DAG}/dagRuns",
            headers={"authorization": f"Bearer {said['access_token']}"},
            trust_env=False,
        )
        runs: list[dict[str, Any]] = found.json()["dag_runs"] if found.is_success else []
        return runs if found.is_success else [{"state": "no such DAG"}]


def table(shift: float, hour: int = 0) -> bytes:
    """Rows of one hour whose x tells the label, ``shift`` away from where it began."""
    lines = ["at,x,label"]
    for i in range(800):
        at = stamp(START + hour * HOUR + HOUR * i / 800)
        lines.append(f"{at},{10 * (i % 2) + i % 7 / 10 + shift},{i % 2}")
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def both(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("loop")
    (folder / "rows.csv").write_bytes(table(100.0))
    server = Server(
        folder,
        {"LEEWAY_ALLOW": "127.0.0.1", "LEEWAY_API_KEYS": KEY, "AIRFLOW_PASSWORD": PASSWORD},
    )
    given = {
        "LEEWAY_URL": server.url,
        "LEEWAY_API_KEY": KEY,
        "TRAINING_CSV": str(folder / "rows.csv"),
        "MODEL_DIR": str(folder / "models"),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    }
    headers = {"Authorization": f"Bearer {KEY}"}
    home = tmp_path_factory.mktemp("airflow-of-loop")
    try:
        server.start()
        with (
            airflow_server.running(cache, home, EXAMPLE, given) as airflow,
            httpx.Client(base_url=server.url, headers=headers, timeout=30) as leeway,
        ):
            yield Both(leeway, airflow)
    finally:
        server.close()


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


def said(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def declared(both: Both) -> None:
    airflow = {
        "kind": "airflow",
        "base_url": both.airflow.url,
        "dag_id": DAG,
        "user": USER,
        "password": "env:AIRFLOW_PASSWORD",
    }
    columns = [
        {"name": "at", "kind": "ignored", "role": "timestamp"},
        {"name": "x", "kind": "numeric"},
    ]
    said(both.leeway.put("/v1/targets/airflow", json=airflow))
    model = f"/v1/models/{MODEL}"
    said(both.leeway.put(model, json={"schema": {"features": columns}}))
    said(both.leeway.post(f"{model}/baselines", content=table(0.0), headers=CSV))
    policy = {"target": "airflow", "poll_every": "5s"}
    said(both.leeway.put(f"{model}/retraining", json=policy))


def send(both: Both, hour: int, shift: float) -> None:
    path = f"/v1/models/{MODEL}/batches"
    said(both.leeway.post(path, content=table(shift, hour), headers=CSV))


def window(both: Both, hour: int) -> str | None:
    start = stamp(START + hour * HOUR)
    found = said(both.leeway.get(f"/v1/models/{MODEL}/windows/{start}"))
    return found["verdict"]["state"] if found["verdict"] else None


def alerts(both: Both) -> dict[str, str]:
    items = said(both.leeway.get(f"/v1/alerts?model={MODEL}"))["items"]
    return {one["monitor"]: one["state"] for one in items if one["state"] != "inactive"}


def test_drift_runs_the_dag_and_its_promotion_ends_the_drift(both: Both) -> None:
    until(lambda: both.runs() == [], PARSED, "Airflow has not read the DAG")
    declared(both)
    send(both, 0, 100.0)
    send(both, 1, 100.0)
    until(lambda: alerts(both) == {"default": "firing"}, 30, "no alert")
    runs = said(both.leeway.get(f"/v1/retrainings?model={MODEL}"))["items"]
    (run,) = runs

    def now() -> dict[str, Any]:
        found: dict[str, Any] = said(both.leeway.get(f"/v1/retrainings/{run['id']}"))
        assert found["state"] not in ("failed", "timed_out", "rejected"), json.dumps(found)
        return found

    until(lambda: now()["state"] == "promoted", LOOPED, "the run was not promoted")
    done = now()
    assert (done["cause"], done["run"], done["metrics"]) == (
        "drift",
        done["id"],
        {"accuracy": 1.0},
    )
    changed = [one["state"] for one in done["history"] if one["changed"]]
    assert changed == ["requested", "accepted", "running", "succeeded", "promoted"]
    model = said(both.leeway.get(f"/v1/models/{MODEL}"))
    assert (model["champion"], model["active_baseline"]) == (done["challenger"], 2)
    assert alerts(both) == {"default": "resolved"}
    send(both, 2, 100.0)
    send(both, 3, 100.0)
    until(lambda: window(both, 2) is not None, 30, "no verdict")
    assert window(both, 2) == "ok", "what the challenger learned from is no drift any more"
    until(lambda: [one["state"] for one in both.runs()] == ["success"], 60, "more than one run")
    assert both.runs()[0]["dag_run_id"] == run["id"]
