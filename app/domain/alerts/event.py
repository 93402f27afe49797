"""What happened, as it leaves us: CloudEvents 1.0 bodies, fixed once as bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FIRING = "io.leeway.alert.firing.v1"
RESOLVED = "io.leeway.alert.resolved.v1"
TEST = "io.leeway.target.test.v1"
RETRAINING = "io.leeway.retraining.requested.v1"
CONTENT_TYPE = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``body`` is what every attempt sends, to the byte."""

    id: str
    type: str
    subject: str
    time: datetime
    ordering: str
    """Deliveries of one ordering key to one target are made in order (an alert's identity)."""
    body: bytes


def rfc3339(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC with ``Z``."""
    there = time if time.tzinfo is UTC else time.astimezone(UTC)
    return there.isoformat().removesuffix("+00:00") + "Z"


def make_event(
    id: str,  # noqa: A002  the CloudEvents name
    type: str,  # noqa: A002  the CloudEvents name
    *,
    source: str,
    subject: str,
    time: datetime,
    ordering: str,
    data: Mapping[str, Any],
) -> Event:
    """Return an event with its CloudEvents body; ``data`` must hold finite floats only."""
    document = {
        "specversion": "1.0",
        "id": id,
        "type": type,
        "source": source,
        "subject": subject,
        "time": rfc3339(time),
        "datacontenttype": "application/json",
        "data": data,
    }
    body = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Event(id, type, subject, time, ordering, body.encode())
