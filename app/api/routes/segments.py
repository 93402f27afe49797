"""Segments: the parts of a model's rows that are judged on their own."""

from collections.abc import Mapping

from app.api.parameters import ModelName
from app.api.router import new_router
from app.api.schemas.segments import SegmentAnswer, SegmentPage
from app.api.state import ApiDep
from app.steps import declare

router = new_router("models")


@router.get("/v1/models/{model}/segments", summary="List segments")
async def list_segments(api: ApiDep, model: ModelName) -> SegmentPage:
    """Return the segments that rows are counted in, with their rows of the active baseline."""
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        active = await unit.models.active_grid_set(found.id)
        rows: Mapping[str, int] = {}
        if found.active_baseline is not None:
            rows = await unit.segments.rows(found.id, found.active_baseline)
    plan = None if active is None else active.segments
    asked = found.settings.segments
    declared = () if plan is None else plan.declared(asked)
    return SegmentPage(
        items=[
            answer
            for grouping in (() if plan is None else plan.groupings)
            for answer in SegmentAnswer.each(grouping, rows, counted=grouping in declared)
        ],
        waiting=asked is not None and (plan is None or plan.asked != asked),
    )
