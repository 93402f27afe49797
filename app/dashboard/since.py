"""Since when windows drift without a break: asked in one way, so that all pages say the same."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.telling.reports import WindowQuery
from app.ports import Unit

LOOKED_AT = 192
"""Judged windows among which a break is looked for."""


@dataclass(frozen=True, slots=True)
class Since:
    """The first of the windows that drift; ``or_earlier``: no break was found before it."""

    start: datetime
    or_earlier: bool = False


async def since_of(unit: Unit, query: WindowQuery, until: datetime) -> Since | None:
    """Return since when windows drift, up to the one that begins ``until``.

    None where that one does not, or where it is the first that does.
    """
    found = await unit.views.drifting(query, until, LOOKED_AT)
    if found.since is None or found.windows < 2:
        return None
    return Since(found.since, found.windows == LOOKED_AT)
