"""Other people's servers, installed and started: only where it is asked for.

``INTEGRATION_FOLDER`` names the folder for what is installed; what lies there is used again.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import airflow_server, alertmanager_server, zenml_server
from tests.integration.places import Running

FOLDER = os.environ.get("INTEGRATION_FOLDER", "")

if not FOLDER:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def cache() -> Path:
    folder = Path(FOLDER).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def airflow(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with airflow_server.running(cache, tmp_path_factory.mktemp("airflow")) as server:
        yield server


@pytest.fixture(scope="session")
def alertmanager(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with alertmanager_server.running(cache, tmp_path_factory.mktemp("alertmanager")) as server:
        yield server


@pytest.fixture(scope="session")
def zenml(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with zenml_server.running(cache, tmp_path_factory.mktemp("zenml")) as server:
        yield server
