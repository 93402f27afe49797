"""The whole loop over HTTP: drift, a signed request to a real receiver, its answers, promotion."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.domain.alerts.signature import write_secret
from app.main import create_app
from app.settings import Settings
from tests.app.api.service import HOUR, KEY, START, add_up, calling, post, problem, rows, stamp
from tests.receivers import Receiver, answer, receiving

REQUESTED = "io.leeway.retraining.requested.v1"
MODEL = "looped"
MOVED = {"x": [float(i) + 100 for i in range(50)], "colour": ["red", "green", "blue"]}


@asynccontextmanager
async def guarded(folder: Path) -> AsyncIterator[FastAPI]:
    """A service with keys, which may call this machine."""
    app = create_app(
        Settings(data_dir=folder, api_keys=(KEY,), allow="127.0.0.1"),
        variables={"HOOK": write_secret(b"s" * 32)},
    )
    async with app.router.lifespan_context(app):
        yield app
        await add_up(app)


async def until(found: Callable[[], Any]) -> Any:
    for _ in range(1_200):
        if value := found():
            return value
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to pass")


def requests(receiver: Receiver) -> list[dict[str, Any]]:
    events = [json.loads(request.body) for request in receiver.requests]
    return [event["data"] for event in events if event["type"] == REQUESTED]


async def drifted(client: httpx.AsyncClient, url: str) -> None:
    """Declare a model whose drift asks a webhook, and send it a window that drifted."""
    target = {"kind": "webhook", "url": url, "secret": "env:HOOK"}
    assert (await client.put("/v1/targets/trainer", json=target)).status_code == 201
    assert (await client.put(f"/v1/models/{MODEL}", json={})).status_code == 201
    made = await client.post(f"/v1/models/{MODEL}/baselines", json=rows(2_000))
    assert made.status_code == 201, made.text
    policy = await client.put(f"/v1/models/{MODEL}/retraining", json={"target": "trainer"})
    assert policy.status_code == 201, policy.text
    await post(client, MODEL, rows(1_000, START, **MOVED))
    await post(client, MODEL, rows(1, START + 2 * HOUR))


async def alert_state(client: httpx.AsyncClient) -> str:
    items = (await client.get(f"/v1/alerts?model={MODEL}")).json()["items"]
    return str(items[0]["state"]) if items else "none"


async def test_drift_to_promotion(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with (
        guarded(tmp_path) as app,
        calling(app, headers={"Authorization": f"Bearer {KEY}"}) as client,
        calling(app) as stranger,
        receiving(answer(204)) as receiver,
    ):
        await drifted(client, receiver.url)
        (asked,) = await until(lambda: requests(receiver))
        token, path = asked["callback"]["token"], asked["callback"]["path"]
        mine = {"Authorization": f"Bearer {token}"}
        assert await alert_state(client) == "firing"
        await trained(client, stranger, (path, mine))
        assert await alert_state(client) == "resolved"
        run = (await client.get(f"/v1/retrainings/{asked['id']}")).json()
        assert [(one["source"], one["said"]) for one in run["history"] if one["changed"]] == [
            ("alert", "asked"),
            ("delivery", "accepted"),
            ("callback", "running"),
            ("callback", "succeeded"),
            ("callback", "promoted"),
        ]
        model = (await client.get(f"/v1/models/{MODEL}")).json()
        assert (model["champion"], model["active_baseline"]) == ("v2", run["baseline"])
        assert len(requests(receiver)) == 1
        shown = [run, (await client.get("/v1/retrainings")).json()]
        shown += [(await client.get("/v1/deliveries")).json()]
        shown += [(await client.get("/v1/deliveries/1")).json()]
        assert token not in json.dumps(shown)
        assert token not in (await client.get("/metrics")).text
        await wrong_tokens(client, stranger, (path, mine))
    logged = capfd.readouterr()
    assert "retraining" in logged.out + logged.err
    assert token not in logged.out + logged.err


async def trained(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, callback: tuple[str, dict[str, str]]
) -> None:
    """Do what an orchestrator does: run, register the version's own reference, promote."""
    path, mine = callback
    said = problem(await stranger.post(path, json={"state": "running"}), 401)
    assert said["title"] == "An API key is needed"
    for word in (
        {"state": "running"},
        {"state": "succeeded", "version": {"name": "v2", "lineage": {"commit": "3f1"}}},
    ):
        said = await stranger.post(path, json=word, headers=mine)
        assert (said.status_code, said.json()["changed"]) == (200, True), said.text
    reference = rows(2_000, START, **MOVED)
    own = await client.post(f"/v1/models/{MODEL}/baselines?version=v2", json=reference)
    assert own.status_code == 201, own.text
    promoted = await stranger.post(path, json={"state": "promoted"}, headers=mine)
    assert promoted.json()["baseline"] == own.json()["id"], promoted.text


async def wrong_tokens(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, callback: tuple[str, dict[str, str]]
) -> None:
    """A token opens the events of its run, and nothing else."""
    path, mine = callback
    for other in ("/v1/models", "/v1/retrainings", path.removesuffix("/events"), "/metrics"):
        problem(await stranger.get(other, headers=mine), 401)
    problem(await stranger.get(path, headers=mine), 401)
    another = await client.post(f"/v1/models/{MODEL}/retrainings", json={})
    assert another.status_code == 201, another.text
    theirs = f"/v1/retrainings/{another.json()['id']}/events"
    problem(await stranger.post(theirs, json={"state": "failed"}, headers=mine), 401)
    token = mine["Authorization"].removeprefix("Bearer ")
    for bent in (token[:-1], token + "x", token.upper(), "rtt_", "rtt_" + "é" * 20):
        headers = {"Authorization": f"Bearer {bent}".encode()}
        problem(await stranger.post(path, json={"state": "failed"}, headers=headers), 401)
    by_key = await client.post(theirs, json={"state": "failed", "detail": stamp(START)})
    assert by_key.json()["changed"] is True
