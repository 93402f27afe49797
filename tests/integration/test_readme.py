"""The README's lines on retraining, as they are printed there, against Airflow itself."""

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx

from tests import readme
from tests.e2e.server import Server
from tests.integration.conftest import KEY, Training
from tests.integration.places import Running, clean
from tests.integration.watched import until

MODEL = "quickstart"
WITHIN = 240


def printed(server: Server, airflow: Running) -> tuple[str, str]:
    """The lines that prepare the loop, and those that make it begin, with the ports of this test.

    Left out is the one that starts what runs already.
    """
    steps = readme.block("## Send your own data")
    serve, loop = readme.block("### Retrain when it drifts").split("\n", 1)
    assert "leeway serve" in serve
    first = readme.numbered(steps, 1) + readme.numbered(steps, 2) + loop
    before = readme.with_urls(first, server.url, airflow.url)
    return before, readme.with_urls(readme.numbered(steps, 3), server.url)


async def test_the_lines_of_the_readme_close_the_loop(
    leeway: httpx.AsyncClient, server: Server, airflow: Running, training: Training, tmp_path: Path
) -> None:
    environment = clean() | dict(airflow.environment or {})
    environment["PATH"] += os.pathsep + os.environ["PATH"]
    training.rows.write_bytes((readme.README.parent / "examples/training.csv").read_bytes())
    before, rows = printed(server, airflow)
    said = await asyncio.to_thread(readme.run, before, tmp_path, KEY, environment)
    assert '"troubles":[]' in said, said
    await asyncio.to_thread(readme.run, rows, tmp_path, KEY, environment)

    async def promoted() -> dict[str, Any] | None:
        runs = (await leeway.get(f"/v1/retrainings?model={MODEL}")).json()["items"]
        assert len(runs) <= 1
        return next((one for one in runs if one["state"] == "promoted"), None)

    found = await until(promoted, WITHIN)
    model = (await leeway.get(f"/v1/models/{MODEL}")).json()
    assert model["champion"] == found["id"].removeprefix("rtr_")[:12]
    alerts = (await leeway.get(f"/v1/alerts?model={MODEL}")).json()["items"]
    assert {one["monitor"]: one["state"] for one in alerts}["default"] == "resolved"
