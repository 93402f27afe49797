"""What the world is told of a model that fell silent, and of one whose rows are back."""

from collections.abc import Mapping
from typing import Any

from app.domain.alerts.alert import Change, Step
from app.domain.alerts.event import rfc3339
from app.domain.alerts.traffic import Silence
from app.domain.model import WHOLE
from app.domain.monitors.monitor import ALL_VERSIONS, TRAFFIC_MONITOR, Severity


def silence_data(
    model: str, severity: Severity, change: Change, step: Step, silence: Silence
) -> Mapping[str, Any]:
    """Return the ``data`` of a traffic alert's event."""
    usual = silence.usual_rows
    return {
        "model": model,
        "version": ALL_VERSIONS,
        "segment": WHOLE,
        "monitor": TRAFFIC_MONITOR,
        "severity": severity.value,
        "state": change.value,
        "reason": step.reason.value,
        "since": rfc3339(step.since),
        "silence": {
            "from": rfc3339(silence.since),
            "to": rfc3339(silence.until),
            "minutes": round((silence.until - silence.since).total_seconds() / 60),
            "usual_rows": None if usual is None else round(usual),
        },
        "features": [],
        "features_left_out": 0,
    }
