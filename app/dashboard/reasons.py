"""Codes of states and reasons as people say them; a code that is not known here is shown itself."""

from collections.abc import Callable, Mapping
from typing import Any

ALERT_KINDS: Mapping[str, str] = {
    "firing": "drift",
    "pending": "warning",
    "resolved": "ok",
    "inactive": "plain",
}
RUN_KINDS: Mapping[str, str] = {
    "requested": "waiting",
    "accepted": "waiting",
    "running": "waiting",
    "timed_out": "error",
    "failed": "error",
    "succeeded": "ok",
    "promoted": "ok",
    "rejected": "warning",
}
DELIVERY_KINDS: Mapping[str, str] = {
    "pending": "waiting",
    "delivered": "ok",
    "dead": "error",
    "superseded": "plain",
}
OBJECT_KINDS: Mapping[str, str] = {
    "found": "waiting",
    "claimed": "waiting",
    "staged": "waiting",
    "counted": "ok",
    "quarantined": "error",
}
SAID: Mapping[str, str] = {
    # alerts
    "quiet": "nothing to alert about",
    "evidence": "the window had evidence enough for an alert",
    "still_firing": "the window had evidence enough again",
    "clearing": "a clean window; more are needed to resolve",
    "cleared": "enough clean windows in a row",
    "not_judged": "the window could not be judged, which changes nothing",
    "silent": "no rows came where some should have",
    "rows_arrived": "rows came again",
    "retraining_failed": "a retraining failed",
    "retraining_timed_out": "a retraining fell silent past its deadline",
    "not_champion": "its version is not the champion any more",
    "segment_gone": "its segment is not counted any more",
    "model_deleted": "its model was deleted",
    "monitor_deleted": "its monitor was deleted",
    "policy_removed": "the model's rule of retraining was removed",
    "retrained": "a retraining came to its end, or its version was promoted",
    # retrainings
    "asked": "it was asked for",
    "taken": "the receiver took the request",
    "not_delivered": "the request could not be delivered",
    "started": "the run began",
    "trained": "the run came to its end",
    "run_failed": "the run failed",
    "promoted": "its version was promoted",
    "rejected": "its version was rejected",
    "deadline_passed": "no word came before the deadline",
    "version_named": "the version that it made was named",
    "repeated": "said before; nothing changed",
    "overtaken": "a later word was here before; nothing changed",
    "already_decided": "promotion or rejection was decided before; nothing changed",
    "newer_promoted": "a run that was asked for later was promoted meanwhile; nothing changed",
}
ORIGINS: Mapping[str, str] = {
    "callback": "the orchestrator, with the run's token",
    "poll": "the orchestrator, when it was asked",
    "delivery": "the delivery of the request",
    "loop": "Leeway's own clock",
    "person": "a person, with an API key",
    "alert": "an alert that fired",
}
CAUSES: Mapping[str, str] = {
    "drift": "drift",
    "performance": "performance",
    "staleness": "age of the champion",
    "manual": "a person",
}
EVENTS: Mapping[str, str] = {
    "io.leeway.alert.firing.v1": "an alert fires",
    "io.leeway.alert.resolved.v1": "an alert is over",
    "io.leeway.retraining.requested.v1": "a retraining is asked for",
    "io.leeway.target.test.v1": "this is a test",
}


SEVERITIES: Mapping[str, str] = {
    "P1": "traffic stopped",
    "P2": "significant drift",
    "P3": "data quality",
    "P4": "retraining",
}


def said(code: str | None) -> str:
    """Return what a reason means."""
    return SAID.get(code or "", (code or "").replace("_", " ").replace("-", " "))


def event_words(kind: str) -> str:
    """Return what an event says, by its type."""
    return EVENTS.get(kind, kind)


FILTERS: dict[str, Callable[..., Any]] = {"said": said, "event_words": event_words}
