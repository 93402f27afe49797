"""Each row once, as clients see it; and keys that are given twice."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.app.api.service import post, problem, rows

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEATURES = [
    {"name": "timestamp", "kind": "ignored", "role": "timestamp"},
    {"name": "id", "kind": "ignored", "role": "id"},
    {"name": "x", "kind": "numeric"},
]


async def asked_for(client: httpx.AsyncClient, name: str, horizon: int = 31) -> None:
    declared = await client.put(
        f"/v1/models/{name}",
        json={
            "schema": {"features": FEATURES},
            "deduplicate_rows": {"horizon_days": horizon},
        },
    )
    assert declared.status_code == 201, declared.text
    assert declared.json()["deduplicate_rows"] == {"horizon_days": horizon}


def some(first: int, last: int) -> list[dict[str, object]]:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return [
        {"timestamp": (start - timedelta(seconds=i)).isoformat(), "id": i, "x": float(i)}
        for i in range(first, last)
    ]


async def test_rows_sent_in_other_batches_are_duplicates(
    client: httpx.AsyncClient, name: str
) -> None:
    await asked_for(client, name)
    made = await client.post(f"/v1/models/{name}/baselines", json=some(0, 2_000))
    assert made.status_code == 201, made.text
    first = await post(client, name, some(0, 30))
    assert (first["counted"], first["duplicate"], first["rows_deduplicated"]) == (30, 0, True)
    again = await post(client, name, some(20, 50), {"Leeway-Source": "other"})
    assert (again["received"], again["counted"], again["duplicate"]) == (30, 20, 10)
    kept = await client.get(f"/v1/models/{name}/batches/{again['key']}")
    assert kept.json() == again
    text = (await client.get("/metrics")).text
    assert (
        f'leeway_ingest_rows_total{{model="{name}",result="duplicate",version="default"}} 10'
        in (text)
    )
    assert "leeway_row_ids_limit 100000000.0" in text


async def test_rows_without_an_id_are_refused_and_named(
    client: httpx.AsyncClient, name: str
) -> None:
    await asked_for(client, name)
    await client.post(f"/v1/models/{name}/baselines", json=some(0, 2_000))
    batch = some(0, 3)
    batch[1]["id"] = None
    refused = problem(await client.post(f"/v1/models/{name}/batches", json=batch), 422)
    assert [(one["row"], one["field"]) for one in refused["errors"]] == [(1, "id")]


@pytest.mark.parametrize("days", [0, 6, 32, 7.5, "7", None])
async def test_the_horizon_has_bounds(client: httpx.AsyncClient, name: str, days: object) -> None:
    body = {"schema": {"features": FEATURES}, "deduplicate_rows": {"horizon_days": days}}
    refused = problem(await client.put(f"/v1/models/{name}", json=body), 422)
    assert refused["errors"][0]["pointer"] == "/deduplicate_rows/horizon_days"


async def test_a_model_without_ids_cannot_ask(client: httpx.AsyncClient, name: str) -> None:
    for body in ({}, {"schema": {"features": FEATURES[2:]}}):
        asking = {**body, "deduplicate_rows": {}}
        refused = problem(await client.put(f"/v1/models/{name}", json=asking), 422)
        assert refused["errors"][0]["pointer"] == "/deduplicate_rows"


async def test_a_second_key_is_refused(client: httpx.AsyncClient, name: str) -> None:
    for header in ("Idempotency-Key", "Leeway-Source"):
        answer = await client.post(
            f"/v1/models/{name}/batches", json=rows(1), headers=[(header, "a"), (header, "a")]
        )
        assert problem(answer, 400)["errors"][0]["field"] == header
