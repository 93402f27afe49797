"""The steps of the example DAG, run by hand against a real service and a real request."""

import asyncio
import importlib.util
import json
import os
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from app.domain.alerts.signature import write_secret
from tests import readme
from tests.e2e.server import ROOT, Server
from tests.receivers import Receiver, answer, receiving

KEY = "a-key-of-the-tests-0001"
STEPS = ROOT / "examples" / "airflow" / "leeway_steps.py"
REQUESTED = "io.leeway.retraining.requested.v1"


def lines(*, taught_wrong: bool = False) -> list[str]:
    """Rows whose x tells the label; ``taught_wrong`` flips those that are not held out."""
    head, rows = "at,x,label", []
    for i in range(400):
        label = i % 2
        x = 10 * label + i % 7 / 10
        said = 1 - label if taught_wrong and i % 5 else label
        rows.append(f"2026-03-02T00:{i % 60:02}:00Z,{x},{said}")
    return [head, *rows]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    env = {
        "LEEWAY_ALLOW": "127.0.0.1",
        "LEEWAY_API_KEYS": KEY,
        "HOOK_SECRET": write_secret(b"s" * 32),
    }
    started = Server(tmp_path, env)
    try:
        started.start()
        yield started
    finally:
        started.close()


@pytest.fixture
def steps(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (tmp_path / "rows.csv").write_text("\n".join(lines()) + "\n")
    monkeypatch.setenv("LEEWAY_URL", server.url)
    monkeypatch.setenv("LEEWAY_API_KEY", KEY)
    monkeypatch.setenv("TRAINING_CSV", str(tmp_path / "rows.csv"))
    monkeypatch.setenv("MODEL_DIR", str(tmp_path / "models"))
    spec = importlib.util.spec_from_file_location("leeway_steps", STEPS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(steps: ModuleType, conf: dict[str, Any]) -> dict[str, Any]:
    given: tuple[Any, ...] = ()
    for step in steps.STEPS:
        given = (step(conf, *given),)
    said: dict[str, Any] = given[0]
    return said


async def asked(http: httpx.AsyncClient, receiver: Receiver, earlier: int) -> dict[str, Any]:
    """Ask by hand and return what the receiver got."""
    made = await http.post("/v1/models/m/retrainings", json={})
    assert made.status_code == 201, made.text
    return await request(receiver, earlier)


async def request(receiver: Receiver, earlier: int) -> dict[str, Any]:
    """The data of the next request."""
    for _ in range(600):
        if len(receiver.requests) > earlier:
            event = json.loads(receiver.requests[-1].body)
            assert event["type"] == REQUESTED
            data: dict[str, Any] = event["data"]
            return data
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was asked")


async def declared(http: httpx.AsyncClient, url: str) -> None:
    columns = [
        {"name": "at", "kind": "ignored", "role": "timestamp"},
        {"name": "x", "kind": "numeric"},
    ]
    hook = {"kind": "webhook", "url": url, "secret": "env:HOOK_SECRET"}
    for path, body in (
        ("/v1/models/m", {"schema": {"features": columns}}),
        ("/v1/targets/trainer", hook),
        ("/v1/models/m/retraining", {"target": "trainer"}),
    ):
        assert (await http.put(path, json=body)).status_code == 201
    rows = "\n".join(lines()[:300]).encode()
    csv = {"Content-Type": "text/csv"}
    first = await http.post("/v1/models/m/baselines", content=rows, headers=csv)
    assert first.status_code == 201, first.text


async def test_the_steps_promote_a_challenger_and_roll_back_a_worse_one(
    server: Server, steps: ModuleType, tmp_path: Path
) -> None:
    key = {"Authorization": f"Bearer {KEY}"}
    async with (
        receiving(answer(204)) as receiver,
        httpx.AsyncClient(base_url=server.url, headers=key, timeout=30) as http,
    ):
        await declared(http, receiver.url)
        conf = await asked(http, receiver, 0)
        said = await asyncio.to_thread(run, steps, conf)
        assert (said["state"], said["changed"], said["baseline"]) == ("promoted", True, 2)
        model = (await http.get("/v1/models/m")).json()
        assert (model["champion"], model["active_baseline"]) == (said["challenger"], 2)
        (tmp_path / "rows.csv").write_text("\n".join(lines(taught_wrong=True)) + "\n")
        conf = await asked(http, receiver, 1)
        said = await asyncio.to_thread(run, steps, conf)
        assert said["state"] == "rejected"
        assert (await http.get("/v1/models/m")).json()["champion"] == model["champion"]
        # what ran once may run again: nothing changes
        again = await asyncio.to_thread(run, steps, conf)
        assert (again["state"], again["changed"]) == ("rejected", False)
        with pytest.raises(urllib.error.HTTPError):
            steps.say(conf | {"callback": conf["callback"] | {"token": "rtt_x"}}, "failed")


async def test_the_files_of_the_readme_close_the_loop(
    server: Server, steps: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINING_CSV", str(ROOT / "examples" / "training.csv"))
    printed = readme.block("## Send your own data")
    first, second, third = (
        readme.with_urls(readme.numbered(printed, number), server.url) for number in (1, 2, 3)
    )
    key = {"Authorization": f"Bearer {KEY}"}
    async with (
        receiving(answer(204)) as receiver,
        httpx.AsyncClient(base_url=server.url, headers=key, timeout=30) as http,
    ):
        await asyncio.to_thread(readme.run, first + second, tmp_path, KEY, os.environ)
        hook = {"kind": "webhook", "url": receiver.url, "secret": "env:HOOK_SECRET"}
        takes = {"takes": ["retrainings"]}
        assert (await http.put("/v1/targets/trainer", json=hook | takes)).status_code == 201
        policy = {"target": "trainer", "maximum_age": "30d"}
        declared = await http.put("/v1/models/quickstart/retraining", json=policy)
        assert declared.status_code == 201, declared.text
        await asyncio.to_thread(readme.run, third, tmp_path, KEY, os.environ)
        conf = await request(receiver, 0)
        assert conf["cause"] == "drift"
        said = await asyncio.to_thread(run, steps, conf)
        assert (said["state"], said["changed"]) == ("promoted", True)
        assert (tmp_path / "models" / "quickstart" / "champion.json").exists()  # apart by model
        model = (await http.get("/v1/models/quickstart")).json()
        assert (model["champion"], model["active_baseline"]) == (said["challenger"], 2)
        assert (await http.get("/v1/alerts?model=quickstart&state=firing")).json()["items"] == []
