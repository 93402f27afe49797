"""Which segments are counted, and which of them appeared or vanished, from what is stored."""

from app.domain.alike import LONGEST, way_out
from app.domain.errors import NotFound
from app.domain.model import WHOLE, Model
from app.domain.segments.findings import changes
from app.domain.segments.segment import awaited
from app.domain.telling.reports import StoredCounts, WindowQuery
from app.domain.verdicts.judgement import WindowSummary
from app.domain.verdicts.quality import Finding
from app.ports import Unit


async def segment_changes(
    unit: Unit,
    model: Model,
    query: WindowQuery,
    window: WindowSummary,
    stored: StoredCounts | None,
) -> tuple[Finding, ...]:
    """Return what a window of all rows, as it is now, has to say of its segments."""
    if stored is None or stored.grid_set is None or query.segment != WHOLE or query.as_of:
        return ()
    plan = (await unit.models.grid_set(model.id, stored.grid_set)).segments
    baseline = stored.baseline or model.active_baseline
    if plan is None or baseline is None:
        return ()
    span = window.key.start, window.end
    held = await unit.segments.held(model.id, window.key.version, stored.grid_set, span)
    reference = await unit.segments.rows(model.id, baseline)
    return changes(plan.declared(model.settings.segments), reference, held)


async def counted_segments(unit: Unit, model: Model) -> set[str]:
    """Return the segments whose rows are counted from now on."""
    active = await unit.models.active_grid_set(model.id)
    plan = None if active is None else active.segments
    groupings = () if plan is None else plan.declared(model.settings.segments)
    return {text for grouping in groupings for text in grouping.texts}


async def check_segment(unit: Unit, model: Model, segment: str) -> None:
    """Tell a segment that has no windows yet from one that there is not, and never was.

    Raises
    ------
    NotFound
        No declaration of the model makes it, and no windows of it are stored.
    """
    if segment == WHOLE:
        return
    active = await unit.models.active_grid_set(model.id)
    plan, asked = None if active is None else active.segments, model.settings.segments
    known = [text for one in (() if plan is None else plan.groupings) for text in one.texts]
    begins = plan is None or plan.asked != asked
    if segment in known or (begins and awaited(asked, segment)):
        return
    if not await unit.segments.stored(model.id, segment):
        said = f"model {model.name!r} has no segment {segment[:LONGEST]!r}"
        raise NotFound(said + way_out(segment, known))
