"""Segments, as clients see them: declared, counted beside the whole, judged on their own."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import HOUR, START, Rows, judged, post, problem, rows, stamp

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEATURES: list[dict[str, Any]] = [
    {"name": "timestamp", "kind": "ignored", "role": "timestamp"},
    {"name": "id", "kind": "ignored", "role": "id"},
    {"name": "x", "kind": "numeric"},
    {"name": "colour", "kind": "categorical"},
    {"name": "country", "kind": "categorical", "role": "segment"},
]
PLAIN = {"schema": {"features": FEATURES}}
DIVIDED = PLAIN | {"segments": {"columns": [["country"]], "most": 5}}
COUNTRIES = ["DE", "FR", "IT", None]
TEXTS = ["country=DE", "country=FR", "country=IT", "country=(missing)", "country=(other)"]


def world(count: int, *, shifted: str | None = None, countries: list[Any] = COUNTRIES) -> Rows:
    """Return rows of an hour; those of one country may have moved."""
    made = rows(
        count,
        x=[float(i * 7 % 50) for i in range(47)],
        colour=["red", "green", "blue"],
        country=countries,
    )
    for i, row in enumerate(made):
        row["id"] = i
        row["x"] += 25.0 * (shifted is not None and row["country"] == shifted)
    return made


async def declare(client: httpx.AsyncClient, name: str, body: dict[str, Any]) -> httpx.Response:
    return await client.put(f"/v1/models/{name}", json=body)


async def with_segments(client: httpx.AsyncClient, name: str, **more: Any) -> None:
    declared = await declare(client, name, DIVIDED | more)
    assert declared.status_code == 201, declared.text
    assert declared.json()["segments"] == DIVIDED["segments"]
    made = await client.post(f"/v1/models/{name}/baselines", json=world(6_000))
    assert made.status_code == 201, made.text


async def window(client: httpx.AsyncClient, name: str, segment: str, **query: str) -> Any:
    asked = {"segment": segment, **query}
    answer = await client.get(f"/v1/models/{name}/windows/{stamp(START)}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def segments(client: httpx.AsyncClient, name: str) -> Any:
    return (await client.get(f"/v1/models/{name}/segments")).json()


async def alerts(client: httpx.AsyncClient, name: str) -> Any:
    return (await client.get("/v1/alerts", params={"model": name})).json()["items"]


async def firing(client: httpx.AsyncClient, name: str) -> set[str]:
    return {one["segment"] for one in await alerts(client, name) if one["state"] == "firing"}


async def test_a_segment_drifts_and_no_other_does(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_segments(client, name)
    listed = await segments(client, name)
    held = {one["segment"]: (one["values"], one["reference_rows"]) for one in listed["items"]}
    values = [["DE"], ["FR"], ["IT"], [None], None]
    assert held == dict(zip(TEXTS, zip(values, [1_500] * 4 + [0], strict=True), strict=True))
    assert listed["waiting"] is False
    await post(client, name, world(2_000, shifted="FR"))
    whole = await judged(client, app, name)
    assert whole["rows"] == 2_000
    for text in TEXTS[:4]:
        for _ in range(100):
            found = await window(client, name, text)
            if found["verdict"] is not None:
                break
            app.state.service.workers.closing.signal.set()
        assert (found["segment"], found["rows"]) == (text, 500)
        assert found["verdict"]["state"] == ("drift" if text == "country=FR" else "ok"), text
    fr = {"segment": "country=FR"}
    of = f"/v1/models/{name}/windows/{stamp(START)}/features/x"
    bins = (await client.get(of, params=fr)).json()["bins"]
    assert sum(one["reference"] for one in bins) == 1_500
    assert sum(one["current"] for one in bins) == 500
    assert "country=FR" in await firing(client, name)
    await declare(client, name, PLAIN)
    assert "country=FR" not in await firing(client, name)
    steps = await alerts(client, name)
    assert [one["reason"] for one in steps if one["segment"] == "country=FR"] == ["segment_gone"]


async def test_rows_are_counted_once_in_segments_too(client: httpx.AsyncClient, name: str) -> None:
    await with_segments(client, name, deduplicate_rows={"horizon_days": 31})
    fresh = world(40)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for row in fresh:
        row["timestamp"] = stamp(now - HOUR)
    await post(client, name, fresh[:30])
    again = await post(client, name, fresh[10:])
    assert (again["counted"], again["duplicate"]) == (10, 20)
    found = await client.get(f"/v1/models/{name}/windows", params={"segment": "country=DE"})
    assert [one["rows"] for one in found.json()["items"]] == [10]


async def test_they_begin_with_the_next_baseline_and_end_at_once(
    client: httpx.AsyncClient, name: str
) -> None:
    await declare(client, name, PLAIN)
    first = (await client.post(f"/v1/models/{name}/baselines", json=world(4_000))).json()
    assert (await declare(client, name, DIVIDED)).status_code == 200
    assert await segments(client, name) == {"items": [], "next_cursor": None, "waiting": True}
    await post(client, name, world(10), {"Idempotency-Key": "early"})
    again = (await client.post(f"/v1/models/{name}/baselines", json=world(4_000))).json()
    assert again["grid_set"] == first["grid_set"] + 1
    await client.post(f"/v1/models/{name}/baselines/{again['id']}/activate")
    await post(client, name, world(12), {"Idempotency-Key": "divided"})
    asked = {"segment": "country=DE"}
    held = (await client.get(f"/v1/models/{name}/windows", params=asked)).json()["items"]
    assert [one["rows"] for one in held] == [3]
    await declare(client, name, PLAIN)
    assert {one["counted"] for one in (await segments(client, name))["items"]} == {False}
    await post(client, name, world(12), {"Idempotency-Key": "whole"})
    held = (await client.get(f"/v1/models/{name}/windows", params=asked)).json()["items"]
    assert [one["rows"] for one in held] == [3]


async def test_stored_windows_are_a_reference_of_segments(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_segments(client, name)
    await post(client, name, world(4_000, countries=["DE", "DE", "FR", "US"]))
    span = {"from": stamp(START), "to": stamp(START + HOUR)}
    made = await client.post(f"/v1/models/{name}/baselines", json={"windows": span})
    assert made.status_code == 201, made.text
    await client.post(f"/v1/models/{name}/baselines/{made.json()['id']}/activate")
    items = (await segments(client, name))["items"]
    held = {one["segment"]: one["reference_rows"] for one in items}
    assert held == dict(zip(TEXTS, [2_000, 1_000, 0, 0, 1_000], strict=True))


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"columns": [["nation"]]}, "/segments/columns/0/0"),
        ({"columns": [["country"], ["x"]]}, "/segments/columns/1/0"),
        ({"columns": [["country"]], "most": 51}, "/segments/most"),
        ({"columns": []}, "/segments/columns"),
        ({"columns": [["a", "b", "c"]]}, "/segments/columns/0"),
    ],
)
async def test_columns_that_cannot_divide_rows_are_refused(
    client: httpx.AsyncClient, name: str, asked: dict[str, Any], pointer: str
) -> None:
    refused = problem(await declare(client, name, PLAIN | {"segments": asked}), 422)
    assert [one["pointer"] for one in refused["errors"]] == [pointer]
    assert (await client.get(f"/v1/models/{name}")).status_code == 404


async def test_a_segment_that_is_not_there_is_no_calm_one(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_segments(client, name)
    lists = f"/v1/models/{name}/windows"
    tried = f"/v1/models/{name}/monitors/default/dry-run"
    for segment in ("nope", "country", "country=XX", "colour=red", "country=DE,colour=red"):
        for answer in (
            await client.get(lists, params={"segment": segment}),
            await client.get(f"/v1/models/{name}/estimates/x", params={"segment": segment}),
            await client.post(tried, params={"segment": segment}),
        ):
            detail = problem(answer, 404)["detail"]
            assert detail.startswith(f"model {name!r} has no segment {segment!r}")
    misspelt = problem(await client.get(lists, params={"segment": "country=DD"}), 404)
    assert misspelt["detail"].endswith("; was 'country=DE' meant?")
    for segment in ("", *TEXTS):
        assert (await client.get(lists, params={"segment": segment})).json()["items"] == []
        assert (await client.post(tried, params={"segment": segment})).status_code == 200


async def test_segments_are_known_before_and_after_they_are_counted(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    path, asked = f"/v1/models/{name}/windows", {"segment": "country=DE"}
    await declare(client, name, DIVIDED)
    assert (await client.get(path, params=asked)).status_code == 200, "it begins with a baseline"
    problem(await client.get(path, params={"segment": "colour=red"}), 404)
    await client.post(f"/v1/models/{name}/baselines", json=world(6_000))
    await post(client, name, world(2_000))
    await judged(client, app, name, START)
    await declare(client, name, PLAIN)
    # the next reference knows of no segments; what was judged stays readable
    other = world(6_000, shifted="DE")
    made = await client.post(f"/v1/models/{name}/baselines", json=other)
    await client.post(f"/v1/models/{name}/baselines/{made.json()['id']}/activate")
    assert (await client.get(f"/v1/models/{name}/segments")).json()["items"] == []
    assert (await client.get(path, params=asked)).json()["items"] != []
    problem(await client.get(path, params={"segment": "country=XX"}), 404)
