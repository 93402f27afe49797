import gzip
import io
from pathlib import Path

import httpx
import numpy as np
import polars as pl
import pytest
from fastapi import FastAPI

from tests.app.api.service import (
    HOUR,
    START,
    calling,
    judged,
    post,
    problem,
    rows,
    running,
    stamp,
    with_baseline,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
PARQUET = "application/vnd.apache.parquet"


async def test_the_first_reference_is_active_and_infers_the_schema(
    client: httpx.AsyncClient, name: str
) -> None:
    await client.put(f"/v1/models/{name}", json={})
    answer = await client.post(f"/v1/models/{name}/baselines?version=v1", json=rows(2_000))
    assert answer.status_code == 201
    made = answer.json()
    assert (made["id"], made["active"], made["rows"]) == (1, True, 2_000)
    assert (made["model"], made["version"]) == (name, "v1")
    kinds = {one["name"]: (one["kind"], one["role"]) for one in made["schema"]["features"]}
    assert kinds == {
        "timestamp": ("ignored", "timestamp"),
        "x": ("numeric", "feature"),
        "colour": ("categorical", "feature"),
    }
    assert all(one["why"] for one in made["schema"]["features"])
    model = (await client.get(f"/v1/models/{name}")).json()
    assert model["active_baseline"] == 1
    assert model["champion"] == "v1"
    assert (await client.get(f"/v1/models/{name}/baselines/1")).json() == made


async def test_the_same_rows_are_the_same_baseline_in_any_format(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    frame = pl.DataFrame(rows(2_000))
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    stream, file = io.BytesIO(), io.BytesIO()
    frame.write_ipc_stream(stream)
    frame.write_ipc(file)
    bodies = {
        "text/csv; charset=utf-8": frame.write_csv().encode(),
        "application/vnd.apache.parquet": parquet.getvalue(),
        "application/vnd.apache.arrow.stream": stream.getvalue(),
        "application/vnd.apache.arrow.file": file.getvalue(),
    }
    for media_type, body in bodies.items():
        answer = await client.post(
            f"/v1/models/{name}/baselines",
            content=gzip.compress(body),
            headers={"Content-Type": media_type, "Content-Encoding": "gzip"},
        )
        assert (answer.status_code, answer.json()["id"]) == (200, 1), media_type


async def test_a_second_baseline_waits_until_it_is_activated(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    second = await client.post(f"/v1/models/{name}/baselines", json=rows(1_500))
    assert (second.json()["id"], second.json()["active"]) == (2, False)
    activated = await client.post(f"/v1/models/{name}/baselines/2/activate")
    assert activated.status_code == 200
    assert activated.json()["active"] is True
    listed = (await client.get(f"/v1/models/{name}/baselines")).json()
    assert [(one["id"], one["active"]) for one in listed["items"]] == [(2, True), (1, False)]
    page = (await client.get(f"/v1/models/{name}/baselines?limit=1")).json()
    rest = await client.get(f"/v1/models/{name}/baselines?cursor={page['next_cursor']}")
    assert [one["id"] for one in rest.json()["items"]] == [1]


async def test_stored_windows_become_a_baseline(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(2_000))
    await judged(client, app, name)
    span = {"from": stamp(START), "to": stamp(START + HOUR)}
    made = await client.post(f"/v1/models/{name}/baselines", json={"windows": span})
    assert made.status_code == 201, made.text
    assert (made.json()["rows"], made.json()["grid_set"]) == (2_000, 1)


@pytest.mark.parametrize(
    ("windows", "pointer"),
    [
        ({"from": "2024-01-01T00:00:00Z"}, "/windows/to"),
        ({"from": "x", "to": "2024-01-01T00:00:00Z"}, "/windows/from"),
        ([], "/windows"),
        ({"from": "2024-01-01T00:01:00Z", "to": "2024-01-02T00:00:00Z"}, "/windows"),
        ({"from": "2024-01-02T00:00:00Z", "to": "2024-01-01T00:00:00Z"}, "/windows"),
    ],
)
async def test_a_crooked_span_is_refused(
    client: httpx.AsyncClient, name: str, windows: object, pointer: str
) -> None:
    await with_baseline(client, name)
    answer = await client.post(f"/v1/models/{name}/baselines", json={"windows": windows})
    assert pointer in [error["pointer"] for error in problem(answer, 422)["errors"]]


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, name: str) -> None:
    problem(await client.post(f"/v1/models/{name}/baselines", json=rows(100)), 404)
    await client.put(f"/v1/models/{name}", json={})
    problem(await client.get(f"/v1/models/{name}/baselines/1"), 404)
    problem(await client.post(f"/v1/models/{name}/baselines/1/activate"), 404)
    for wrong in ("0", "x", "99999999999"):
        problem(await client.get(f"/v1/models/{name}/baselines/{wrong}"), 422)


def columns(count: int) -> bytes:
    """Return a Parquet file that packs badly."""
    draw = np.random.default_rng(count)
    out = io.BytesIO()
    pl.DataFrame({f"x{n}": draw.normal(size=count) for n in range(10)}).write_parquet(out)
    return out.getvalue()


async def test_a_reference_in_columns_may_be_larger_than_memory_set_aside_for_bodies(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    body = columns(40_000)
    limits = {"baseline_body_limit": 1_000_000, "queue_limit": 100_000}
    settings = limits | {"upload_dir": folder}
    headers = {"Content-Type": PARQUET}
    async with running(tmp_path, **settings) as app, calling(app) as caller:
        await caller.put("/v1/models/m", json={})
        path = "/v1/models/m/baselines"
        assert len(body) > 3 * limits["baseline_body_limit"]
        made = await caller.post(path, content=body, headers=headers)
        assert (made.status_code, made.json()["rows"]) == (201, 40_000)
        packed = await caller.post(
            path, content=gzip.compress(body, 1), headers=headers | {"Content-Encoding": "gzip"}
        )
        assert problem(packed, 429)["type"].endswith(":overloaded")
        room = app.state.api.room
        assert room.take(4_000_000_000)
        full = await caller.post(path, content=body, headers=headers)
        assert problem(full, 429)["type"].endswith(":overloaded")
        room.give(4_000_000_000)
        empty = await caller.post(path, content=b"", headers=headers)
        assert problem(empty, 400)["detail"] == "the body is empty"
        folder.rmdir()  # so nothing was left there
        lost = await caller.post(path, content=body, headers=headers)
        assert problem(lost, 503)["type"].endswith(":disk-full")
        assert room.take(4_000_000_000)
