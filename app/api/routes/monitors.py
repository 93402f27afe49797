"""Monitors: standing questions on a model."""

from collections.abc import Sequence

from fastapi import Response

from app.api import cursors
from app.api.parameters import Cursor, Limit, ModelName, MonitorName
from app.api.router import answers, new_router, refuses
from app.api.schemas.monitors import MonitorAnswer, MonitorDeclaration, MonitorPage
from app.api.state import ApiDep
from app.domain.model import Model
from app.domain.monitors.monitor import funded
from app.ports import Unit
from app.ports.monitors import Declared
from app.steps import ask, declare

router = new_router("monitors")


@router.put(
    "/v1/models/{model}/monitors/{monitor}",
    summary="Declare a monitor",
    responses=answers({201: {"model": MonitorAnswer, "description": "The monitor was created."}})
    | refuses(_409="The model has as many monitors as it can."),
)
async def declare_monitor(
    api: ApiDep,
    model: ModelName,
    monitor: MonitorName,
    body: MonitorDeclaration,
    response: Response,
) -> MonitorAnswer:
    """Create a monitor or change what it asks; the same declaration changes nothing.

    A change is a version of its own that judges from now on. What was said before stays.
    """
    declared, created = await ask.declare_monitor(
        api.store, api.event_source, model, body.monitor(monitor)
    )
    response.status_code = 201 if created else 200
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        return (await _answers(unit, found, [declared]))[0]


@router.get("/v1/models/{model}/monitors", summary="List monitors")
async def list_monitors(
    api: ApiDep, model: ModelName, limit: Limit = 50, cursor: Cursor = None
) -> MonitorPage:
    """Return a model's monitors by name."""
    after = cursors.decode(cursor, str)
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        monitors = await unit.monitors.page(found.id, after, limit + 1)
        shown, following = cursors.page(monitors, limit, lambda one: one.monitor.name)
        items = await _answers(unit, found, shown)
    return MonitorPage(items=items, next_cursor=following)


@router.get("/v1/models/{model}/monitors/{monitor}", summary="Read a monitor")
async def get_monitor(api: ApiDep, model: ModelName, monitor: MonitorName) -> MonitorAnswer:
    """Return what a monitor asks at present."""
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        declared = await unit.monitors.get(found.id, monitor)
        if declared is None:
            raise ask.missing(model, monitor)
        return (await _answers(unit, found, [declared]))[0]


@router.delete(
    "/v1/models/{model}/monitors/{monitor}",
    status_code=204,
    summary="Delete a monitor",
    response_class=Response,
    response_description="It is gone.",
    responses=refuses(_409="The model's retraining policy names the monitor."),
)
async def delete_monitor(api: ApiDep, model: ModelName, monitor: MonitorName) -> Response:
    """Ask no more; its alerts resolve and say so. What it said of windows stays readable.

    One that the model's retraining policy names stays: declare that without it first, or switch
    the monitor off with ``enabled``.
    """
    await ask.delete_monitor(api.store, api.event_source, model, monitor)
    return Response(status_code=204)


async def _answers(unit: Unit, model: Model, declared: Sequence[Declared]) -> list[MonitorAnswer]:
    """Return monitors with what a look of each may spend."""
    every = funded(await unit.monitors.of(model.id), model.settings.window)
    levels = {one.name: one.page_level for one in every}
    said = model.settings.severities
    return [MonitorAnswer.of(one, levels.get(one.monitor.name), said) for one in declared]
