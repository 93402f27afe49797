"""A source is declared, unless another one that is switched off has counted its objects."""

import posixpath

from app.domain.errors import Conflict
from app.domain.sources.prefix import Real, overlap
from app.domain.sources.source import Source
from app.ports import Unit

MOST_SOURCES = 1_000


async def declare_source(unit: Unit, source: Source, real: Real = posixpath.normpath) -> bool:
    """Create or replace a source; True where it was created.

    Raises
    ------
    Conflict
        A source of another name that is switched off, as a backfill leaves one, has counted what
        lies there: it would count twice.
    """
    present = await unit.sources.get(source.model_id, source.name)
    if present is not None and present.source.url == source.url:
        return await unit.sources.put(source)
    # a backfill that begins at this moment comes before us, or after
    await unit.models.hold(source.model_id)
    for state in await unit.sources.page(source.model_id, None, MOST_SOURCES):
        other, progress = state.source, state.progress
        busy = state.looking or progress.counted or progress.found
        elsewhere = other.enabled or other.name == source.name
        if busy and not elsewhere and overlap(other, source, real):
            raise Conflict(
                f"source {other.name!r} has counted objects there, and is switched off: PUT this "
                "as that source to go on with it, or delete that one to count them again",
                code="prefix-taken",
            )
    return await unit.sources.put(source)
