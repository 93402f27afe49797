"""How long history is kept: declared with the model, and said where something is gone."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.store import tables as t
from tests.app.api.service import HOUR, START, judged, post, problem, rows, stamp, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
DEFAULTS = {
    "panes_days": 14,
    "hours_days": 90,
    "distributions_days": 90,
    "days_days": 730,
    "windows_days": 730,
}
DAY = timedelta(days=1)


async def test_what_is_declared_is_answered(client: httpx.AsyncClient, name: str) -> None:
    """Ages that are left out have their defaults; a declaration replaces the whole."""
    url = f"/v1/models/{name}"
    assert (await client.put(url, json={})).json()["retention"] == DEFAULTS
    some = {"retention": {"hours_days": 60, "windows_days": 3660}}
    assert (await client.put(url, json=some)).json()["retention"] == DEFAULTS | some["retention"]
    assert (await client.get(url)).json()["retention"]["hours_days"] == 60
    assert (await client.put(url, json={})).json()["retention"] == DEFAULTS


@pytest.mark.parametrize(
    ("retention", "pointer"),
    [
        ({"panes_days": 0}, "/retention/panes_days"),
        ({"panes_days": 1.5}, "/retention/panes_days"),
        ({"windows_days": 3661}, "/retention/windows_days"),
        ({"months": 3}, "/retention/months"),
        ({"panes_days": 91}, "/retention/hours_days"),
        ({"hours_days": 731}, "/retention/days_days"),
        ({"days_days": 731}, "/retention/windows_days"),
        ({"distributions_days": 13}, "/retention/distributions_days"),
        ({"distributions_days": 731}, "/retention/windows_days"),
        (14, "/retention"),
    ],
)
async def test_ages_that_contradict_each_other_are_refused(
    client: httpx.AsyncClient, name: str, retention: object, pointer: str
) -> None:
    answer = problem(await client.put(f"/v1/models/{name}", json={"retention": retention}), 422)
    assert answer["errors"][0]["pointer"] == pointer


async def test_windows_stay_until_they_are_final(client: httpx.AsyncClient, name: str) -> None:
    short = dict.fromkeys(DEFAULTS, 20)
    refused = await client.put(f"/v1/models/{name}", json={"retention": short})
    assert problem(refused, 422)["errors"][0]["pointer"] == "/retention/windows_days"
    fits = {"retention": short, "final_after": "20d"}
    assert (await client.put(f"/v1/models/{name}", json=fits)).status_code == 201


async def aged(client: httpx.AsyncClient, app: FastAPI, name: str, **days: int) -> None:
    """Declare short ages, let all windows be closed for long, and keep house until all is done."""
    declaration = {"final_after": "0m", "retention": dict.fromkeys(DEFAULTS, 3660) | days}
    answer = await client.put(f"/v1/models/{name}", json=declaration)
    assert answer.status_code == 200, answer.text
    store = app.state.api.store
    async with store.write() as unit:
        model = await unit.models.find(name)
        connection = unit.session.connection
        mine = (t.window.c.model_id == model.id) & t.window.c.closed_at.is_not(None)
        await connection.execute(update(t.window).where(mine).values(closed_at=START + DAY))
        await connection.execute(
            update(t.model).where(t.model.c.id == model.id).values(retain_at=None)
        )
    turn: str | None = "begin"
    while turn is not None:
        async with store.write() as unit:
            turn = await unit.upkeep.retain()


async def from_windows(client: httpx.AsyncClient, name: str, hours: int) -> httpx.Response:
    span = {"from": stamp(START), "to": stamp(START + hours * HOUR)}
    return await client.post(f"/v1/models/{name}/baselines", json={"windows": span})


async def read(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_gone_is_said(client: httpx.AsyncClient, app: FastAPI, name: str) -> None:
    """Bins go before the verdict, and counts become days; what is aligned stays exact."""
    await with_baseline(client, name)
    await post(client, name, rows(400))
    before = await judged(client, app, name)
    assert before["counts_kept"]
    url = f"/v1/models/{name}/windows/{stamp(START)}"
    shown = await read(client, f"{url}/features/x")
    assert shown["bins"]
    await aged(client, app, name, panes_days=1, hours_days=1, distributions_days=1)

    after = await read(client, url)
    assert after == before | {"status": "final", "counts_kept": False}
    bare = await read(client, f"{url}/features/x")
    assert bare == shown | {"bins": [], "reason": "removed"}
    assert problem(await from_windows(client, name, 1), 409)["type"].endswith(":coarsened")
    whole = await from_windows(client, name, 24)
    assert whole.status_code == 201, whole.text
    assert whole.json()["rows"] == 401

    await aged(client, app, name, **dict.fromkeys(DEFAULTS, 2))
    gone = problem(await client.get(url), 404)
    assert gone["type"].endswith(":removed")
    assert stamp(START + HOUR) in gone["detail"]
    assert problem(await from_windows(client, name, 24), 409)["type"].endswith(":removed")
    late = await post(client, name, rows(5), {"Idempotency-Key": "again"})
    assert late["late"] == 5


async def test_what_is_due_can_be_seen_beforehand(client: httpx.AsyncClient, name: str) -> None:
    url = f"/v1/models/{name}/retention"
    assert problem(await client.get(url), 404)
    await with_baseline(client, name)
    await post(client, name, rows(100))
    found = (await client.get(url)).json()
    assert found["retention"] == DEFAULTS
    assert [one["after"] for one in found["rungs"]] == ["30d", "90d", "90d", "730d", "730d"]
    assert [one["due"] for one in found["rungs"]] == [0] * 5
    assert {one["rung"]: one["next_at"] for one in found["rungs"]}["panes_to_hours"] is None
