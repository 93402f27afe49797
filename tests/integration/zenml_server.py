"""An open-source ZenML server on SQLite, with a service account's key and a pipeline's snapshot."""

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.integration.places import Running, clean, free_port, served, venv

USER, PASSWORD = "default", "known-to-us"
PIPELINE = """
from zenml import pipeline, step
from zenml.config import DockerSettings

@step
def train(model: str) -> str:
    return model

@pipeline(enable_cache=False)
def retrain(model: str = "none"):
    train(model)

snapshot = retrain.create_snapshot(name="retrain")
print("SNAPSHOT", snapshot.id)
"""


@dataclass(frozen=True)
class Account:
    """What a team would hand to us."""

    key: str
    project: str


@contextmanager
def running(cache: Path, home: Path) -> Iterator[Running]:
    programs = venv(cache, "zenml", "zenml[server,local]")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "ZENML_CONFIG_PATH": str(home),
        "ZENML_STORE_TYPE": "sql",
        "ZENML_STORE_URL": f"sqlite:///{home}/z.db",
        "ZENML_SERVER_AUTO_ACTIVATE": "1",
        "ZENML_DEFAULT_USER_NAME": USER,
        "ZENML_DEFAULT_USER_PASSWORD": PASSWORD,
        "ZENML_SERVER_DEPLOYMENT_TYPE": "other",
        "ZENML_SERVER_AUTH_SCHEME": "OAUTH2_PASSWORD_BEARER",
        "ZENML_SERVER_JWT_SECRET_KEY": secrets.token_hex(16),
        "ZENML_ANALYTICS_OPT_IN": "false",
        "ZENML_SERVER_SERVER_URL": url,
    }
    application = "zenml.zen_server.zen_server_api:app"
    command = [str(programs / "python"), "-m", "uvicorn", application]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with served(command, environment, home / "log", f"{url}/health", 120):
        yield Running(url, programs / "python")


def account(server: Running) -> Account:
    """Make a service account, as an administrator does."""
    with httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False, timeout=30) as client:
        login = client.post("/login", data={"username": USER, "password": PASSWORD})
        client.headers["authorization"] = f"Bearer {login.json()['access_token']}"
        made = _made(client, "/service_accounts", {"name": "leeway", "active": True})
        key = _made(client, f"/service_accounts/{made['id']}/api_keys", {"name": "k"})
        projects = client.get("/projects").json()["items"]
        return Account(key["body"]["key"], projects[0]["id"])


def intake(server: Running, account: Account) -> tuple[str, str, str]:
    """Make a webhook; return its number, where it takes events, and its secret."""
    headers = {"authorization": f"Bearer {account.key}"}
    with httpx.Client(
        base_url=f"{server.url}/api/v1", headers=headers, trust_env=False, timeout=30
    ) as client:
        body = {"project": account.project, "name": "leeway", "webhook_type": "custom"}
        made = _made(client, "/webhooks", body)
        return made["id"], _found(made, "endpoint_url"), _found(made, "secret")


def snapshot(server: Running, account: Account, home: Path) -> str:
    """Make a snapshot of a pipeline with ZenML's own client; return its id."""
    assert server.python is not None
    (home / "flow.py").write_text(PIPELINE)
    environment = {
        "PATH": f"{server.python.parent}:/usr/bin:/bin",
        "HOME": str(home),
        "ZENML_CONFIG_PATH": str(home / "client"),
        "ZENML_STORE_URL": server.url,
        "ZENML_STORE_API_KEY": account.key,
        "ZENML_ACTIVE_PROJECT_ID": account.project,
        "ZENML_ANALYTICS_OPT_IN": "false",
    }
    done = subprocess.run(
        [str(server.python), "flow.py"],
        cwd=home,
        env=clean() | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "SNAPSHOT " in done.stdout, done.stdout[-2_000:] + done.stderr[-4_000:]
    return done.stdout.split("SNAPSHOT ")[1].split()[0]


def _made(client: httpx.Client, path: str, body: dict[str, object]) -> Any:
    response = client.post(path, json=body)
    assert response.is_success, f"{path}: {response.status_code} {response.text[:1_000]}"
    return response.json()


def _found(document: object, name: str) -> str:
    """Return the member of that name, wherever in the document it stands."""
    if isinstance(document, dict):
        if isinstance(document.get(name), str):
            return str(document[name])
        for inner in document.values():
            found = _found(inner, name)
            if found:
                return found
    return ""
