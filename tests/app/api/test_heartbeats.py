"""What sources say they sent, held against what came."""

import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import HOUR, START, judged, post, problem, rows, stamp, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def say(
    client: httpx.AsyncClient, name: str, count: int, source: str = "http", **more: object
) -> httpx.Response:
    said = {"source": source, "from": stamp(START), "to": stamp(START + HOUR), "rows": count}
    return await client.post(f"/v1/models/{name}/heartbeats", json={**said, **more})


async def window(client: httpx.AsyncClient, name: str) -> dict[str, object]:
    return dict((await client.get(f"/v1/models/{name}/windows/{stamp(START)}")).json())


async def test_a_window_says_what_is_missing_and_is_complete_when_it_came(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(1_500))
    found = await judged(client, app, name)
    assert (found["expected_rows"], found["missing_rows"], found["incomplete"]) == (None,) * 3
    assert (await say(client, name, 1_200)).json()["version"] == "default"
    await say(client, name, 800, source="edge")
    found = await window(client, name)
    assert (found["expected_rows"], found["missing_rows"], found["incomplete"]) == (
        2_000,
        500,
        True,
    )
    assert found["verdict"] is not None
    metrics = (await client.get("/metrics")).text
    lines = [one for one in metrics.splitlines() if f'missing_rows{{model="{name}"' in one]
    assert {float(line.split()[-1]) for line in lines} == {500}
    assert any('monitor="default"' in line for line in lines)
    assert (await say(client, name, 300, source="edge")).status_code == 200
    found = await window(client, name)
    assert (found["expected_rows"], found["missing_rows"], found["incomplete"]) == (1_500, 0, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", "2026-03-02T03:01:00Z"),
        ("to", stamp(START)),
        ("to", stamp(START + 2 * HOUR)),
        ("rows", -1),
        ("rows", 1.5),
        ("rows", True),
        ("rows", 10**16),
        ("source", "no name"),
        ("surplus", 1),
    ],
)
async def test_what_cannot_be_held_against_a_window_is_refused(
    client: httpx.AsyncClient, name: str, field: str, value: object
) -> None:
    await client.put(f"/v1/models/{name}", json={"window": "1h"})
    answer = await say(client, name, 5, **{field: value})
    assert answer.status_code in (400, 422)
    assert problem(answer, answer.status_code)["errors"][0]["field"] == field


async def test_a_model_that_is_not_there_has_no_heart(client: httpx.AsyncClient) -> None:
    assert (await say(client, "nobody", 5)).status_code == 404


def span(start: int, end: int) -> dict[str, object]:
    """Return quarters of the first hour."""
    return {"from": stamp(START + HOUR * start / 4), "to": stamp(START + HOUR * end / 4)}


async def test_spans_of_one_source_never_add_up_twice(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(40))
    for quarter in range(4):
        assert (await say(client, name, 10, **span(quarter, quarter + 1))).status_code == 200
    await judged(client, app, name)
    assert (await window(client, name))["expected_rows"] == 40
    await say(client, name, 50)  # the hour takes the place of its quarters
    found = await window(client, name)
    assert (found["expected_rows"], found["missing_rows"]) == (50, 10)
    told = problem(await say(client, name, 10, **span(0, 1)), 409)  # what is left of the 50?
    assert told["type"].endswith(":heartbeat-overlap")
    assert f"{stamp(START)} to {stamp(START + HOUR)}" in told["detail"]
    assert (await say(client, name, 10, source="edge", **span(0, 1))).status_code == 200
    assert (await window(client, name))["expected_rows"] == 60
