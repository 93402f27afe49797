"""Airflow 3 as one process group on loopback, with a user whose password is known."""

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.integration.places import Running, clean, free_port, served, venv

USER, PASSWORD = "leeway", "known-to-us"
STARTING = 400
"""Seconds: it starts four processes, and a busy machine takes its time over them."""
DAGS = Path(__file__).parent / "dags"
EXAMPLE = Path(__file__).parents[2] / "examples" / "airflow"


@contextmanager
def running(cache: Path, home: Path, told: Mapping[str, str]) -> Iterator[Running]:
    programs = venv(cache, "airflow", "apache-airflow>=3,<4")
    for folder in (DAGS, EXAMPLE):
        shutil.copytree(folder, home / "dags", dirs_exist_ok=True)
    (home / "passwords.json").write_text(json.dumps({USER: PASSWORD}))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = dict(told) | {
        "PATH": f"{programs}:/usr/bin:/bin",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:op",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL": "5",
    }
    airflow = str(programs / "airflow")
    subprocess.run(
        [airflow, "db", "migrate"],
        env=clean() | environment,
        check=True,
        timeout=STARTING,
        capture_output=True,
    )
    ready = f"{url}/api/v2/version"
    with served([airflow, "standalone"], environment, home / "log", ready, STARTING):
        yield Running(url, programs / "python", environment)
