"""``leeway apply`` and ``leeway export`` as processes, against a real service with a key."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import ROOT, Server, environment

KEY = "a-key-of-these-tests-0001"
DONE, FAILED, CHANGES = 0, 1, 2
TEXT = """\
targets:
  oncall: {kind: webhook, url: "https://93.184.215.14/leeway", secret: env:LEEWAY_WEBHOOK_SECRET}
models:
  flights:
    window: 1d
    versions: {2013-03: {role: champion}}
    sources:
      logs: {url: "s3://rows/flights/", enabled: false}
"""


def _run(server: Server, folder: Path, *words: str, key: str = KEY) -> tuple[int, str, str]:
    named = {"LEEWAY_API_KEY": key, "LEEWAY_URL": server.url, "COLUMNS": "120"}
    found = subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
        env=environment(0, folder, named) | {"PYTHONPATH": str(ROOT)},
    )
    return found.returncode, found.stdout, found.stderr


@pytest.fixture
def server(tmp_path: Path):
    found = Server(tmp_path, {"LEEWAY_API_KEYS": KEY})
    try:
        found.start()
        yield found
    finally:
        found.close()


def test_a_file_is_planned_applied_and_exported(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "leeway.yaml"
    path.write_text(TEXT)
    status, said, _ = _run(server, tmp_path, "apply", "--dry-run")
    assert (status, "4 to create" in said) == (CHANGES, True)
    status, _, err = _run(server, tmp_path, "apply")
    assert (status, "give --yes" in err) == (FAILED, True)
    assert _run(server, tmp_path, "apply", "--yes")[0] == DONE
    assert _run(server, tmp_path, "apply", "--dry-run")[0] == DONE

    status, exported, _ = _run(server, tmp_path, "export")
    assert (status, exported.splitlines()[0]) == (
        DONE,
        "# yaml-language-server: $schema=leeway.schema.json",
    )
    again = tmp_path / "again.yaml"
    again.write_text(exported)
    assert _run(server, tmp_path, "apply", "-f", str(again), "--plan", "--prune")[0] == DONE

    path.write_text(TEXT.replace("window: 1d", "window: 20m"))
    status, _, err = _run(server, tmp_path, "apply", "--yes")
    assert status == FAILED
    assert "leeway.yaml, line 4: models.flights is refused: 422" in err
    assert "line 5: /window: must be a multiple of 15m" in err
    headers = {"Authorization": f"Bearer {KEY}"}
    assert httpx.get(f"{server.url}/v1/models/flights", headers=headers).json()["window"] == "1d"

    path.write_text(TEXT)
    status, _, err = _run(server, tmp_path, "apply", "--yes", key="another-key-than-the-one")
    assert (status, "--api-key" in err) == (FAILED, True)
