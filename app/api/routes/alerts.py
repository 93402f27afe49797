"""Alerts: what fired, and why."""

from typing import Annotated

from fastapi import Query

from app.api import cursors
from app.api.parameters import NO_NUL, Cursor, Limit, RowId
from app.api.router import new_router, refuses
from app.api.schemas.alerts import AlertAnswer, AlertLine, AlertPage, AlertStepAnswer
from app.api.schemas.base import NAME_PATTERN
from app.api.state import ApiDep
from app.domain.alerts.alert import AlertState
from app.domain.errors import NotFound
from app.steps import declare

router = new_router("alerts")


@router.get("/v1/alerts", summary="List alerts", responses=refuses(_404="There is no such model."))
async def list_alerts(
    api: ApiDep,
    model: Annotated[str | None, Query(pattern=NAME_PATTERN, description="Of this model.")] = None,
    version: Annotated[
        str | None, Query(max_length=128, pattern=NO_NUL, description="Of this version.")
    ] = None,
    monitor: Annotated[
        str | None, Query(pattern=NAME_PATTERN, description="Of this monitor.")
    ] = None,
    state: Annotated[AlertState | None, Query(description="In this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AlertPage:
    """Return alerts of all models: one for each monitor and series, never one for each feature.

    Those of one monitor and version, all rows and segments, are told of together.
    """
    after = cursors.decode(cursor, int) or 0
    async with api.store.read() as unit:
        model_id = (await declare.find(unit, model)).id if model is not None else None
        found = await unit.views.alerts(
            model_id, state, after, limit + 1, version=version, monitor=monitor
        )
    shown, following = cursors.page(found, limit, lambda alert: alert.id)
    return AlertPage(items=[AlertLine.of(alert) for alert in shown], next_cursor=following)


@router.get("/v1/alerts/{alert}", summary="Read an alert")
async def get_alert(api: ApiDep, alert: RowId) -> AlertAnswer:
    """Return an alert with its steps: one for each window, with the reason."""
    async with api.store.read() as unit:
        found = await unit.views.alert(alert)
    if found is None:
        raise NotFound(f"there is no alert {alert}")
    summary, steps = found
    return AlertAnswer.of(summary, steps=[AlertStepAnswer.of(step) for step in steps])
