"""The README's lines on retraining, as they are printed there, against Airflow itself."""

import asyncio
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.server import ROOT, Server
from tests.integration.conftest import KEY, Training
from tests.integration.places import Running, clean
from tests.integration.watched import HOUR, START, declared, post, rows, until

MODEL = "quickstart"
BLOCK = re.compile(r"### Retrain when it drifts\n.*?```sh\n(.*?)```", re.DOTALL)
WITHIN = 240


def printed(server: Server, airflow: Running) -> str:
    """The lines with the ports of this test; all but the one that starts what runs already."""
    found = BLOCK.search((ROOT / "README.md").read_text())
    assert found is not None
    lines = found[1].replace("http://127.0.0.1:8000", server.url)
    lines = lines.replace("http://127.0.0.1:8080", airflow.url)
    serve, rest = lines.split("\n", 1)
    assert "leeway serve" in serve
    return rest


def run(lines: str, airflow: Running, home: Path) -> str:
    """Run them in a shell whose curl has our key, and which ends at the first that fails."""
    (home / ".curlrc").write_text(f'header = "Authorization: Bearer {KEY}"\nfail-with-body\n')
    environment = clean() | dict(airflow.environment or {}) | {"CURL_HOME": str(home)}
    environment["PATH"] += os.pathsep + os.environ["PATH"]
    done = subprocess.run(
        ["bash", "-euc", lines],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_the_lines_of_the_readme_close_the_loop(
    leeway: httpx.AsyncClient, server: Server, airflow: Running, training: Training, tmp_path: Path
) -> None:
    await declared(leeway, MODEL)
    said = await asyncio.to_thread(run, printed(server, airflow), airflow, tmp_path)
    assert '"troubles":[]' in said, said
    training.rows.write_text("\n".join(rows(START, 3.0)) + "\n")
    for hour in range(3):
        await post(leeway, MODEL, f"hour-{hour}", rows(START + hour * HOUR, 3.0))

    async def promoted() -> dict[str, Any] | None:
        runs = (await leeway.get(f"/v1/retrainings?model={MODEL}")).json()["items"]
        assert len(runs) <= 1
        return next((one for one in runs if one["state"] == "promoted"), None)

    found = await until(promoted, WITHIN)
    model = (await leeway.get(f"/v1/models/{MODEL}")).json()
    assert model["champion"] == found["id"].removeprefix("rtr_")[:12]
    alerts = (await leeway.get(f"/v1/alerts?model={MODEL}")).json()["items"]
    assert {one["monitor"]: one["state"] for one in alerts}["default"] == "resolved"
