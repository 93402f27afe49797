"""Retrainings over HTTP: policies, wishes, words, and what each key opens."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import problem, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOOK = {
    "kind": "webhook",
    "url": "https://93.184.215.14/hook",
    "secret": "env:UNSET",
    "enabled": True,
}
POLICY = {
    "target": "trainer",
    "on": ["drift"],
    "monitors": None,
    "cooldown": "1d",
    "maximum_age": None,
    "deadline": "6h",
    "poll_every": "1m",
    "enabled": True,
}
NOBODY = "/v1/retrainings/rtr_" + "0" * 32


async def declared(client: httpx.AsyncClient, name: str, **policy: object) -> httpx.Response:
    await client.put("/v1/targets/trainer", json=HOOK)
    return await client.put(f"/v1/models/{name}/retraining", json={"target": "trainer"} | policy)


async def asked(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    await with_baseline(client, name)
    assert (await declared(client, name)).status_code == 201
    answer = await client.post(f"/v1/models/{name}/retrainings", json={})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_policy_is_declared_read_and_removed(client: httpx.AsyncClient, name: str) -> None:
    path = f"/v1/models/{name}/retraining"
    problem(await declared(client, name), 404)
    await client.put(f"/v1/models/{name}", json={})
    problem(await client.get(path), 404)
    made = await declared(client, name)
    assert (made.status_code, made.json()) == (201, POLICY)
    changed = {"on": [], "maximum_age": "30d", "monitors": ["default"], "enabled": False}
    again = await declared(client, name, **changed)
    assert (again.status_code, again.json()) == (200, POLICY | changed)
    assert (await client.get(path)).json() == again.json()
    assert (await client.delete(path)).status_code == 204
    problem(await client.delete(path), 404)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"target": "nowhere"}, "/target"),
        ({"target": None}, "/target"),
        ({"on": ["manual"]}, "/on/0"),
        ({"on": "drift"}, "/on"),
        ({"cooldown": "P1D"}, "/cooldown"),
        ({"cooldown": "9999d"}, "/cooldown"),
        ({"deadline": "1s"}, "/deadline"),
        ({"deadline": "31d"}, "/deadline"),
        ({"poll_every": "1s"}, "/poll_every"),
        ({"maximum_age": "1m"}, "/maximum_age"),
        ({"monitors": ["no/slash"]}, "/monitors/0"),
        ({"enabled": 1}, "/enabled"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_a_wrong_policy_is_refused_where_it_is_wrong(
    client: httpx.AsyncClient, name: str, change: dict[str, object], pointer: str
) -> None:
    await client.put(f"/v1/models/{name}", json={})
    found = problem(await declared(client, name, **change), 422)
    assert pointer in [error["pointer"] for error in found["errors"]]


async def test_a_person_asks_and_tells_how_it_went(client: httpx.AsyncClient, name: str) -> None:
    made = await asked(client, name)
    assert (made["state"], made["cause"], made["detail"]) == (
        "requested",
        "manual",
        "asked for by hand",
    )
    busy = problem(await client.post(f"/v1/models/{name}/retrainings", json={}), 409)
    assert busy["type"].endswith(":retraining-in-flight")
    path = f"/v1/retrainings/{made['id']}"
    said = await client.post(
        f"{path}/events",
        json={"state": "succeeded", "version": {"name": "v2"}, "metrics": {"auc": 0.8}},
    )
    assert (said.status_code, said.json()) == (
        200,
        {
            "id": made["id"],
            "state": "succeeded",
            "reason": "trained",
            "changed": True,
            "challenger": "v2",
            "baseline": None,
        },
    )
    again = await client.post(f"{path}/events", json={"state": "running", "detail": "late"})
    assert (again.status_code, again.json()["reason"], again.json()["changed"]) == (
        200,
        "overtaken",
        False,
    )
    read = (await client.get(path)).json()
    assert [(one["source"], one["said"], one["changed"]) for one in read["history"]] == [
        ("person", "asked", True),
        ("person", "succeeded", True),
        ("person", "running", False),
    ]
    listed = (await client.get(f"/v1/retrainings?model={name}")).json()["items"]
    assert listed == [{key: read[key] for key in listed[0]}]
    assert (await client.get(f"/v1/retrainings?model={name}&state=failed")).json()["items"] == []
    assert (
        f'leeway_retrainings{{model="{name}",state="succeeded"}} 1.0'
        in (await client.get("/metrics")).text
    )
    versions = (await client.get(f"/v1/models/{name}/versions")).json()["items"]
    assert {v["name"]: v["role"] for v in versions}["v2"] == "challenger"


async def test_a_key_asks_once(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    problem(await client.post(f"/v1/models/{name}/retrainings", json={}), 409)
    await declared(client, name)
    path, key = f"/v1/models/{name}/retrainings", {"Idempotency-Key": "monday"}
    first = await client.post(path, json={"reason": "labels"}, headers=key)
    again = await client.post(path, json={"reason": "labels"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    problem(await client.post(path, json={"reason": "other"}, headers=key), 422)


async def test_the_list_is_in_pages(client: httpx.AsyncClient, name: str) -> None:
    made = await asked(client, name)
    for _ in range(2):
        await client.post(f"/v1/retrainings/{made['id']}/events", json={"state": "failed"})
        made = (await client.post(f"/v1/models/{name}/retrainings", json={})).json()
    seen, cursor = [], ""
    for _ in range(3):
        page = (await client.get(f"/v1/retrainings?model={name}&limit=1{cursor}")).json()
        seen += [one["id"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert len(set(seen)) == 3
    assert seen[0] == made["id"]
    assert page["next_cursor"] is None


@pytest.mark.parametrize(
    ("word", "pointer"),
    [
        ({"state": "accepted"}, "/state"),
        ({"state": "deadline"}, "/state"),
        ({}, "/state"),
        ({"state": "running", "detail": "x" * 2_001}, "/detail"),
        ({"state": "succeeded", "version": {"name": "a/b"}}, "/version/name"),
        ({"state": "succeeded", "version": "v2"}, "/version"),
        ({"state": "promoted"}, "/version"),
        ({"state": "promoted", "version": {"name": "v2"}, "baseline": 9}, "/baseline"),
        ({"state": "promoted", "version": {"name": "v2"}, "baseline": 0}, "/baseline"),
        ({"state": "running", "surprise": 1}, "/surprise"),
        ({"state": "running", "metrics": {"auc": "x" * 20_000}}, "/metrics"),
        (
            {"state": "succeeded", "version": {"name": "v2", "lineage": {"x": "y" * 20_000}}},
            "/version/lineage",
        ),
    ],
)
async def test_a_wrong_word_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, name: str, word: dict[str, object], pointer: str
) -> None:
    made = await asked(client, name)
    path = f"/v1/retrainings/{made['id']}"
    found = problem(await client.post(f"{path}/events", json=word), 422)
    assert pointer in [error["pointer"] for error in found["errors"]]
    after = (await client.get(path)).json()
    assert (after["state"], len(after["history"])) == ("requested", 1)


async def test_what_is_not_there(client: httpx.AsyncClient) -> None:
    problem(await client.get(NOBODY), 404)
    problem(await client.post(f"{NOBODY}/events", json={"state": "running"}), 404)
    problem(await client.get("/v1/retrainings/7"), 422)
    problem(await client.get("/v1/retrainings?model=nobody"), 404)
    problem(await client.get("/v1/retrainings?state=lost"), 422)


async def test_a_wrong_token_opens_nothing_also_where_no_keys_are_set(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    made = await asked(client, name)
    assert app.state.api.keys == ()
    wrong = {"Authorization": "Bearer rtt_" + "x" * 43}
    word = {"state": "running"}
    path = f"/v1/retrainings/{made['id']}/events"
    said = problem(await client.post(path, json=word, headers=wrong), 401)
    assert said["detail"].startswith("this token (rtt_...) is not that of the run")
    # it is not told whether there is such a run
    nobody = problem(await client.post(f"{NOBODY}/events", json=word, headers=wrong), 401)
    assert nobody["detail"] == said["detail"]
    problem(await client.get("/v1/models", headers=wrong), 401)
