import re

import httpx
import pytest

from tests.app.api.service import post, rows, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_root_leads_on(client: httpx.AsyncClient) -> None:
    root = (await client.get("/")).json()
    assert root["name"] == "leeway"
    for path in root["links"].values():
        assert (await client.get(path)).status_code == 200, path


async def test_health_and_readiness(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = (await client.get("/readyz")).json()
    assert ready["status"] == "ok"
    assert {"database", "migrations", "accepting"} <= ready["checks"].keys()
    assert all(ready["checks"].values())


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain"),
        ("*/*", "text/plain"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text"),
    ],
)
async def test_metrics_speak_both_formats(
    client: httpx.AsyncClient, name: str, accept: str, media_type: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(7))
    answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    series = rf'leeway_ingest_rows_received_total\{{[^}}]*model="{name}"[^}}]*\}} 7'
    assert re.search(series, answer.text)
