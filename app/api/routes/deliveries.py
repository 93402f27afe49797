"""Deliveries: what came of each event at each target."""

from typing import Annotated

from fastapi import Query

from app.api import cursors
from app.api.parameters import Cursor, Limit, RowId
from app.api.router import new_router, refuses
from app.api.schemas.base import NAME_PATTERN
from app.api.schemas.deliveries import AttemptAnswer, DeliveryAnswer, DeliveryLine, DeliveryPage
from app.api.schemas.targets import QueuedAnswer
from app.api.state import ApiDep
from app.domain.alerts.delivery import DeliveryState
from app.domain.errors import NotFound
from app.steps.redeliver import redeliver as send_again

router = new_router("targets")


@router.get("/v1/deliveries", summary="List deliveries")
async def list_deliveries(
    api: ApiDep,
    target: Annotated[str | None, Query(pattern=NAME_PATTERN, description="To this one.")] = None,
    state: Annotated[DeliveryState | None, Query(description="In this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryPage:
    """Return deliveries, newest first; ``state=dead`` lists those that were given up."""
    below = cursors.decode(cursor, int)
    async with api.store.read() as unit:
        found = await unit.views.deliveries(target, state, below, limit + 1)
    shown, following = cursors.page(found, limit, lambda delivery: delivery.id)
    return DeliveryPage(items=[DeliveryLine.of(one) for one in shown], next_cursor=following)


@router.get("/v1/deliveries/{delivery}", summary="Read a delivery")
async def get_delivery(api: ApiDep, delivery: RowId) -> DeliveryAnswer:
    """Return a delivery with every attempt: its status, or why no answer came."""
    async with api.store.read() as unit:
        found = await unit.views.delivery(delivery)
    if found is None:
        raise NotFound(f"there is no delivery {delivery}")
    summary, attempts = found
    return DeliveryAnswer.of(summary, attempts=[AttemptAnswer.of(one) for one in attempts])


@router.post(
    "/v1/deliveries/{delivery}/redeliver",
    status_code=202,
    summary="Deliver once more",
    responses=refuses(_409="It asks for a retraining that was accepted or is over."),
)
async def redeliver(api: ApiDep, delivery: RowId) -> QueuedAnswer:
    """Queue the same event again, with the same id, due at once."""
    await send_again(api.store, delivery)
    return QueuedAnswer(delivery=delivery)
