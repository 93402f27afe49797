"""A place as large as pages should bear: 200 models, one of 200 features and 500 windows.

Another is as large as most are.
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Table

from app.store import sqlite_url
from app.store import tables as t
from benchmarks.bench_scrape import AT, HOUR, insert, rows

FLEET = 200
DELIVERIES = 20_000
WIDE, USUAL, SENT = "wide", "usual", "sent"
"""Two models with a history, and the one that batches are posted to."""
SIZES = {WIDE: (200, 500), USUAL: (20, 50)}
"""Features and windows."""
EVERY_DAY_DRIFTS = 24
Row = dict[str, Any]


def populate(folder: Path) -> None:
    """Fill an empty database with a fleet, alerts and deliveries."""
    fleet = rows(FLEET, 20)
    insert(
        sqlite_url(folder), ((of, _alerts(made) if of is t.alert else made) for of, made in fleet)
    )
    insert(sqlite_url(folder), told())


def _alerts(made: list[Row]) -> list[Row]:
    """Return alerts, half of which fire."""
    said = ({"state": "firing", "reason": "evidence"}, {"state": "inactive", "reason": "quiet"})
    return [one | said[number % 2] for number, one in enumerate(made)]


def declare(url: str) -> None:
    """Declare the models with a history, whose references the service learns itself."""
    with httpx.Client(base_url=url, timeout=120) as client:
        for name, (features, _) in SIZES.items():
            line = {column: float(number) for number, column in enumerate(_names(features))}
            moved = [{column: value + n % 50 for column, value in line.items()} for n in range(400)]
            client.put(f"/v1/models/{name}", json={"window": "1h"}).raise_for_status()
            _learn(client, name, [{"timestamp": (AT - HOUR).isoformat()} | row for row in moved])


def _learn(client: httpx.Client, name: str, rows: list[Row]) -> None:
    while (answer := client.post(f"/v1/models/{name}/baselines", json=rows)).status_code == 503:
        time.sleep(1)  # as senders are asked to: a busy machine is not the end of it
    answer.raise_for_status()


def judge(folder: Path) -> None:
    """Write what is said of these models' windows, while no service holds the database."""
    for name, (features, windows) in SIZES.items():
        insert(sqlite_url(folder), judged(*_series(folder, name), _names(features), windows))


def _names(features: int) -> list[str]:
    return [f"f{number:03}" for number in range(features)]


def _series(folder: Path, name: str) -> tuple[int, str, int]:
    """Return a model's id, its champion, and an id that nothing has yet."""
    asked = (
        "select model.id, version.name, (select max(id) from judgement) + (select max(id) from "
        "window) from model join version on version.model_id = model.id where model.name = ?"
    )
    with sqlite3.connect(folder / "leeway.db") as connection:
        model, version, free = connection.execute(asked, [name]).fetchone()
    return model, version, free + 1


def judged(
    model: int, version: str, first: int, names: list[str], windows: int
) -> Iterator[tuple[Table, list[Row]]]:
    ids = range(first, first + windows)
    at = {id_: AT + HOUR * (id_ - first) for id_ in ids}
    named = {"model_id": model, "version": version, "segment": "", "frame": "default"}
    yield t.window, [named | _span(id_, at[id_]) for id_ in ids]
    said = {"number": 1, "cause": "closed", "rows": 1_000}
    yield t.revision, [{"id": id_, "window_id": id_, "judged_at": AT} | said for id_ in ids]
    asked = {"monitor": "default", "monitor_version": 1, "comparison": "reference"}
    plain = {"warning": False, "page": False, "code_version": "0", "judged_at": AT}
    yield (
        t.judgement,
        [{"id": i, "revision_id": i, "state": _state(i)} | asked | plain for i in ids],
    )
    for id_ in ids:
        yield t.verdict, [_verdict(id_, name) for name in names]
        yield t.estimate, [_estimate(id_, n, name) for n, name in enumerate(names)]


def _span(id_: int, start: datetime) -> Row:
    times = {"start_at": start, "end_at": start + HOUR, "opened_at": start}
    return {"id": id_, "revision": 1, "closed_at": start + 2 * HOUR} | times


def _state(id_: int) -> str:
    return "ok" if id_ % EVERY_DAY_DRIFTS else "drift"


def _verdict(id_: int, name: str) -> Row:
    said = {"warning": False, "page": False, "rules": [], "p_value": 0.5, "p_adjusted": 0.5}
    return {"judgement_id": id_, "feature": name, "state": _state(id_)} | said


def _estimate(id_: int, number: int, name: str) -> Row:
    effect = (id_ * 31 + number * 17) % 300 / 1_000
    said = {"value": effect, "effect": effect, "p_value": 0.5, "threshold": 0.2}
    return {"judgement_id": id_, "feature": name, "statistic": "psi", "n_ref": 400} | (
        said | {"n_cur": 1_000}
    )


def told() -> Iterator[tuple[Table, list[Row]]]:
    """Yield deliveries, one in a hundred of them dead."""
    ids = range(1, DELIVERIES + 1)
    yield t.target, [_target("oncall"), _target("trainer")]
    yield t.event, [_event(id_) for id_ in ids]
    yield t.delivery, [_delivery(id_) for id_ in ids]
    tried = {"at": AT, "status": 204, "took": timedelta(milliseconds=20)}
    yield t.attempt, [{"delivery_id": id_} | tried for id_ in ids]


def _target(name: str) -> Row:
    options: Mapping[str, object] = {"url": f"https://{name}.example/hook"}
    return {"name": name, "kind": "webhook", "options": options, "enabled": True, "changed_at": AT}


def _event(id_: int) -> Row:
    subject = f"model-{id_ % FLEET + 1:05}/v1/default"
    said = {"type": "io.leeway.alert.firing.v1", "subject": subject, "ordering": subject}
    return {"id": f"evt_{id_:08}", "time": AT, "body": b"{}"} | said


def _delivery(id_: int) -> Row:
    state = "dead" if id_ % 100 == 0 else "delivered"
    said = {"target": "oncall" if id_ % 2 else "trainer", "ordering": "o", "tries": 1}
    when = {"created_at": AT, "changed_at": AT}
    return {"id": id_, "event_id": f"evt_{id_:08}", "state": state} | said | when
