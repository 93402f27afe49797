"""The watch over a model's traffic is a monitor like others, but for what only windows can say."""

import httpx
import pytest

from tests.app.api.service import problem, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def traffic(client: httpx.AsyncClient, name: str) -> dict[str, object]:
    found = await client.get(f"/v1/models/{name}/monitors/traffic")
    assert found.status_code == 200, found.text
    told: dict[str, object] = found.json()
    return told


async def test_a_baseline_brings_it_and_the_model_speaks_where_it_does_not(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    first = await traffic(client, name)
    assert (first["kind"], first["version"], first["severity"]) == ("traffic", 1, "P1")
    assert (first["maximum_silence"], first["roles"], first["page_level"]) == (None, [], None)
    model = {"severities": {"traffic": "P3"}, "maximum_silence": "3h"}
    assert (await client.put(f"/v1/models/{name}", json=model)).status_code == 200
    assert await traffic(client, name) == first | {"severity": "P3"}
    body = {"kind": "traffic", "severity": "P2", "maximum_silence": "20m"}
    path = f"/v1/models/{name}/monitors/traffic"
    made = await client.put(path, json=body)
    assert (made.status_code, made.json()["version"]) == (200, 2)
    assert (await client.put(path, json=body)).json()["version"] == 2
    (await client.put(f"/v1/models/{name}", json={})).raise_for_status()
    told = await traffic(client, name)
    assert (told["severity"], told["maximum_silence"]) == ("P2", "20m")
    others = (await client.get(f"/v1/models/{name}/monitors/default")).json()
    assert others["page_level"] == pytest.approx(0.1 / 2_160), "it costs no budget"
    series = (await client.get("/metrics")).text
    assert f'model="{name}",monitor="traffic",kind="traffic",severity="P2"' in series


async def test_what_was_read_can_be_declared(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    told = await traffic(client, name)
    given = {"name", "version", "page_level", "created_at"}
    body = {key: value for key, value in told.items() if key not in given}
    again = await client.put(f"/v1/models/{name}/monitors/traffic", json=body | {"enabled": False})
    assert (again.status_code, again.json()["enabled"]) == (200, False)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"window": "1d"}, "/window"),
        ({"window": {"rows": 5}}, "/window"),
        ({"step": "1h"}, "/step"),
        ({"roles": ["feature"]}, "/roles"),
        ({"features": {"include": ["x"]}}, "/features/include"),
        ({"features": {"exclude": ["x"]}}, "/features/exclude"),
        ({"statistics": {"numeric": ["psi"]}}, "/statistics/numeric"),
        ({"thresholds": {"psi": {"drift": 1}}}, "/thresholds"),
        ({"overrides": {"x": {"psi": {"drift": 1}}}}, "/overrides"),
        ({"outputs": {"threshold": 0.5}}, "/outputs"),
        ({"level": 0.01}, "/level"),
        ({"min_rows": 7}, "/min_rows"),
        ({"rule": {"kind": "share", "share": 0.5}}, "/rule"),
        ({"also": [{"kind": "previous"}]}, "/also"),
        ({"exclude": [{"date": "2026-12-24"}]}, "/exclude"),
        ({"fire_after": 2}, "/fire_after"),
        ({"fire_of": 2}, "/fire_of"),
        ({"resolve_after": 3}, "/resolve_after"),
    ],
)
async def test_what_windows_alone_can_say_is_refused(
    client: httpx.AsyncClient, name: str, change: dict[str, object], pointer: str
) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/traffic"
    refused = problem(await client.put(path, json={"kind": "traffic"} | change), 422)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert "judge windows" in refused["errors"][0]["detail"]
    assert (await traffic(client, name))["version"] == 1


async def test_it_has_no_windows_to_show_or_to_try(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    shown = problem(await client.get(f"/v1/models/{name}/windows?monitor=traffic"), 422)
    assert "judges no windows" in shown["detail"]
    tried = await client.post(f"/v1/models/{name}/monitors/traffic/dry-run")
    assert "judges no windows" in problem(tried, 422)["detail"]
    assert (await client.get(f"/models/{name}?monitor=traffic")).status_code == 404


async def test_deleted_it_does_not_come_back_by_itself(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/traffic"
    assert (await client.delete(path)).status_code == 204
    problem(await client.get(path), 404)
    assert (await client.get(f"/models/{name}")).status_code == 200
    again = await client.put(path, json={"kind": "traffic"})
    assert (again.status_code, again.json()["version"]) == (201, 2)
