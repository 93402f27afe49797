"""Other people's servers, installed and started: only where it is asked for.

``INTEGRATION_FOLDER`` names the folder for what is installed; what lies there is used again.
"""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.domain.alerts.signature import write_secret
from tests import seaweed
from tests.e2e.server import Server
from tests.integration import airflow_server, alertmanager_server, prometheus_server, zenml_server
from tests.integration.places import Running
from tests.integration.prometheus_server import Watched, shipped_rules

KEY = "a-key-of-the-tests-0001"
FOLDER = os.environ.get("INTEGRATION_FOLDER", "")

if not FOLDER:
    collect_ignore_glob = ["test_*.py"]


@dataclass(frozen=True)
class Training:
    """Where the example DAG finds rows, and keeps its models."""

    rows: Path
    models: Path


@pytest.fixture(scope="session")
def cache() -> Path:
    folder = Path(FOLDER).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Leeway itself, for those who are told where it is when they start."""
    environment = {
        "LEEWAY_ALLOW": "127.0.0.1",
        "LEEWAY_API_KEYS": KEY,
        "AIRFLOW_PASSWORD": airflow_server.PASSWORD,
        "HOOK_SECRET": write_secret(b"s" * 32),
        **seaweed.SECRETS,
    }
    started = Server(tmp_path_factory.mktemp("leeway"), environment)
    try:
        started.start()
        yield started
    finally:
        started.close()


@pytest.fixture
async def leeway(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever has a key."""
    key = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(
        base_url=server.url, headers=key, timeout=30, trust_env=False
    ) as client:
        yield client


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    folder = tmp_path_factory.mktemp("training")
    return Training(folder / "rows.csv", folder / "models")


@pytest.fixture(scope="session")
def airflow(
    cache: Path, server: Server, training: Training, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    told = {
        "LEEWAY_URL": server.url,
        "LEEWAY_API_KEY": KEY,
        "TRAINING_CSV": str(training.rows),
        "MODEL_DIR": str(training.models),
    }
    with airflow_server.running(cache, tmp_path_factory.mktemp("airflow"), told) as running:
        yield running


@pytest.fixture(scope="session")
def alertmanager(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with alertmanager_server.running(cache, tmp_path_factory.mktemp("alertmanager")) as server:
        yield server


@pytest.fixture(scope="session")
def pager(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An Alertmanager that Prometheus alone tells."""
    with alertmanager_server.running(cache, tmp_path_factory.mktemp("pager")) as server:
        yield server


@pytest.fixture(scope="session")
def prometheus(
    cache: Path, server: Server, pager: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("prometheus")
    watched = Watched(server.url, KEY, shipped_rules(home), pager.url)
    with prometheus_server.running(cache, home, watched) as running:
        yield running


@pytest.fixture(scope="session")
def s3() -> Iterator[seaweed.Seaweed]:
    with seaweed.running() as server:
        yield server


@pytest.fixture(scope="session")
def zenml(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with zenml_server.running(cache, tmp_path_factory.mktemp("zenml")) as server:
        yield server
