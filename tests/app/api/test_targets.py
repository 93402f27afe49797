import asyncio

import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLIC = {
    "kind": "webhook",
    "url": "https://93.184.215.14/hook",
    "secret": "env:LEEWAY_TEST_SECRET",
}


async def test_a_target_is_declared_read_and_deleted(client: httpx.AsyncClient, name: str) -> None:
    path = f"/v1/targets/{name}"
    made = await client.put(path, json=PUBLIC)
    assert made.status_code == 201, made.text
    assert made.json() == PUBLIC | {
        "name": name,
        "enabled": True,
        "disabled_reason": None,
        "takes": ["alerts", "retrainings"],
        "severities": None,
        "previous_secret": None,
        "signature": "standard",
        "signature_header": "x-hub-signature-256",
        "delivery_header": None,
        "event_header": None,
    }
    rotated = PUBLIC | {"previous_secret": "env:OLD", "enabled": False}
    again = await client.put(path, json=rotated)
    assert (again.status_code, again.json()["previous_secret"]) == (200, "env:OLD")
    assert again.json()["enabled"] is False
    assert (await client.get(path)).json() == again.json()
    assert (await client.delete(path)).status_code == 204
    problem(await client.get(path), 404)
    problem(await client.delete(path), 404)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "pigeon"}, "/kind"),
        ({"kind": None}, "/kind"),
        ({"url": "ftp://example.com"}, "/url"),
        ({"url": "https://user:tiger@example.com/"}, "/url"),
        ({"url": "http://127.0.0.1:9/"}, "/url"),
        ({"url": "http://169.254.169.254/latest"}, "/url"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "/url"),
        ({"url": 5}, "/url"),
        ({"secret": "whsec_cGxhaW50ZXh0cGxhaW50ZXh0"}, "/secret"),
        ({"previous_secret": "plain"}, "/previous_secret"),
        ({"surprise": 1}, "/surprise"),
        ({"enabled": "yes"}, "/enabled"),
        ({"takes": ["gossip"]}, "/takes/0"),
        ({"takes": []}, "/takes"),
        ({"severities": []}, "/severities"),
        ({"severities": ["P5"]}, "/severities/0"),
        ({"takes": ["retrainings"], "severities": ["P1"]}, "/severities"),
        ({"kind": "slack", "url": "env:A", "secret": None, "takes": ["retrainings"]}, "/secret"),
    ],
)
async def test_a_wrong_option_is_refused_where_it_is_wrong(
    client: httpx.AsyncClient, name: str, change: dict[str, object], pointer: str
) -> None:
    answer = await client.put(f"/v1/targets/{name}", json=PUBLIC | change)
    found = problem(answer, 422)
    assert pointer in [error["pointer"] for error in found["errors"]]
    assert "whsec_" not in answer.text
    assert "tiger" not in answer.text
    problem(await client.get(f"/v1/targets/{name}"), 404)


async def test_targets_are_listed_by_name(client: httpx.AsyncClient) -> None:
    for one in ("list-b", "list-a"):
        await client.put(f"/v1/targets/{one}", json=PUBLIC)
    first = (await client.get("/v1/targets?limit=1")).json()
    rest = (await client.get(f"/v1/targets?cursor={first['next_cursor']}")).json()
    names = [one["name"] for one in [*first["items"], *rest["items"]]]
    assert names == sorted(names)
    assert {"list-a", "list-b"} <= set(names)


async def test_a_try_becomes_a_delivery_with_its_attempts(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await client.put(f"/v1/targets/{name}", json=PUBLIC)
    queued = await client.post(f"/v1/targets/{name}/test")
    assert queued.status_code == 202
    path = f"/v1/deliveries/{queued.json()['delivery']}"
    for _ in range(1_200):
        app.state.service.workers.delivering.signal.set()
        delivery = (await client.get(path)).json()
        if delivery["attempts"]:
            break
        await asyncio.sleep(0.05)
    assert (delivery["target"], delivery["state"]) == (name, "pending")
    assert delivery["event_type"] == "io.leeway.target.test.v1"
    # The secret that it refers to is not set here, so nothing was ever sent.
    assert delivery["attempts"][0]["status"] is None
    assert "LEEWAY_TEST_SECRET" in delivery["attempts"][0]["error"]
    listed = (await client.get(f"/v1/deliveries?target={name}&state=pending")).json()["items"]
    assert listed == [{key: delivery[key] for key in listed[0]}]
    again = await client.post(f"{path}/redeliver")
    assert (again.status_code, again.json()) == (202, queued.json())
    assert (await client.get(path)).json()["event_id"] == delivery["event_id"]


async def test_what_cannot_be_tried(client: httpx.AsyncClient, name: str) -> None:
    problem(await client.post(f"/v1/targets/{name}/test"), 404)
    await client.put(f"/v1/targets/{name}", json=PUBLIC | {"enabled": False})
    problem(await client.post(f"/v1/targets/{name}/test"), 409)
    problem(await client.get("/v1/deliveries/99999"), 404)
    problem(await client.post("/v1/deliveries/99999/redeliver"), 404)
    problem(await client.get("/v1/deliveries?state=lost"), 422)
    problem(await client.get("/v1/deliveries/99999999999999999999"), 422)


DAG = {
    "kind": "airflow",
    "base_url": "https://93.184.215.14",
    "dag_id": "retrain",
    "token": "env:LEEWAY_TEST_SECRET",
    "conf": {"model": "${model}"},
}


async def test_a_target_takes_what_its_kind_takes_or_less(
    client: httpx.AsyncClient, name: str
) -> None:
    path = f"/v1/targets/{name}"
    assert (await client.put(path, json=PUBLIC | {"takes": ["alerts"]})).json()["takes"] == [
        "alerts"
    ]
    assert (await client.get(path)).json()["takes"] == ["alerts"]
    refused = problem(await client.put(path, json=DAG | {"takes": ["alerts"]}), 422)
    assert [error["pointer"] for error in refused["errors"]] == ["/takes"]
    made = (await client.put(path, json=DAG)).json()
    assert (made["takes"], made["conf"]) == (["retrainings"], {"model": "${model}"})


async def test_a_target_hears_of_some_severities(client: httpx.AsyncClient, name: str) -> None:
    path = f"/v1/targets/{name}"
    made = await client.put(path, json=PUBLIC | {"severities": ["P2", "P1"]})
    assert made.json()["severities"] == ["P1", "P2"]
    assert (await client.get(path)).json()["severities"] == ["P1", "P2"]
    refused = problem(await client.put(path, json=DAG | {"severities": ["P4"]}), 422)
    assert [error["pointer"] for error in refused["errors"]] == ["/severities"]


async def test_a_check_says_what_is_wrong(client: httpx.AsyncClient, name: str) -> None:
    path = f"/v1/targets/{name}"
    problem(await client.post(f"{path}/check"), 404)
    await client.put(path, json=DAG)
    checked = await client.post(f"{path}/check")
    assert (checked.status_code, checked.json()) == (
        200,
        {
            "troubles": [
                {
                    "code": "no-secret",
                    "message": "there is no secret at env:LEEWAY_TEST_SECRET",
                    "pointer": "/token",
                }
            ]
        },
    )
    await client.put(path, json=PUBLIC | {"previous_secret": "env:ANOTHER"})
    found = (await client.post(f"{path}/check")).json()["troubles"]
    assert [trouble["pointer"] for trouble in found] == ["/secret", "/previous_secret"]


async def test_the_test_of_an_orchestrator_is_a_check(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await client.put(f"/v1/targets/{name}", json=DAG)
    queued = await client.post(f"/v1/targets/{name}/test")
    path = f"/v1/deliveries/{queued.json()['delivery']}"
    for _ in range(1_200):
        app.state.service.workers.delivering.signal.set()
        delivery = (await client.get(path)).json()
        if delivery["attempts"]:
            break
        await asyncio.sleep(0.05)
    (attempt,) = delivery["attempts"]
    assert attempt["error"] == "there is no secret at env:LEEWAY_TEST_SECRET"
    assert attempt["run"] is None


async def test_a_target_that_somebody_names_stays_until_nobody_does(
    client: httpx.AsyncClient, name: str
) -> None:
    path, model = f"/v1/targets/{name}", f"/v1/models/{name}"
    monitor = {"kind": "data_drift", "targets": [name]}
    for declared, body in (
        (path, PUBLIC),
        (model, {}),
        (f"{model}/monitors/inputs", monitor),
        (f"{model}/retraining", {"target": name}),
    ):
        assert (await client.put(declared, json=body)).status_code == 201
    refused = problem(await client.delete(path), 409)
    assert refused["type"] == "urn:leeway:problem:target-in-use"
    named = f"monitor {name}/inputs and the retraining policy of {name} name target {name!r}"
    assert refused["detail"].startswith(named)
    assert (await client.get(path)).status_code == 200
    # the way out that keeps the declarations
    off = await client.put(path, json=PUBLIC | {"enabled": False})
    assert off.status_code == 200
    assert (await client.put(f"{model}/monitors/inputs", json=monitor)).status_code == 200
    # and the one that does not
    assert (await client.delete(f"{model}/retraining")).status_code == 204
    without = await client.put(f"{model}/monitors/inputs", json={"kind": "data_drift"})
    assert without.status_code == 200
    assert (await client.delete(path)).status_code == 204


async def test_what_is_gone_itself_keeps_no_target(client: httpx.AsyncClient, name: str) -> None:
    path, model = f"/v1/targets/{name}", f"/v1/models/{name}"
    await client.put(path, json=PUBLIC)
    await client.put(model, json={})
    for monitor, features in (("old", {}), ("other", {"include": [name]})):
        body = {"kind": "data_drift", "targets": [name], "features": features}
        assert (await client.put(f"{model}/monitors/{monitor}", json=body)).status_code == 201
    assert (await client.delete(f"{model}/monitors/old")).status_code == 204
    # the name stands in what is left of it, and is no target there
    left = {"kind": "data_drift", "features": {"include": [name]}}
    assert (await client.put(f"{model}/monitors/other", json=left)).status_code == 200
    await client.put(f"{model}-gone", json={})
    hidden = {"kind": "data_drift", "targets": [name]}
    await client.put(f"{model}-gone/monitors/inputs", json=hidden)
    problem(await client.delete(path), 409)
    assert (await client.delete(f"{model}-gone")).status_code in {202, 204}
    assert (await client.delete(path)).status_code == 204
