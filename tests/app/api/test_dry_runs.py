import asyncio
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from app.api.gate import Gate
from app.api.state import DRY_RUNS
from tests.app.api.service import HOUR, START, judged, post, problem, rows, stamp, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
SPAN = {"from": "2024-01-01T00:00:00Z", "to": "2024-01-02T00:00:00Z"}
MOVED = [float(i + 100) for i in range(50)]
COLOURS = ["red", "green", "blue"]


async def test_a_proposal_is_tried_and_nothing_is_written(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    for hour, x in enumerate([None, MOVED, None]):
        calm = [float(i) for i in range(50)]
        await post(client, name, rows(400, START + hour * HOUR, x=x or calm, colour=COLOURS))
        await judged(client, app, name, START + hour * HOUR)
    path = f"/v1/models/{name}/monitors/mine/dry-run"
    body = {"kind": "data_drift", "resolve_after": 1, "severity": "P1"}
    answer = await client.post(path, params=SPAN, json=body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    windows = told["windows"]
    assert (windows["looked_at"], windows["judged"], windows["drifted"]) == (3, 3, 1)
    assert windows["left_out"] == {"removed": 0, "merged": 0, "grid": 0}
    assert told["page_level"] == pytest.approx(0.1 / 4_320)
    assert (told["champion"], told["baselines"], told["version"]) == (True, [1], "default")
    one, two = (stamp(START + hour * HOUR) for hour in (1, 2))
    items = [{"start": one, "end": two, "severity": "P1", "worst": ["x"]}]
    assert told["alerts"] == {"fired": 1, "resolved": 1, "items": items, "left_out": 0}
    first, other = told["features"]
    assert (first["feature"], first["drifted"], other["drifted"]) == ("x", 1, 0)
    psi = first["statistics"]["psi"]
    assert psi["at"] == one
    assert psi["largest"] < psi["suggested"] < 1.02 * psi["largest"]
    assert other["statistics"]["psi"]["suggested"] == 0
    assert (told["suggestions"]["allowed"], told["suggestions"]["enough"]) == (0, False)
    assert "too short" in told["suggestions"]["remark"]
    problem(await client.get(f"/v1/models/{name}/monitors/mine"), 404)
    alerts = (await client.get("/v1/alerts")).json()["items"]
    assert [a["monitor"] for a in alerts if a["model"] == name] == ["default"]

    kept = body | {"thresholds": {"psi": {"drift": psi["suggested"]}}}
    generous = {**SPAN, "budget": "1000"}
    again = (await client.post(path, params=generous, json=kept)).json()
    assert again["suggestions"]["allowed"] == 1
    assert again["features"][0]["statistics"]["psi"]["suggested"] == 0


async def test_without_a_body_the_present_declaration_is_tried(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(400))
    await judged(client, app, name)
    path = f"/v1/models/{name}/monitors"
    told = (await client.post(f"{path}/default/dry-run", params=SPAN)).json()
    assert (told["windows"]["looked_at"], told["windows"]["judged"]) == (1, 1)
    assert told["page_level"] == pytest.approx(0.1 / 2_160)
    nothing = (await client.post(f"{path}/quality/dry-run")).json()
    assert (nothing["windows"]["looked_at"], nothing["page_level"]) == (0, None)
    assert "nothing can be suggested" in nothing["suggestions"]["remark"]


async def test_what_cannot_be_tried_is_refused(client: httpx.AsyncClient, name: str) -> None:
    await client.put(f"/v1/models/{name}", json={})
    path = f"/v1/models/{name}/monitors/mine/dry-run"
    body = {"kind": "data_drift"}
    assert problem(await client.post(path, json=body), 409)["type"].endswith(":no-baseline")
    problem(await client.post("/v1/models/nobody/monitors/mine/dry-run", json=body), 404)
    other = f"{name}-ready"
    await with_baseline(client, other)
    path = f"/v1/models/{other}/monitors/mine/dry-run"
    problem(await client.post(path), 404)
    problem(await client.post(path, json=body, params={"version": "none"}), 404)
    problem(
        await client.post(path, json=body, params={"from": SPAN["to"], "to": SPAN["from"]}), 422
    )
    problem(await client.post(path, json=body, params={"budget": "0"}), 422)
    problem(await client.post(path, json=body | {"fire_of": 31}), 422)
    problem(await client.post(path, json={"kind": "data_drift", "window": "7m"}), 422)
    problem(await client.post(path, content=b"{}", headers={"content-type": "text/csv"}), 415)
    problem(await client.post(path, content=b"{}"), 415)


async def test_so_many_at_a_time_and_others_come_again(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/default/dry-run"
    gate = app.state.api.dry_runs
    quick = Gate(DRY_RUNS, 0.01, "other dry runs are under way", 5.0)
    app.state.api = replace(app.state.api, dry_runs=quick)
    try:
        async with quick.admitted("a", 1), quick.admitted("b", 1):
            answer = await client.post(path)
        assert problem(answer, 429)["type"].endswith(":overloaded")
        assert answer.headers["retry-after"] == "5"
        assert (await client.post(path)).status_code == 200
    finally:
        app.state.api = replace(app.state.api, dry_runs=gate)
    async with gate.admitted(name, DRY_RUNS):
        waiting = asyncio.create_task(client.post(path))
        for _ in range(3_000):
            if gate.waiting:
                break
            await asyncio.sleep(0.02)
        assert gate.waiting == 1
    assert (await waiting).status_code == 200


async def test_the_span_is_told_as_it_was_asked_also_where_there_are_no_windows(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/slow/dry-run"
    for window in ("1h", "2h", {"rows": 700}):
        body = {"kind": "data_drift", "window": window}
        told = (await client.post(path, params=SPAN, json=body)).json()
        assert (told["from"], told["to"]) == (SPAN["from"], SPAN["to"])
        assert told["windows"]["looked_at"] == 0
