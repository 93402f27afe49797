"""Targets: where events go."""

from dataclasses import replace

from fastapi import Response

from app.api import cursors
from app.api.parameters import Cursor, Limit, TargetName
from app.api.router import new_router, refuses
from app.api.schemas.targets import (
    CheckAnswer,
    QueuedAnswer,
    TargetAnswer,
    TargetDeclaration,
    TargetPage,
    TroubleAnswer,
)
from app.api.state import ApiDep
from app.domain.errors import NotFound
from app.steps.remove_target import remove_target
from app.steps.try_target import try_target

router = new_router("targets")


@router.put(
    "/v1/targets/{target}",
    summary="Declare a target",
    responses={201: {"model": TargetAnswer, "description": "The target was created."}},
)
async def declare_target(
    api: ApiDep, target: TargetName, body: TargetDeclaration, response: Response
) -> TargetAnswer:
    """Create or replace a target. Secrets are references, read when they are used, never stored.

    Its address is checked now, and again on every connection.
    """
    checked = await api.targets.check(target, body.kind, body.options)
    takes = body.taking(checked)
    declared = replace(checked, enabled=body.enabled, takes=takes, severities=body.graded(takes))
    async with api.store.write() as unit:
        created = await unit.targets.put(declared)
        stored = await unit.targets.get(target)
    response.status_code = 201 if created else 200
    return TargetAnswer.of(stored or declared)


@router.get("/v1/targets", summary="List targets")
async def list_targets(api: ApiDep, limit: Limit = 50, cursor: Cursor = None) -> TargetPage:
    """Return targets by name."""
    after = cursors.decode(cursor, str)
    async with api.store.read() as unit:
        found = await unit.targets.page(after, limit + 1)
    shown, following = cursors.page(found, limit, lambda target: target.name)
    return TargetPage(items=[TargetAnswer.of(target) for target in shown], next_cursor=following)


@router.get("/v1/targets/{target}", summary="Read a target")
async def get_target(api: ApiDep, target: TargetName) -> TargetAnswer:
    """Return a target; of its secrets the references only."""
    async with api.store.read() as unit:
        found = await unit.targets.get(target)
    if found is None:
        raise NotFound(f"there is no target {target!r}")
    return TargetAnswer.of(found)


@router.delete(
    "/v1/targets/{target}",
    status_code=204,
    summary="Delete a target",
    response_class=Response,
    response_description="It is gone.",
    responses=refuses(_409="A monitor or a retraining policy names the target."),
)
async def delete_target(api: ApiDep, target: TargetName) -> Response:
    """Send nothing more there; what was sent stays on record.

    One that a monitor or a retraining policy names stays: declare these without it first, or
    switch it off with ``enabled``.
    """
    await remove_target(api.store, target)
    return Response(status_code=204)


@router.post("/v1/targets/{target}/check", summary="Check a target's configuration")
async def check_target(api: ApiDep, target: TargetName) -> CheckAnswer:
    """Ask the receiver what would keep events from having an effect; nothing is started.

    It finds the usual mistakes: a secret that is not there, a wrong token, an unknown or paused
    DAG, a snapshot that cannot run. Of kinds that cannot be asked it looks at secrets only: test
    those.
    """
    async with api.store.read() as unit:
        found = await unit.targets.get(target)
    if found is None:
        raise NotFound(f"there is no target {target!r}")
    troubles = await api.asker.check(found)
    return CheckAnswer(troubles=[TroubleAnswer.of(trouble) for trouble in troubles])


@router.post(
    "/v1/targets/{target}/test",
    status_code=202,
    summary="Try a target",
    responses=refuses(_409="The target is disabled."),
)
async def test_target(api: ApiDep, target: TargetName) -> QueuedAnswer:
    """Send a test event through the same outbox as real ones; read what came of its delivery.

    Where an event would start a run, the configuration is checked instead.
    """
    return QueuedAnswer(delivery=await try_target(api.store, api.event_source, target))
