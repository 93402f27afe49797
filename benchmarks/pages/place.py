"""A place as large as pages should bear: 200 models, one of 200 features and 500 windows."""

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

FLEET, FEATURES, WINDOWS = 200, 200, 500
DELIVERIES = 20_000
WIDE, SENT = "wide", "sent"
"""The wide model, and the one that batches are posted to."""
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


def declare_wide(url: str) -> None:
    """Declare the wide model, whose reference the service learns itself."""
    line = {f"f{number:03}": float(number) for number in range(FEATURES)}
    moved = [{name: value + n % 50 for name, value in line.items()} for n in range(400)]
    with httpx.Client(base_url=url, timeout=120) as client:
        client.put(f"/v1/models/{WIDE}", json={"window": "1h"}).raise_for_status()
        stamped = [{"timestamp": (AT - HOUR).isoformat()} | row for row in moved]
        while (
            answer := client.post(f"/v1/models/{WIDE}/baselines", json=stamped)
        ).status_code == 503:
            time.sleep(1)  # as senders are asked to: a busy machine is not the end of it
        answer.raise_for_status()


def judge_wide(folder: Path) -> None:
    """Write what is said of the wide model's windows, while no service holds the database."""
    insert(sqlite_url(folder), judged(*_wide(folder)))


def _wide(folder: Path) -> tuple[int, str, int]:
    """Return the wide model's id, its champion, and an id that nothing has yet."""
    asked = (
        "select model.id, version.name, (select max(id) from judgement) + (select max(id) from "
        "window) from model join version on version.model_id = model.id where model.name = ?"
    )
    with sqlite3.connect(folder / "leeway.db") as connection:
        model, version, free = connection.execute(asked, [WIDE]).fetchone()
    return model, version, free + 1


def judged(model: int, version: str, first: int) -> Iterator[tuple[Table, list[Row]]]:
    ids = range(first, first + WINDOWS)
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
    names = [f"f{number:03}" for number in range(FEATURES)]
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
