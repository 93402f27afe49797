"""Refused batches can be found by whoever did not send them; metrics and lists agree."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import post, problem, rows, totals, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
CANARY = "canary-4711"


async def send(
    client: httpx.AsyncClient, model: str, body: bytes | list[dict[str, Any]], **headers: str
) -> int:
    path = f"/v1/models/{model}/batches"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes):
        sent = {"Content-Type": "application/json"} | named
        return (await client.post(path, content=body, headers=sent)).status_code
    return (await client.post(path, json=body, headers=named)).status_code


async def listed(client: httpx.AsyncClient, model: str, **query: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/models/{model}/rejections", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def counter(client: httpx.AsyncClient, model: str) -> dict[str, float]:
    text = (await client.get("/metrics")).text
    start = f'leeway_rejected_batches_total{{model="{model}",reason="'
    lines = [line.removeprefix(start) for line in text.splitlines() if line.startswith(start)]
    return {line.partition('"')[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_every_reason_is_listed_and_counted(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    bad = [*rows(3), {"timestamp": CANARY, "x": 1.0}]
    await client.put(f"/v1/models/{name}", json={})
    assert await send(client, name, rows(2), Idempotency_Key="early") == 409
    await with_baseline(client, f"{name}-other")
    made = await client.post(f"/v1/models/{name}/baselines", json=rows(2_000))
    assert made.status_code == 201
    assert await send(client, name, bad, Idempotency_Key="bad", Leeway_Source="s3") == 422
    assert await send(client, name, b'[{"x": ' + CANARY.encode()) == 400
    assert await send(client, name, b"[]", Content_Type="text/plain") == 415
    assert await send(client, name, b'[{"x": "' + b"x" * 9_000 + b'"}]') == 413
    await post(client, name, rows(5), {"Idempotency-Key": "good"})
    assert await send(client, name, rows(6), Idempotency_Key="good") == 422
    items = await listed(client, name)
    assert [(item["reason"], item["key"], item["rows"]) for item in items] == [
        ("key-reused", "good", 6),
        ("too-large", None, 0),
        ("unsupported-media-type", None, 0),
        ("malformed", None, 0),
        ("invalid", "bad", 4),
        ("no-baseline", "early", 2),
    ]
    (found,) = await listed(
        client, name, reason="invalid", source="s3", since="2024-01-01T00:00:00Z"
    )
    assert found["errors"][0]["pointer"] == "/3/timestamp"
    assert found["errors"][0]["row"] == 3
    one = await client.get(f"/v1/models/{name}/rejections/{found['id']}")
    assert one.json() == found
    assert CANARY not in str(items)
    assert await counter(client, name) == {item["reason"]: 1 for item in items}
    sums = await totals(app, name)
    assert (sums["received"], sums["counted"], sums["rejected"]) == (5 + 12, 5, 12)


async def test_what_no_model_is_to_blame_for_is_counted_by_route(
    client: httpx.AsyncClient, name: str
) -> None:
    async def refused(status: int) -> float:
        text = (await client.get("/metrics")).text
        start = (
            f'leeway_http_refused_total{{route="/v1/models/{{model}}/batches",status="{status}"}} '
        )
        found = [line for line in text.splitlines() if line.startswith(start)]
        return float(found[0].removeprefix(start)) if found else 0.0

    for status, media_type in ((404, "application/json"), (415, "text/plain")):
        before = await refused(status)
        body = b'[{"x": 1}]'
        assert await send(client, name, body, Content_Type=media_type) == status
        assert await refused(status) == before + 1
    assert await counter(client, name) == {}


async def test_pages_go_on_to_the_end(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    for n in range(5):
        await send(client, name, b"nothing", Idempotency_Key=f"k{n}")
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"/v1/models/{name}/rejections", params=query)).json()
        seen += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["k4", "k3", "k2", "k1", "k0"]


async def test_what_is_not_there_is_a_problem(client: httpx.AsyncClient, name: str) -> None:
    problem(await client.get(f"/v1/models/{name}/rejections"), 404)
    await with_baseline(client, name)
    problem(await client.get(f"/v1/models/{name}/rejections/1"), 404)
    problem(await client.get(f"/v1/models/{name}/rejections?reason=any"), 422)
    assert await listed(client, name) == []
    assert await counter(client, name) == {}


@pytest.mark.parametrize(
    "query", ["reason=invalid&reason=malformed", "reason=invalid&reason=invalid", "limit=1&limit=2"]
)
async def test_a_filter_that_stands_twice_is_refused(
    client: httpx.AsyncClient, name: str, query: str
) -> None:
    await client.put(f"/v1/models/{name}", json={})
    refused = problem(await client.get(f"/v1/models/{name}/rejections?{query}"), 422)
    (fault,) = refused["errors"]
    assert fault["field"] == query.partition("=")[0]
    assert fault["detail"] == "this query parameter stands more than once"


async def test_a_version_that_stands_twice_counts_no_rows(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/batches?version=a&version=b"
    problem(await client.post(path, json=rows(3)), 422)
    versions = (await client.get(f"/v1/models/{name}/versions")).json()["items"]
    assert not {"a", "b"} & {one["name"] for one in versions}
