"""What the world is told: an orchestrator of a wish to retrain, people of one that failed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.alerts.alert import Change, Step
from app.domain.alerts.event import RETRAINING as TYPE
from app.domain.alerts.event import Event, make_event, rfc3339
from app.domain.model import WHOLE
from app.domain.monitors.monitor import ALL_VERSIONS, RETRAINING_MONITOR, Severity
from app.domain.retrainings.retraining import Retraining

EVENT_PREFIX = "evt_"
"""And the id of the run: the id of its request, at every try and wherever it is made."""
ORDERING = "retraining/"
"""And the id of the run: its request is delivered in an order of its own."""


def events_path(id: str) -> str:  # noqa: A002
    """Return where the orchestrator answers, below the service's own address."""
    return f"/v1/retrainings/{id}/events"


def fires_since(data: Mapping[str, Any]) -> datetime:
    """Return the latest window in which one of the alerts began to fire that this is about."""
    began = [one["since"] for one in data.get("members", ()) if one["changed"]]
    return max(map(datetime.fromisoformat, [data["since"], *began]))


def alert_about(data: Mapping[str, Any], alert_id: int) -> dict[str, Any]:
    """Return what an orchestrator is told of the alert whose event has this ``data``."""
    said = {key: data.get(key) for key in ("monitor", "severity", "since")}
    return {
        "alert": {"id": alert_id} | said,
        "features": [feature["feature"] for feature in data["features"]],
        "baseline": data.get("baseline"),
        "window": data.get("window"),
    }


def request_event(retraining: Retraining, source: str, token: str) -> Event:
    """Return the event that asks for a run; its bytes hold the token, and are shown nowhere."""
    about = retraining.about
    alert: Mapping[str, Any] | None = about.get("alert")
    data = {
        "id": retraining.id,
        "model": retraining.model,
        "version": retraining.version,
        "cause": retraining.cause,
        "reason": retraining.detail,
        "requested_at": rfc3339(retraining.requested_at),
        "deadline_at": rfc3339(retraining.deadline_at),
        "episode": retraining.episode,
        "monitor": alert["monitor"] if alert else None,
        "alert": alert,
        "features": about.get("features", []),
        "baseline": about.get("baseline"),
        "window": about.get("window"),
        "callback": {"path": events_path(retraining.id), "token": token},
    }
    return make_event(
        EVENT_PREFIX + retraining.id,
        TYPE,
        source=source,
        subject=f"{retraining.model}/{retraining.version}",
        time=retraining.requested_at,
        ordering=ORDERING + retraining.id,
        data=data,
    )


def failure_data(
    retraining: Retraining, severity: Severity, change: Change, step: Step
) -> dict[str, Any]:
    """Return the ``data`` of the alert on retrainings that fail or fall silent."""
    return {
        "model": retraining.model,
        "version": ALL_VERSIONS,
        "segment": WHOLE,
        "monitor": RETRAINING_MONITOR,
        "severity": severity.value,
        "state": change.value,
        "reason": step.reason.value,
        "since": rfc3339(step.since),
        "retraining": {
            "id": retraining.id,
            "state": retraining.state.value,
            "reason": retraining.reason.value,
            "cause": retraining.cause,
            "target": retraining.target,
            "requested_at": rfc3339(retraining.requested_at),
        },
        "features": [],
        "features_left_out": 0,
    }
