"""Sources over HTTP: declared, listed, read from a real folder; refused where they lead astray."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from rich.console import Console

from app.source_list import lines, show, table
from tests.app.api.service import calling, problem, rows, running, totals, with_baseline

BUCKET = {"url": "s3://prediction-logs/flights"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    yield tmp_path_factory.mktemp("objects")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> AsyncIterator[FastAPI]:
    async with running(tmp_path_factory.mktemp("sources"), allow=str(folder)) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app) as made:
        yield made


pytestmark = pytest.mark.asyncio(loop_scope="module")


def csv(count: int) -> str:
    lines = [
        "timestamp,x,colour",
        *(f"{r['timestamp']},{r['x']},{r['colour']}" for r in rows(count)),
    ]
    return "\n".join(lines) + "\n"


async def done(client: httpx.AsyncClient, path: str, objects: int) -> dict[str, Any]:
    for _ in range(1_200):
        state: dict[str, Any] = (await client.get(path)).json()
        progress = state["progress"]
        if progress["counted"] + progress["quarantined"] == objects:
            return state
        await asyncio.sleep(0.05)
    raise AssertionError(state)


async def test_a_folder_is_read_and_what_is_wrong_in_it_is_found_and_tried_again(
    client: httpx.AsyncClient, app: FastAPI, folder: Path, name: str
) -> None:
    await with_baseline(client, name)
    place = folder / name
    place.mkdir()
    (place / "a.csv").write_text(csv(30))
    (place / "b.csv").write_text("timestamp,x\nyesterday,1\n")
    path = f"/v1/models/{name}/sources/disk"
    declared = await client.put(path, json={"url": f"file://{place}"})
    assert declared.status_code == 201, declared.text
    assert (await client.put(path, json={"url": f"file://{place}"})).status_code == 200
    state = await done(client, path, 2)
    assert state["progress"] | {"bytes": 0} == {
        "found": 0,
        "counted": 1,
        "quarantined": 1,
        "rows": 30,
        "bytes": 0,
        "waiting_bytes": 0,
        "oldest_waiting": None,
    }
    assert (await totals(app, name))["counted"] == 30
    (bad,) = (await client.get(f"{path}/objects?state=quarantined")).json()["items"]
    assert (bad["key"], bad["reason"]) == ("b.csv", "wrong-rows")
    assert bad["faults"][0]["row"] == 0
    assert bad["faults"][0]["field"] == "timestamp"
    assert "yesterday" not in str(bad)
    (good,) = (await client.get(f"{path}/objects?state=counted")).json()["items"]
    receipt = (await client.get(f"/v1/models/{name}/batches/{good['batch']}")).json()
    assert (receipt["counted"], receipt["source"]) == (30, "disk")
    again = await client.post(f"{path}/objects/{bad['id']}/retry")
    assert (again.status_code, again.json()) == (202, {"retried": 1})
    problem(await client.post(f"{path}/objects/{good['id']}/retry"), 404)
    assert (await done(client, path, 2))["progress"]["quarantined"] == 1
    every = await client.post(f"{path}/retry", params={"reason": "wrong-rows"})
    assert every.json() == {"retried": 1}
    text = (await client.get("/metrics")).text
    assert f'leeway_source_rows_total{{model="{name}",source="disk"}} 30.0' in text
    assert (await client.delete(path)).status_code == 204
    problem(await client.get(path), 404)


async def test_a_link_that_leads_out_of_the_folder_is_not_followed(
    client: httpx.AsyncClient, folder: Path, name: str, tmp_path: Path
) -> None:
    await with_baseline(client, name)
    place = folder / name
    place.mkdir()
    (tmp_path / "secret.csv").write_text(csv(5))
    (place / "a.csv").symlink_to(tmp_path / "secret.csv")
    path = f"/v1/models/{name}/sources/disk"
    await client.put(path, json={"url": f"file://{place}"})
    for _ in range(1_200):
        found = (await client.get(f"{path}/objects")).json()["items"]
        if found and found[0]["reason"]:
            break
        await asyncio.sleep(0.05)
    assert (found[0]["reason"], found[0]["state"]) == ("link-leads-out", "quarantined")
    assert found[0]["detail"] == "the link leads out of the folders that LEEWAY_ALLOW opens"
    assert found[0]["size"] == (place / "a.csv").lstat().st_size != len(csv(5))


@pytest.mark.parametrize(
    ("declared", "pointer", "code"),
    [
        ({"url": "http://example.com/"}, "/url", "invalid"),
        ({"url": "s3://UPPER/x"}, "/url", "invalid"),
        ({"url": "s3://evil.example.com:80@x/"}, "/url", "invalid"),
        ({"url": "file:///etc"}, "/url", "address-refused"),
        ({"url": "file://relative"}, "/url", "invalid"),
        (BUCKET | {"endpoint": "http://169.254.169.254"}, "/endpoint", "address-refused"),
        (BUCKET | {"endpoint": "http://localhost:9000"}, "/endpoint", "address-refused"),
        (BUCKET | {"endpoint": "http://u:p@example.com"}, "/endpoint", "invalid"),
        (BUCKET | {"region": "x.evil.example/"}, "/region", "invalid"),
        (BUCKET | {"poll": "0s"}, "/poll", "invalid"),
        (BUCKET | {"format": "exe"}, "/format", "invalid"),
        (BUCKET | {"days": 3}, "/days", "invalid"),
        ({"url": "s3://logs/dt={date}"}, "/days", "invalid"),
        (
            BUCKET | {"credentials": {"access_key_id": "AKIA"}},
            "/credentials/access_key_id",
            "invalid",
        ),
        (
            BUCKET | {"credentials": {"session_token": "env:LEEWAY_API_KEYS"}},
            "/credentials/session_token",
            "invalid",
        ),
        (BUCKET | {"credentials": {"sas_key": "env:X"}}, "/credentials/sas_key", "invalid"),
        ({"url": "gs://logs/x", "endpoint": "https://example.com"}, "/endpoint", "invalid"),
    ],
)
async def test_what_leads_astray_is_refused_without_repeating_it(
    client: httpx.AsyncClient, name: str, declared: dict[str, Any], pointer: str, code: str
) -> None:
    await client.put(f"/v1/models/{name}", json={})
    answer = await client.put(f"/v1/models/{name}/sources/logs", json=declared)
    found = problem(answer, 422)
    assert [fault["pointer"] for fault in found["errors"]] == [pointer]
    assert found["type"].endswith(code)
    assert "AKIA" not in answer.text
    assert (await client.get(f"/v1/models/{name}/sources")).json()["items"] == []


async def test_a_model_that_is_not_there_has_no_sources(client: httpx.AsyncClient) -> None:
    problem(await client.put("/v1/models/none/sources/logs", json=BUCKET), 404)
    problem(await client.get("/v1/models/none/sources/logs/objects"), 404)


RECORDS = {
    "Records": [
        {"s3": {"bucket": {"name": "prediction-logs"}, "object": {"key": "flights/a%3Db+c.csv"}}},
        {"s3": {"bucket": {"name": "prediction-logs"}, "object": {"key": "other/a.csv"}}},
    ]
}


async def test_a_message_hastens_the_next_look(client: httpx.AsyncClient, name: str) -> None:
    await client.put(f"/v1/models/{name}", json={})
    path = f"/v1/models/{name}/sources/logs"
    await client.put(path, json=BUCKET | {"enabled": False})
    answer = await client.post(f"{path}/notifications", json=RECORDS)
    assert (answer.status_code, answer.json()) == (202, {"matched": 1, "ignored": 1})
    problem(await client.post(f"{path}/notifications", content=b"{"), 400)
    problem(await client.post(f"/v1/models/{name}/sources/no/notifications", json={}), 404)


async def test_the_command_line_shows_sources(
    client: httpx.AsyncClient, folder: Path, name: str
) -> None:
    await with_baseline(client, name)
    place = folder / name
    place.mkdir()
    (place / "a.csv").write_text(csv(30))
    path = f"/v1/models/{name}/sources/disk"
    await client.put(path, json={"url": f"file://{place}"})
    await done(client, path, 1)
    (line,) = await lines(client, name)
    assert (line.done, line.total, line.finished) == (1, 1, True)
    out = Console(file=io.StringIO(), width=200)
    out.print(table(await lines(client, None)))
    printed: str = out.file.getvalue()  # type: ignore[attr-defined]
    assert f"{name}/disk" in printed
    assert "30" in printed


async def test_the_command_line_says_when_nobody_answers() -> None:
    out = Console(file=io.StringIO(), width=200)
    assert await show("http://127.0.0.1:1", None, None, False, out) == 2
    assert "cannot be reached" in out.file.getvalue()  # type: ignore[attr-defined]
