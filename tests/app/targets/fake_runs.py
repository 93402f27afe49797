"""Orchestrators that run nothing: strict about what they take, as their published schemas are.

Each answers as the real one does where that was seen (Airflow 3.3, ZenML 0.98), else as its
published API says (Airflow 2, Kubeflow Pipelines 2.17, Argo Events, GitHub).
"""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.app.targets.exchange import SECRETS, Asked, Reply

BEARER = f"Bearer {SECRETS['KEY']}"
RUN_FIELDS = {
    "dag_run_id",
    "data_interval_start",
    "data_interval_end",
    "logical_date",
    "run_after",
    "conf",
    "note",
    "partition_key",
}
KFP_FIELDS = {
    "experiment_id",
    "run_id",
    "display_name",
    "storage_state",
    "description",
    "pipeline_version_id",
    "pipeline_spec",
    "pipeline_version_reference",
    "runtime_config",
    "service_account",
    "created_at",
    "scheduled_at",
    "finished_at",
    "state",
    "error",
    "run_details",
    "recurring_run_id",
    "state_history",
}
SNAPSHOT = "0b4a1f0e-4a55-4d0b-9a44-6f1d9d0f4c11"
PROJECT = "7d3f6a1e-0000-4000-8000-000000000001"


@dataclass
class Airflow:
    """Airflow 3 (or 2, with ``v1``): tokens that can be taken back, runs by their ids."""

    api: str = "v2"
    dag: dict[str, Any] = field(
        default_factory=lambda: {"dag_id": "retrain", "is_paused": False, "is_stale": False}
    )
    tokens: set[str] = field(default_factory=lambda: {SECRETS["KEY"]})
    logins: int = 0
    stale: int = 401
    """A token that ran out gets 401, one that was never valid 403 (seen in 3.3)."""
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/auth/token" and self.api == "v2":
            return self._login(asked)
        if not self._knows(asked.headers.get("authorization", "")):
            return Reply(self.stale, {"detail": "Token Expired"})
        root = f"/api/{self.api}/dags/retrain"
        if not asked.path.startswith(root):
            return Reply(404, {"detail": "Dag with dag_id: 'nope' not found"})
        if asked.path == root and asked.method == "GET":
            return Reply(200, self.dag)
        if asked.path == f"{root}/dagRuns" and asked.method == "POST":
            return self._start(asked.json)
        run = self.runs.get(asked.path.removeprefix(f"{root}/dagRuns/"))
        return Reply(200, run) if run else Reply(404, {"detail": "not found"})

    def _login(self, asked: Asked) -> Reply:
        if asked.json != {"username": "leeway", "password": SECRETS["PASSWORD"]}:
            return Reply(401, {"detail": "Invalid credentials"})
        self.logins += 1
        token = f"canary-token-{self.logins}" + "x" * 300
        self.tokens = {token}
        return Reply(201, {"access_token": token})

    def _knows(self, header: str) -> bool:
        if self.api == "v1":
            pair = f"leeway:{SECRETS['PASSWORD']}".encode()
            return header == f"Basic {base64.b64encode(pair).decode()}"
        return header.removeprefix("Bearer ") in self.tokens

    def _start(self, body: dict[str, Any]) -> Reply:
        known = RUN_FIELDS if self.api == "v2" else RUN_FIELDS - {"run_after", "partition_key"}
        if set(body) - known:
            return Reply(422, {"detail": [{"type": "extra_forbidden"}]})
        if self.api == "v2" and "logical_date" not in body:
            return Reply(422, {"detail": [{"type": "missing", "loc": ["body", "logical_date"]}]})
        if not isinstance(body.get("conf"), dict):
            return Reply(422, {"detail": [{"type": "dict_type", "loc": ["body", "conf"]}]})
        if not isinstance(body["conf"].get("model", ""), str):
            return Reply(400, {"detail": "Invalid input for param model"})
        name = body["dag_run_id"]
        if name in self.runs:
            return Reply(409, {"detail": {"reason": "Unique constraint violation"}})
        self.runs[name] = body | {"state": "queued"}
        return Reply(200, self.runs[name])


@dataclass
class Kubeflow:
    """Kubeflow Pipelines: display names need not be unique, so that a second run is made."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    known: tuple[str, ...] = ("pipelines/p-1", "pipelines/p-1/versions/v-1", "experiments/e-1")
    filters: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != BEARER:
            return Reply(401, _grpc("Unauthenticated", 16))
        path = asked.path.removeprefix("/apis/v2beta1/")
        if path == "runs":
            return self._start(asked.json) if asked.method == "POST" else self._list(asked)
        if path.startswith("runs/"):
            found = [run for run in self.runs if run["run_id"] == path.removeprefix("runs/")]
            return Reply(200, found[0]) if found else Reply(404, _grpc("not found", 5))
        if path in self.known:
            name = "pipeline_version" if "/versions/" in path else path.split("s/")[0]
            return Reply(200, {f"{name}_id": path.rsplit("/", 1)[1], "display_name": "retrain"})
        return Reply(404, _grpc("not found", 5))

    def _start(self, body: dict[str, Any]) -> Reply:
        if set(body) - KFP_FIELDS or not body.get("display_name"):
            return Reply(400, _grpc("invalid run", 3))
        if set(body["pipeline_version_reference"]) - {"pipeline_id", "pipeline_version_id"}:
            return Reply(400, _grpc("invalid reference", 3))
        if set(body["runtime_config"]) - {"parameters", "pipeline_root"}:
            return Reply(400, _grpc("invalid runtime config", 3))
        self.runs.append(body | {"run_id": f"run-{len(self.runs) + 1}", "state": "PENDING"})
        return Reply(200, self.runs[-1])

    def _list(self, asked: Asked) -> Reply:
        self.filters.append(asked.query)
        (predicate,) = json.loads(asked.query["filter"])["predicates"]
        assert set(predicate) == {"key", "operation", "stringValue"}
        assert (predicate["key"], predicate["operation"]) == ("display_name", "EQUALS")
        found = [run for run in self.runs if run["display_name"] == predicate["stringValue"]]
        return Reply(200, {"runs": found[: int(asked.query["page_size"])]} if found else {})


def _grpc(message: str, code: int) -> dict[str, Any]:
    return {"error": message, "code": code, "message": message, "details": []}


@dataclass
class ArgoEvents:
    """A webhook event source with a sensor like those that Metaflow makes."""

    event: str = "leeway.retraining"
    needs: tuple[str, ...] = ("model",)
    started: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path != "/retrain":
            return Reply(404, b"404 page not found")
        if asked.method != "POST":
            return Reply(405)
        if asked.headers.get("authorization") != BEARER:
            return Reply(401, b"Invalid Authorization")
        payload = asked.json["payload"]
        # a sensor filters in silence: the source has said yes by then
        if payload["name"] == self.event and all(key in payload for key in self.needs):
            self.started.append(payload)
        return Reply(200, b"success")


@dataclass
class Github:
    """One repository that takes repository_dispatch events."""

    repository: dict[str, Any] = field(
        default_factory=lambda: {
            "full_name": "acme/fraud",
            "archived": False,
            "permissions": {"push": True},
        }
    )
    dispatched: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers.get("accept") != "application/vnd.github+json":
            return Reply(415, {"message": "Unsupported media type"})
        if asked.headers.get("authorization") != BEARER:
            return Reply(401, {"message": "Bad credentials"})
        if not asked.path.startswith("/repos/acme/fraud"):
            return Reply(404, {"message": "Not Found"})
        if asked.method == "GET":
            return Reply(200, self.repository)
        body = asked.json
        payload = body.get("client_payload", {})
        good = (
            set(body) <= {"event_type", "client_payload"}
            and 1 <= len(body.get("event_type", "")) <= 100
            and len(payload) <= 10
            and len(asked.body) < 65_536
        )
        if not good:
            return Reply(422, {"message": "Invalid request"})
        self.dispatched.append(body)
        return Reply(204)


@dataclass
class ZenML:
    """A server with one snapshot; without a workload manager it has no route to run it."""

    runs_pipelines: bool = True
    runnable: bool = True
    runs: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != BEARER:
            return Reply(401, {"detail": ["CredentialsNotValid", "no"]})
        path = asked.path.removeprefix("/api/v1/")
        if path == f"pipeline_snapshots/{SNAPSHOT}":
            body = {"project_id": PROJECT, "runnable": self.runnable}
            return Reply(200, {"id": SNAPSHOT, "body": body})
        if path == f"pipeline_snapshots/{SNAPSHOT}/runs" and self.runs_pipelines:
            return self._start(asked.json)
        if path == "runs":
            assert asked.query["project"] == PROJECT
            found = [run for run in self.runs if run["name"] == asked.query["name"]]
            return Reply(200, {"index": 1, "total": len(found), "items": found})
        found = [run for run in self.runs if path == f"runs/{run['id']}"]
        return Reply(200, found[0]) if found else Reply(404, {"detail": ["KeyError", "no"]})

    def _start(self, body: dict[str, Any]) -> Reply:
        configuration = body["run_configuration"]
        if set(body) != {"run_configuration", "step_run"}:
            return Reply(422, {"detail": "extra"})
        if set(configuration) - {"run_name", "parameters", "enable_cache", "steps"}:
            return Reply(422, {"detail": "extra"})
        if not re.fullmatch(r"\w+", configuration["run_name"]):
            return Reply(422, {"detail": "run_name"})
        run = {
            "id": f"11111111-0000-4000-8000-{len(self.runs):012}",
            "name": configuration["run_name"],
            "body": {"status": "initializing", "project_id": PROJECT},
        }
        self.runs.append(run)
        return Reply(200, run)
