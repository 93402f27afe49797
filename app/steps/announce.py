"""What happened to an alert is written to the outbox, with a delivery for each who takes it."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

import structlog

from app.domain.alerts import event
from app.domain.alerts.alert import AlertKey, Change
from app.domain.alerts.delivery import Target
from app.domain.alerts.routing import gone, receivers
from app.domain.model import WHOLE
from app.domain.monitors.monitor import Severity
from app.ports import Unit

log = structlog.get_logger("leeway.steps")
A_PAGE = 1_000
"""Targets read at a time."""


async def announce(
    unit: Unit,
    source: str,
    model: str,
    key: AlertKey,
    told: tuple[Change, Mapping[str, Any]],
    only: Collection[str] | None = None,
) -> int:
    """Write an alert's event with a delivery for each target that takes it, or those named.

    Those of all segments are made in one order, since they are told of together.
    """
    announced, data = told
    ordering = f"alert/{key.model_id}/{key.version}/{WHOLE}/{key.monitor}"
    told_before: Collection[str] = ()
    if announced is Change.RESOLVED:
        told_before = await unit.outbox.told(ordering)
        if alone := await unit.outbox.told_alone(ordering):
            data = {**data, "told_alone": list(alone)}
    declared = await every_target(unit)
    targets = receivers(declared, Severity(data["severity"]), only, told_before)
    if lost := gone(declared, only):
        log.warning("alert_targets_gone", model=model, monitor=key.monitor, targets=lost)
    happened = event.make_event(
        f"evt_{uuid.uuid4().hex}",
        event.FIRING if announced is Change.FIRING else event.RESOLVED,
        source=source,
        subject=f"{model}/{key.version}/{key.monitor}",
        time=unit.now,
        ordering=ordering,
        data=data,
    )
    return len(await unit.outbox.add(happened, targets))


async def every_target(unit: Unit) -> list[Target]:
    """Return all targets that are declared, however many."""
    found: list[Target] = []
    while page := await unit.targets.page(found[-1].name if found else None, A_PAGE):
        found += page
        if len(page) < A_PAGE:
            break
    return found
