"""Receivers of alerts that page nobody: strict about what they take.

PagerDuty and Slack answer as their published APIs say; Alertmanager as 0.25 was seen to.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jsonschema_rs

from tests.app.targets.exchange import SECRETS, Asked, Reply

TEXT = {"type": "string", "minLength": 1}
PAGERDUTY = {
    "type": "object",
    "required": ["routing_key", "event_action"],
    "additionalProperties": False,
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "maxLength": 255},
        "client": TEXT,
        "client_url": {"type": "string", "format": "uri"},
        "links": {"type": "array"},
        "images": {"type": "array"},
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "additionalProperties": False,
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": TEXT,
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {"type": "string", "format": "date-time"},
                "component": TEXT,
                "group": TEXT,
                "class": TEXT,
                "custom_details": {"type": "object"},
            },
        },
    },
}
LABELS = {
    "type": "object",
    "minProperties": 1,
    "required": ["alertname"],
    "propertyNames": {"pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"},
    "additionalProperties": {"type": "string"},
}
ALERTS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["labels"],
        "additionalProperties": False,
        "properties": {
            "labels": LABELS,
            "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
            "startsAt": {"type": "string", "format": "date-time"},
            "endsAt": {"type": "string", "format": "date-time"},
            "generatorURL": {"type": "string", "format": "uri"},
        },
    },
}
SLACK_TEXT = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["plain_text"]},
        "text": {"type": "string", "minLength": 1, "maxLength": 3000},
        "emoji": {"type": "boolean"},
    },
}
SLACK = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": TEXT,
        "mrkdwn": {"type": "boolean"},
        "blocks": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["type", "text"],
                        "additionalProperties": False,
                        "properties": {"type": {"const": "section"}, "text": SLACK_TEXT},
                    },
                    {
                        "type": "object",
                        "required": ["type", "elements"],
                        "additionalProperties": False,
                        "properties": {
                            "type": {"const": "context"},
                            "elements": {"type": "array", "maxItems": 10, "items": SLACK_TEXT},
                        },
                    },
                ]
            },
        },
    },
}


def fits(schema: dict[str, Any], document: object) -> bool:
    return jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(document)


@dataclass
class PagerDuty:
    """Incidents by their keys: a resolve closes the one that its trigger opened."""

    open: set[str] = field(default_factory=set)
    events: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        body = asked.json
        if not fits(PAGERDUTY, body) or body["routing_key"] != SECRETS["KEY"]:
            return Reply(400, {"status": "invalid event", "message": "canary", "errors": []})
        if body["event_action"] == "trigger":
            if "payload" not in body:
                return Reply(400, {"status": "invalid event", "message": "canary", "errors": []})
            self.open.add(body["dedup_key"])
        else:
            self.open.discard(body["dedup_key"])
        self.events.append(body)
        document = {"status": "success", "message": "Event processed"}
        return Reply(202, document | {"dedup_key": body["dedup_key"]})


@dataclass
class Alertmanager:
    """Alerts by their labels; one is active until its end."""

    authorization: str | None = None
    alerts: dict[tuple[tuple[str, str], ...], dict[str, Any]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != self.authorization:
            return Reply(401)
        if asked.path != "/api/v2/alerts":
            return Reply(404)
        if asked.headers["content-type"] != "application/json":
            return Reply(415)
        if not fits(ALERTS, asked.json):
            return Reply(422, {"code": 602, "message": "canary"})
        for alert in asked.json:
            if "startsAt" in alert and _time(alert["endsAt"]) < _time(alert["startsAt"]):
                return Reply(400, b'"start time must be before end time"')
            self.alerts[tuple(sorted(alert["labels"].items()))] = alert
        return Reply(200)

    def active(self, at: datetime) -> int:
        return sum(_time(alert["endsAt"]) > at for alert in self.alerts.values())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass
class Slack:
    """One channel."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path != "/services/canary":
            return Reply(404, b"no_service")
        if not fits(SLACK, asked.json):
            return Reply(400, b"invalid_payload")
        self.told.append(asked.json)
        return Reply(200, b"ok")
