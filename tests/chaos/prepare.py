"""Before the faults: every replica is ready, and models, references and target are declared."""

import asyncio
import time

import httpx

from tests.chaos.encode import ID, SCHEMA, known_forms, reference
from tests.chaos.objects import answers, source
from tests.chaos.plan import Shape
from tests.chaos.rig import Stage

READY_WITHIN = 120.0
STEP = 0.1


async def ready(stage: Stage) -> None:
    """Wait until every replica is."""
    deadline = time.monotonic() + READY_WITHIN
    async with httpx.AsyncClient(timeout=5) as http:
        for replica in stage.replicas:
            while not await _answers(http, f"{replica.url}/readyz"):
                log = replica.log.read_text()[-3000:]
                assert time.monotonic() < deadline, f"{replica.name} was not ready:\n{log}"
                await asyncio.sleep(STEP)

        while stage.objects is not None and not await answers(stage.objects.endpoint):
            assert time.monotonic() < deadline, stage.objects.log.read_text()[-3000:]
            await asyncio.sleep(STEP)


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).status_code == 200
    except httpx.TransportError:
        return False


async def prepare(stage: Stage) -> Shape:
    """Declare models, references and the target; return the shape of the traffic."""
    async with httpx.AsyncClient(base_url=stage.replicas[0].url, timeout=60) as http:
        paths = (await http.get("/openapi.json")).raise_for_status().json()["paths"]
        taken = paths["/v1/models/{model}/batches"]["post"]["requestBody"]["content"]
        shape = stage.run.shape(known_forms(set(taken)))
        rows = {"columns": reference(shape)}
        for number in range(shape.models):
            path = f"/v1/models/{shape.name(number)}"
            declared: dict[str, object] = {
                "schema": {"features": [*SCHEMA, ID] if shape.unique(number) else SCHEMA},
                "window": "15m" if number % 2 == 0 else "30m",
                "lateness": "30m",
                "final_after": "5s" if number == 0 else "30d",
                "deduplicate_rows": {"horizon_days": 31} if shape.unique(number) else None,
            }
            (await http.put(path, json=declared)).raise_for_status()
            (await http.post(f"{path}/baselines", json=rows)).raise_for_status()
            if stage.store is not None:
                declared = source(stage.store.url, shape.name(number))
                (await http.put(f"{path}/sources/logs", json=declared)).raise_for_status()
        target = {"kind": "webhook", "url": f"{stage.hook.url}/hook", "secret": "env:HOOK_SECRET"}
        (await http.put("/v1/targets/hook", json=target)).raise_for_status()
        for number in range(shape.models):
            policy = {"target": "hook", "cooldown": "0s"}
            path = f"/v1/models/{shape.name(number)}/retraining"
            (await http.put(path, json=policy)).raise_for_status()
    return shape
