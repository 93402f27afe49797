"""Rejections: what was refused, so that it can be found by others than its sender."""

from typing import Annotated

from fastapi import Query

from app.api import cursors
from app.api.parameters import Cursor, Limit, ModelName, RowId
from app.api.router import new_router
from app.api.schemas.base import NAME_PATTERN, Time
from app.api.schemas.rejections import RejectionAnswer, RejectionPage
from app.api.state import ApiDep
from app.domain.errors import NotFound
from app.domain.rejection import Reason, RejectionQuery
from app.steps import declare

router = new_router("rejections")


@router.get("/v1/models/{model}/rejections", summary="List refused batches")
async def list_rejections(
    api: ApiDep,
    model: ModelName,
    reason: Annotated[Reason | None, Query(description="Refused for this reason.")] = None,
    source: Annotated[
        str | None, Query(pattern=NAME_PATTERN, description="From this source.")
    ] = None,
    since: Annotated[Time | None, Query(description="Refused at or after this time.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RejectionPage:
    """Return refused batches, newest first: the last 2,000 of a model, of the last 30 days.

    In a flood, twenty of one reason are described in a minute, and the last of them counts the
    others. ``leeway_rejected_batches_total`` in ``/metrics`` counts all, always.
    """
    before = cursors.decode(cursor, int)
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        query = RejectionQuery(found.id, reason, source, since)
        rejections = await unit.rejections.page(query, before, limit + 1)
    shown, following = cursors.page(rejections, limit, lambda one: one.id)
    return RejectionPage(items=[RejectionAnswer.of(one) for one in shown], next_cursor=following)


@router.get("/v1/models/{model}/rejections/{rejection}", summary="Read a refused batch")
async def get_rejection(api: ApiDep, model: ModelName, rejection: RowId) -> RejectionAnswer:
    """Return what is kept of a refused batch."""
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        stored = await unit.rejections.get(found.id, rejection)
    if stored is None:
        raise NotFound(f"model {model!r} has no rejection {rejection}")
    return RejectionAnswer.of(stored)
