"""What we send to those that cannot run here, beside what their own clients say and send."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

from app.targets.kubeflow import PHASES
from tests.app.targets.exchange import read, retraining
from tests.integration.places import clean, venv
from tests.receivers import answer, receiving

GOLDEN = Path(__file__).parents[1] / "app" / "targets" / "golden"
MODELS = """
import json, sys
import kfp_server_api as api

def walk(document, model, at):
    names = {theirs: ours for ours, theirs in model.attribute_map.items()}
    for name, value in document.items():
        if name not in names:
            sys.exit(f"{at}.{name} is not in {model.__name__}")
        kind = model.openapi_types[names[name]]
        if isinstance(value, dict) and hasattr(api, kind):
            walk(value, getattr(api, kind), f"{at}.{name}")

walk(json.load(open(sys.argv[1])), api.V2beta1Run, "run")
print(sorted(vars(api.V2beta1RuntimeState)["allowable_values"]))
"""
PUBLISH = """
import sys
from metaflow.integrations import ArgoEvent

ArgoEvent("leeway.retraining", url=sys.argv[1]).publish(
    payload={"model": "flights"}, ignore_errors=False, force=True
)
"""


def test_our_run_has_only_fields_of_kubeflows_own_models(cache: Path, tmp_path: Path) -> None:
    python = venv(cache, "kfp", "kfp-server-api>=2,<3") / "python"
    done = _ran(python, MODELS, GOLDEN / "kubeflow.json", tmp_path)
    assert done.returncode == 0, done.stderr
    states = {state.lower() for state in json.loads(done.stdout.replace("'", '"'))}
    assert set(PHASES) == states - {"runtime_state_unspecified"}
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"display_name": "x", "surprise": 1}))
    assert "run.surprise is not in V2beta1Run" in _ran(python, MODELS, wrong, tmp_path).stderr


async def test_our_event_is_like_that_of_metaflows_own_client(cache: Path, tmp_path: Path) -> None:
    python = venv(cache, "metaflow", "metaflow>=2,<3") / "python"
    async with receiving(answer(200, body=b"success")) as receiver:
        done = await asyncio.to_thread(_ran, python, PUBLISH, receiver.url, tmp_path)
        assert receiver.requests, done.stderr
        theirs = read(receiver.requests[0]).json
    ours = json.loads((GOLDEN / "argo-events.json").read_text())
    assert _shape(theirs) == _shape(ours | {"payload": _only(ours["payload"], theirs["payload"])})


def _ran(
    python: Path, program: str, argument: object, home: Path
) -> "subprocess.CompletedProcess[str]":
    # Metaflow refuses to work for root, whoever is
    environment = clean() | {"HOME": str(home), "USERNAME": "leeway"}
    return subprocess.run(
        [str(python), "-c", program, str(argument)],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _only(payload: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the retraining says beyond the keys that both have."""
    said = json.loads(retraining().body)["data"]
    return {key: value for key, value in payload.items() if key in other or key not in said}


def _shape(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: _shape(value) for key, value in document.items()}
    return type(document).__name__
