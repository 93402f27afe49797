"""Verdicts by their ids: what they carry, their counts, and what is kept back."""

import hashlib
import json

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.store import tables as t
from tests.app.api.service import START, judged, post, problem, rows, stamp, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
SENSITIVE = {
    "features": [
        {"name": "timestamp", "kind": "ignored", "role": "timestamp"},
        {"name": "x", "kind": "numeric"},
        {"name": "colour", "kind": "categorical", "sensitive": True},
    ]
}


async def test_a_verdict_carries_all_that_it_was_made_from(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    moved = rows(2_000, x=[float(i) + 30 for i in range(50)], colour=["red", "green", "blue"])
    await post(client, name, moved)
    window = await judged(client, app, name)
    found = (await client.get(f"/v1/verdicts/{window['verdict']['id']}")).json()
    assert (found["model"], found["version"], found["segment"]) == (name, "default", "")
    assert (found["window"]["start"], found["window"]["rows"]) == (stamp(START), 2_000)
    assert (found["revision"]["number"], found["revision"]["cause"]) == (1, "closed")
    assert found["state"] == "drift"
    assert found["features"] == window["features"]
    assert found["baseline"]["id"] == 1
    assert len(found["baseline"]["fingerprint"]) == len(found["declaration"]) == 64
    declared = (await client.get(f"/v1/models/{name}/monitors/default")).json()
    assert found["monitor"] == declared
    assert found["counts"]["kept"] is True
    assert found["code_version"] == app.version


async def test_a_verdict_keeps_the_declaration_of_its_version(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(500))
    window = await judged(client, app, name)
    path = f"/v1/verdicts/{window['verdict']['id']}"
    before = (await client.get(path)).json()
    changed = {"kind": "data_drift", "level": 0.01, "thresholds": {"psi": {"drift": 0.5}}}
    await client.put(f"/v1/models/{name}/monitors/default", json=changed)
    await client.delete(f"/v1/models/{name}/monitors/default")
    assert (await client.get(path)).json() == before
    assert (before["monitor"]["version"], before["monitor"]["level"]) == (1, 0.05)


async def test_the_digest_is_over_the_cells_that_are_answered(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await client.put(f"/v1/models/{name}", json={"schema": SENSITIVE})
    await client.post(f"/v1/models/{name}/baselines", json=rows(2_000))
    await post(client, name, rows(500))
    window = await judged(client, app, name)
    verdict = window["verdict"]["id"]
    answer = await client.get(f"/v1/verdicts/{verdict}/counts")
    counts = answer.json()
    assert (counts["form"], counts["reason"]) == ("leeway.counts/1", None)
    cells = np.concatenate([one["window"] for one in counts["features"]]).astype("<i8")
    assert hashlib.sha256(cells.tobytes()).hexdigest() == counts["digest"]
    assert all(sum(one["window"]) == 500 for one in counts["features"])
    assert all(len(one["window"]) == len(one["reference"]) for one in counts["features"])
    by_name = {one["feature"]: one for one in counts["features"]}
    assert by_name["x"]["grid"]["knots"]
    assert (by_name["colour"]["sensitive"], by_name["colour"]["grid"]) == (True, None)
    assert "red" not in answer.text


async def test_the_event_of_an_alert_names_its_verdict(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    target = {"kind": "webhook", "options": {"url": "https://example.com/"}}
    await client.put("/v1/targets/hook", json=target)
    moved = rows(2_000, x=[float(i) + 30 for i in range(50)], colour=["red", "green", "blue"])
    await post(client, name, moved)
    window = await judged(client, app, name)
    async with app.state.service.store.read() as unit:
        query = select(t.event.c.body).where(t.event.c.subject == f"{name}/default/default")
        body = (await unit.session.connection.execute(query)).scalar_one()
    assert json.loads(body)["data"]["verdict"]["id"] == window["verdict"]["id"]


@pytest.mark.parametrize("path", ["999999", "999999/counts"])
async def test_a_verdict_that_is_not_there(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(f"/v1/verdicts/{path}"), 404)
