"""What the steps of the retraining DAG do: standard library only, and Leeway's API over HTTP.

The model is a toy (the nearest of two centroids); put your own training in its place. Read from
the environment: ``LEEWAY_URL``, ``LEEWAY_API_KEY`` where the service asks for one,
``TRAINING_CSV`` (recent rows with their labels) and ``MODEL_DIR``.
"""

# ruff: noqa: ARG001, INP001  steps are called alike; a folder of DAGs is no package
import csv
import json
import os
import statistics
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Row = dict[str, str]

LABEL = "label"
LEAST_ROWS = 100
HELD_OUT = 5
"""Every so manieth row is kept from the training."""


def call(method: str, path: str, body: bytes | None = None, **headers: str) -> Any:  # noqa: ANN401
    """Ask Leeway, by the API key unless another token is given; returns the JSON of its answer."""
    key = os.environ.get("LEEWAY_API_KEY")
    sent = ({"Authorization": f"Bearer {key}"} if key else {}) | headers
    url = os.environ["LEEWAY_URL"] + path
    request = urllib.request.Request(url, body, sent, method=method)  # noqa: S310  our own URL
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read() or b"null")


def say(conf: Document, state: str, **more: object) -> Document:
    """Tell Leeway how the run stands, with the token of this run. Repeating it does no harm."""
    callback, word = conf["callback"], json.dumps({"state": state, **more}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {callback['token']}"}
    answer: Document = call("POST", callback["path"], word, **headers)
    return answer


def validate(conf: Document) -> Document:
    """1. Look whether there is enough to learn from, with the columns that drifted."""
    say(conf, "running")
    rows = read_rows()
    missing = [name for name in conf["features"] if name not in rows[0]] if rows else []
    if len(rows) < LEAST_ROWS or missing:
        raise ValueError(f"{len(rows)} rows, missing columns: {missing}")
    return {"rows": len(rows)}


def features(conf: Document, validated: Document) -> Document:
    """2. Choose the columns that are numbers in every row: the toy learns from these."""
    numbers = [name for name in read_rows()[0] if name != LABEL and is_number(name)]
    return {**validated, "columns": numbers}


def train(conf: Document, prepared: Document) -> Document:
    """3. Train the challenger, and keep it under a name of its own."""
    version = conf["id"].removeprefix("rtr_")[:12]
    seen = [row for i, row in enumerate(read_rows()) if i % HELD_OUT]
    centroids = {}
    for label in sorted({row[LABEL] for row in seen}):
        mine = [row for row in seen if row[LABEL] == label]
        centroids[label] = {
            name: statistics.fmean(float(row[name]) for row in mine) for name in prepared["columns"]
        }
    artefact(conf, version).write_text(json.dumps(centroids))
    return {**prepared, "version": version}


def evaluate(conf: Document, trained: Document) -> Document:
    """4. Measure it on rows that it has not seen."""
    return {**trained, "accuracy": accuracy(artefact(conf, trained["version"]))}


def compare(conf: Document, evaluated: Document) -> Document:
    """5. Hold it against the champion on the same rows."""
    champion = artefact(conf, "champion")
    before = accuracy(champion) if champion.exists() else None
    better = before is None or evaluated["accuracy"] >= before
    return {**evaluated, "champion_accuracy": before, "better": better}


def shadow(conf: Document, compared: Document) -> Document:
    """6. Register it with Leeway, with its own reference. Thin: no traffic goes to it."""
    version, metrics = compared["version"], {"accuracy": compared["accuracy"]}
    lineage = {"rows": compared["rows"], "retraining": conf["id"]}
    say(conf, "succeeded", version={"name": version, "lineage": lineage}, metrics=metrics)
    query = urllib.parse.urlencode({"version": version})
    path = f"/v1/models/{conf['model']}/baselines?{query}"
    rows = training_csv().read_bytes()
    reference = call("POST", path, rows, **{"Content-Type": "text/csv"})
    return {**compared, "baseline": reference["id"]}


def canary(conf: Document, shadowed: Document) -> Document:
    """7. Thin: a real one would send it a part of the traffic and wait for Leeway's verdicts."""
    versions = call("GET", f"/v1/models/{conf['model']}/versions")["items"]
    roles = {one["name"]: one["role"] for one in versions}
    healthy = roles.get(shadowed["version"]) == "challenger"
    return {**shadowed, "healthy": healthy}


def decide(conf: Document, tried: Document) -> Document:
    """8. Promote, or roll back: the champion stays as it is."""
    if not (tried["better"] and tried["healthy"]):
        return say(conf, "rejected", detail="no better than the champion")
    artefact(conf, "champion").write_bytes(artefact(conf, tried["version"]).read_bytes())
    return say(conf, "promoted", baseline=tried["baseline"])


STEPS = (validate, features, train, evaluate, compare, shadow, canary, decide)
"""In order; each gets the request (the DAG run's conf) and what the one before returned."""


def training_csv() -> Path:
    return Path(os.environ["TRAINING_CSV"])


def artefact(conf: Document, name: str) -> Path:
    """Return where a version is kept, apart from those of other models."""
    folder = Path(os.environ["MODEL_DIR"]) / urllib.parse.quote(conf["model"], safe="")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.json"


def read_rows() -> list[Row]:
    with training_csv().open(newline="") as file:
        return list(csv.DictReader(file))


def is_number(name: str) -> bool:
    try:
        return all(float(row[name]) == float(row[name]) for row in read_rows())
    except ValueError:
        return False


def accuracy(model: Path) -> float:
    centroids = json.loads(model.read_text())
    unseen = [row for i, row in enumerate(read_rows()) if not i % HELD_OUT]
    return statistics.fmean(nearest(centroids, row) == row[LABEL] for row in unseen)


def nearest(centroids: dict[str, dict[str, float]], row: Row) -> str:
    def far(label: str) -> float:
        return sum((float(row[name]) - at) ** 2 for name, at in centroids[label].items())

    return min(centroids, key=far)
