import asyncio
import gzip
import io

import httpx
import polars as pl
import pyarrow as pa
import pytest
import zstandard
from fastapi import FastAPI

from app.api.schemas.batches import ReceiptAnswer
from tests.app.api.service import post, problem, rows, totals, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_batch_is_counted_and_its_receipt_kept(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    headers = {"Idempotency-Key": "a/b c".replace(" ", "_"), "Leeway-Source": "edge-1"}
    receipt = await post(client, name, rows(100), headers)
    assert receipt.keys() == ReceiptAnswer.model_fields.keys()
    assert (receipt["received"], receipt["counted"]) == (100, 100)
    assert (receipt["key"], receipt["source"]) == ("a/b_c", "edge-1")
    assert (receipt["version"], receipt["deduplicated"]) == ("default", True)
    assert receipt["first_event_time"] == "2024-01-01T00:00:00Z"
    again = await client.get(f"/v1/models/{name}/batches/a/b_c")
    assert again.json() == receipt
    assert (await client.get(f"/v1/models/{name}/batches/a%2Fb_c")).json() == receipt
    assert await totals(app, name) == {
        "received": 100, "counted": 100, "duplicate": 0, "late": 0, "rejected": 0,
    }  # fmt: skip


async def test_a_repeat_gets_the_same_receipt_and_adds_nothing(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    key = {"Idempotency-Key": "once"}
    first = await client.post(f"/v1/models/{name}/batches", json=rows(10), headers=key)
    second = await client.post(f"/v1/models/{name}/batches", json=rows(10), headers=key)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert first.json() == second.json()
    found = await totals(app, name)
    assert (found["counted"], found["duplicate"]) == (10, 10)


async def test_a_key_with_another_body_or_query_is_refused(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    key = {"Idempotency-Key": "k"}
    await post(client, name, rows(10), key)
    path = f"/v1/models/{name}/batches"
    other = await client.post(path, json=rows(11), headers=key)
    assert problem(other, 422)["type"].endswith(":key-reused")
    problem(await client.post(f"{path}?version=v2", json=rows(10), headers=key), 422)
    assert (await totals(app, name))["counted"] == 10


@pytest.mark.parametrize("count", [50, 5_000])
async def test_compression_does_not_make_another_body(
    client: httpx.AsyncClient, name: str, count: int
) -> None:
    await with_baseline(client, name)
    body = pl.DataFrame(rows(count)).write_csv().encode()
    path, csv = f"/v1/models/{name}/batches", {"Content-Type": "text/csv"}
    plain = await client.post(path, content=body, headers=csv)
    for encoding, packed_body in (
        ("gzip", gzip.compress(body, 1)),
        ("gzip", gzip.compress(body, 9)),
        ("zstd", zstandard.compress(body)),
        ("GZIP", gzip.compress(body)),
    ):
        packed = await client.post(
            path, content=packed_body, headers=csv | {"Content-Encoding": encoding}
        )
        assert packed.headers["idempotent-replayed"] == "true"
        assert packed.json() == plain.json()


async def test_twins_in_flight_are_counted_once(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    key = {"Idempotency-Key": "twin"}
    receipts = await asyncio.gather(*(post(client, name, rows(20), key) for _ in range(16)))
    assert all(receipt == receipts[0] for receipt in receipts)
    assert (await totals(app, name))["counted"] == 20


async def test_all_formats_count_the_same(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    frame = pl.DataFrame(rows(40))
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    columns = {"columns": frame.to_dict(as_series=False)}
    path = f"/v1/models/{name}/batches"
    answers = [
        await client.post(path, json={"rows": rows(40)}),
        await client.post(path, json=columns),
        await client.post(path, content=frame.write_csv(), headers={"Content-Type": "text/csv"}),
        await client.post(
            path,
            content=parquet.getvalue(),
            headers={"Content-Type": "application/vnd.apache.parquet"},
        ),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.json()["counted"] for answer in answers} == {40}


async def test_without_anything_to_tell_rows_apart_nothing_is_deduplicated(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await client.put(f"/v1/models/{name}", json={})
    bare = [{"x": float(i % 50)} for i in range(1_500)]
    await client.post(f"/v1/models/{name}/baselines", json=bare)
    first, second = await post(client, name, bare[:5]), await post(client, name, bare[:5])
    assert first["deduplicated"] is second["deduplicated"] is False
    assert first["key"] != second["key"]
    assert (await totals(app, name))["counted"] == 10


async def test_odd_columns_and_values_are_counted_and_named(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    batch = rows(10, x=[1.0, "text", True], debug=["d"])
    receipt = await post(client, name, batch)
    assert receipt["counted"] == 10
    assert receipt["invalid"] == {"x": 6}
    assert receipt["invalid_rows"] == {"x": [1, 2, 4, 5, 7]}
    kept = await client.get(f"/v1/models/{name}/batches/{receipt['key']}")
    assert kept.json()["invalid_rows"] == receipt["invalid_rows"]
    assert receipt["absent"] == ["colour"]
    assert receipt["unknown"] == ["debug"]


async def test_a_model_without_a_baseline_takes_no_batches(
    client: httpx.AsyncClient, name: str
) -> None:
    path = f"/v1/models/{name}/batches"
    problem(await client.post(path, json=rows(3)), 404)
    await client.put(f"/v1/models/{name}", json={})
    assert problem(await client.post(path, json=rows(3)), 409)["type"].endswith(":no-baseline")


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é", "tab\there"])
async def test_a_key_is_visible_ascii(client: httpx.AsyncClient, name: str, key: str) -> None:
    await with_baseline(client, name)
    answer = await client.post(
        f"/v1/models/{name}/batches",
        json=rows(1),
        headers=[("Idempotency-Key", key.encode())],
    )
    assert problem(answer, 422)["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("header", [{"Leeway-Source": "a b"}, {"Leeway-Source": "-"}])
async def test_a_source_is_a_plain_name(
    client: httpx.AsyncClient, name: str, header: dict[str, str]
) -> None:
    answer = await client.post(f"/v1/models/{name}/batches", json=rows(1), headers=header)
    assert problem(answer, 422)["errors"][0]["field"] == "Leeway-Source"


async def test_a_receipt_that_is_not_there_is_not_found(
    client: httpx.AsyncClient, name: str
) -> None:
    await client.put(f"/v1/models/{name}", json={})
    problem(await client.get(f"/v1/models/{name}/batches/none"), 404)


async def test_a_misspelt_column_is_told_with_what_was_meant(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    spelt = [{"timestamp": row["timestamp"], "x": 1.0, "color": row["colour"]} for row in rows(9)]
    receipt = await post(client, name, spelt)
    assert (receipt["absent"], receipt["unknown"]) == (["colour"], ["color"])
    assert receipt["meant"] == {"color": "colour"}


async def test_ways_out_name_what_came(client: httpx.AsyncClient, name: str) -> None:
    path = f"/v1/models/{name}/batches"
    unknown = problem(await client.post(path, json=rows(1)), 404)
    assert unknown["detail"].endswith(f"declare it first: PUT /v1/models/{name}")
    await with_baseline(client, name)
    form = {"content-type": "application/x-www-form-urlencoded"}
    other = problem(await client.post(path, content=b"a=1", headers=form), 415)
    assert "'application/x-www-form-urlencoded' is not read here" in other["detail"]


@pytest.mark.parametrize("kind", ["parquet", "arrow.stream"])
async def test_a_feature_that_becomes_nested_is_seen_and_silences_nothing(
    client: httpx.AsyncClient, name: str, kind: str
) -> None:
    await with_baseline(client, name)
    frame, body = pl.DataFrame(rows(10)).with_columns(x=pl.concat_list("x")), io.BytesIO()
    (frame.write_parquet if kind == "parquet" else frame.write_ipc_stream)(body)
    path, headers = f"/v1/models/{name}/batches", {"Content-Type": f"application/vnd.apache.{kind}"}
    answer = await client.post(path, content=body.getvalue(), headers=headers)
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert (receipt["counted"], receipt["invalid"]) == (10, {"x": 10})
    assert receipt["invalid_rows"] == {"x": [0, 1, 2, 3, 4]}
    assert receipt["absent"] == []


async def test_half_an_arrow_stream_is_refused_and_counts_nothing(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    table, body = pl.DataFrame(rows(4)).to_arrow(), io.BytesIO()
    with pa.ipc.new_stream(body, table.schema) as writer:
        writer.write_table(table[:2])
        half = body.tell()
        writer.write_table(table[2:])
    path = f"/v1/models/{name}/batches"
    headers = {"Content-Type": "application/vnd.apache.arrow.stream"}
    answer = await client.post(path, content=body.getvalue()[:half], headers=headers)
    assert "has no end" in problem(answer, 400)["detail"]
    assert (await totals(app, name))["counted"] == 0
    whole = await client.post(path, content=body.getvalue(), headers=headers)
    assert whole.json()["counted"] == 4


async def test_csv_without_a_header_is_refused(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    headers = {"Content-Type": "text/csv; header=absent"}
    answer = await client.post(f"/v1/models/{name}/batches", content="1,red\n", headers=headers)
    assert "CSV needs a header" in problem(answer, 415)["detail"]
