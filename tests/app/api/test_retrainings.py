"""Retrainings over HTTP: policies, wishes, words, and what each key opens."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import problem, rows, with_baseline

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
        ({"monitors": []}, "/monitors"),
        ({"monitors": ["default", "nobody"]}, "/monitors/1"),
        ({"monitors": ["traffic"]}, "/monitors/0"),
        ({"monitors": ["retraining"]}, "/monitors/0"),
        ({"on": ["drift", "performance"]}, "/on/1"),
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


@pytest.mark.parametrize(
    ("change", "way_out"),
    [
        ({"monitors": ["nobody"]}, "there is no monitor 'nobody': declare it first"),
        ({"monitors": ["traffic"]}, "alerts of 'traffic' ask for no retraining: leave it out"),
        (
            {"monitors": []},
            "names none, so no alert asks: null stands for all that watch drift, `on: []` for none",
        ),
        (
            {"on": ["performance"]},
            "performance needs labels, which this service cannot take yet",
        ),
        ({"deadline": "1s"}, "must lie between 1m and 30d"),
        ({"cooldown": "9999d"}, "must lie between 0s and 366d"),
        ({"maximum_age": "1m"}, "must lie between 1h and 3660d"),
    ],
)
async def test_a_refusal_says_the_way_out(
    client: httpx.AsyncClient, name: str, change: dict[str, object], way_out: str
) -> None:
    await with_baseline(client, name)
    found = problem(await declared(client, name, **change), 422)
    assert [error["detail"] for error in found["errors"]] == [way_out]


async def test_all_that_is_wrong_is_told_at_once(client: httpx.AsyncClient, name: str) -> None:
    await client.put(f"/v1/models/{name}", json={})
    change = {"target": "nowhere", "monitors": ["nobody", "default", "traffic"]}
    found = problem(await declared(client, name, **change), 422)
    pointers = [error["pointer"] for error in found["errors"]]
    assert pointers == ["/target", "/monitors/0", "/monitors/2"]


async def test_monitors_that_the_first_baseline_brings_may_be_named_before(
    client: httpx.AsyncClient, name: str
) -> None:
    model = f"/v1/models/{name}"
    await client.put(model, json={})
    usual = ["default", "predictions", "quality"]
    assert (await declared(client, name, monitors=usual)).status_code == 201
    # a schema that is declared tells whether there are outputs
    told = [{"name": "timestamp", "kind": "ignored", "role": "timestamp"}]
    told += [{"name": "x", "kind": "numeric"}]
    assert (await client.put(model, json={"schema": {"features": told}})).status_code == 200
    found = problem(await declared(client, name, monitors=usual), 422)
    assert [error["pointer"] for error in found["errors"]] == ["/monitors/1"]
    # what was deleted does not come back
    await client.put(f"{model}/monitors/quality", json={"kind": "data_quality"})
    assert (await declared(client, name, monitors=["default"])).status_code == 200
    assert (await client.delete(f"{model}/monitors/quality")).status_code == 204
    problem(await declared(client, name, monitors=["quality"]), 422)
    # and after the first baseline only what is there
    await client.post(f"{model}/baselines", json=rows(2_000, x=[1.0, 2.0, 3.0]))
    assert (await declared(client, name, monitors=["default"])).status_code == 200
    problem(await declared(client, name, monitors=["predictions"]), 422)


async def test_a_monitor_that_the_policy_names_stays_until_it_does_not(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    monitor = f"/v1/models/{name}/monitors/inputs"
    body = {"kind": "data_drift"}
    assert (await client.put(monitor, json=body)).status_code == 201
    assert (await declared(client, name, monitors=["inputs"])).status_code == 201
    refused = problem(await client.delete(monitor), 409)
    assert refused["type"] == "urn:leeway:problem:monitor-in-use"
    assert refused["detail"] == (
        f"the retraining policy of {name} names monitor 'inputs': declare it without that monitor "
        "first, or switch the monitor off with `enabled: false`"
    )
    # the way out that keeps both
    assert (await client.put(monitor, json=body | {"enabled": False})).status_code == 200
    # and the one that does not
    assert (await declared(client, name)).status_code == 200
    assert (await client.delete(monitor)).status_code == 204


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
