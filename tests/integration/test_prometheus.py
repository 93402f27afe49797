"""Drift seen by Prometheus: a shipped rule fires, and Alertmanager hears of it."""

from typing import Any

import httpx

from tests.integration.places import Running
from tests.integration.watched import HOUR, START, csv, declared, post, rows, until

MODEL = "watched"
WITHIN = 45


async def active(pager: Running, model: str) -> list[dict[str, Any]]:
    """The alerts on a model's drift that Alertmanager holds to be active."""
    async with httpx.AsyncClient(base_url=pager.url, trust_env=False) as client:
        asked = [f'model="{model}"', 'monitor="default"']
        found = await client.get("/api/v2/alerts", params={"active": "true", "filter": asked})
    return list(found.json())


async def test_a_drifted_window_fires_a_rule_and_reaches_alertmanager(
    leeway: httpx.AsyncClient, prometheus: Running, pager: Running
) -> None:
    await declared(leeway, MODEL)
    await post(leeway, MODEL, "calm", rows(START, 0.0))
    await post(leeway, MODEL, "moved", rows(START + HOUR, 3.0))
    await post(leeway, MODEL, "next", rows(START + 2 * HOUR, 3.0, 10))

    async def firing() -> list[dict[str, Any]]:
        return await active(pager, MODEL)

    (alert,) = await until(firing, WITHIN)
    assert (alert["labels"]["alertname"], alert["labels"]["severity"]) == ("LeewayDrift", "P2")
    assert alert["generatorURL"]
    async with httpx.AsyncClient(base_url=prometheus.url, trust_env=False) as client:
        asked = {"query": f'leeway_window_state{{model="{MODEL}",monitor="default",state="drift"}}'}
        (found,) = (await client.get("/api/v1/query", params=asked)).json()["data"]["result"]
    assert found["value"][1] == "1"

    # what traffic looks like now becomes the reference: its next windows are calm, and that is told
    path = f"/v1/models/{MODEL}/baselines"
    made = await leeway.post(path, **csv(rows(START + HOUR, 3.0)))
    changed = await leeway.post(f"{path}/{made.json()['id']}/activate")
    assert changed.is_success, changed.text
    for hour in (3, 4, 5):
        await post(leeway, MODEL, f"as-usual-{hour}", rows(START + hour * HOUR, 3.0))

    async def over() -> bool:
        return not await firing()

    assert await until(over, WITHIN)
