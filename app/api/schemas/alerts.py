"""Alerts on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Time
from app.domain.alerts.alert import AlertState
from app.domain.monitors.monitor import Severity
from app.domain.telling.reports import AlertStep, AlertSummary


class AlertLine(Answer):
    """The present state of a monitor on one series."""

    id: int
    model: str
    version: str
    monitor: str
    segment: str
    state: AlertState
    since: Time = Field(description="Start of the window in which the state began.")
    severity: Severity
    reason: str = Field(description="Why it is in this state.")
    worst: list[str] = Field(description="Features that moved most, the worst first.")
    window: Time = Field(description="Start of the window looked at last.")

    @classmethod
    def of(cls, alert: AlertSummary, **more: object) -> Self:
        members = {
            "id": alert.id,
            "model": alert.model,
            "version": alert.version,
            "monitor": alert.monitor,
            "segment": alert.segment,
            "state": AlertState(alert.state),
            "since": alert.since,
            "severity": alert.severity,
            "reason": alert.reason,
            "worst": list(alert.worst),
            "window": alert.window,
        }
        return cls.model_validate(members | more)


class AlertPage(Answer):
    """Alerts by id."""

    items: list[AlertLine]
    next_cursor: str | None


class AlertStepAnswer(Answer):
    """The alert after one window."""

    window: Time
    revision: int
    state: AlertState
    reason: str
    since: Time

    @classmethod
    def of(cls, step: AlertStep) -> Self:
        return cls(
            window=step.window,
            revision=step.revision,
            state=AlertState(step.state),
            reason=step.reason,
            since=step.since,
        )


class AlertAnswer(AlertLine):
    """An alert with every step that led to its state."""

    steps: list[AlertStepAnswer]
