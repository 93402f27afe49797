"""Which series of windows a request asks for: version, segment, monitor or width, as of when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query

from app.api import cursors, durations
from app.api.parameters import VersionQuery
from app.api.schemas.base import NAME_PATTERN, Duration, Time, parse_time
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.model import Model
from app.domain.monitors.monitor import BASE_FRAME, DEFAULT_MONITOR, NO_FRAME
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts.judgement import REFERENCE
from app.ports import Unit
from app.steps import declare
from app.steps.segments import check_segment

SegmentQuery = Annotated[
    str,
    Query(
        max_length=255,
        # a raw NUL in a pattern is no JSON, and PostgreSQL has no text with one
        pattern=r"^[^\x00]*$",
        description="Segment; empty for all rows together.",
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """The queries that all routes of windows take."""

    version: str | None
    segment: str
    monitor: str
    width: timedelta | None
    as_of: datetime | None
    comparison: str = REFERENCE

    async def resolve(self, unit: Unit, name: str) -> tuple[Model, WindowQuery]:
        """Return the model and its series; without a version the champion's.

        Raises
        ------
        NotFound, Invalid
            There is no such model, version, segment or monitor, or no windows of that width.
        """
        model = await declare.find(unit, name)
        frame = await unit.monitors.frame_of(model.id, self.monitor)
        if frame is None and self.monitor != DEFAULT_MONITOR:
            raise NotFound(f"model {name!r} has no monitor {self.monitor!r}")
        if frame == NO_FRAME:
            detail = f"monitor {self.monitor!r} judges no windows: its alerts say what it saw"
            raise Invalid(detail, (Fault(detail, field="monitor"),))
        own = frame in (None, BASE_FRAME)
        if own and self.width is not None and self.width != model.settings.window:
            width = durations.text(model.settings.window)
            detail = f"windows of this model are {width} wide"
            raise Invalid(detail, (Fault(detail, field="width"),))
        version = await self._version(unit, model)
        await check_segment(unit, model, self.segment)
        series = model.id, version, self.segment, self.monitor, self.as_of
        found = frame or BASE_FRAME
        return model, WindowQuery(*series, frame=found, comparison=self.comparison)

    async def _version(self, unit: Unit, model: Model) -> str:
        known = await unit.models.versions(model.id)
        if self.version is None:
            champion = await unit.models.champion(model.id)
            return champion.name if champion else ""
        if self.version not in {version.name for version in known}:
            raise NotFound(f"model {model.name!r} has no version {self.version!r}")
        return self.version


def _asked(
    version: VersionQuery = None,
    segment: SegmentQuery = "",
    monitor: Annotated[
        str, Query(pattern=NAME_PATTERN, description="Whose judgement.")
    ] = DEFAULT_MONITOR,
    width: Annotated[
        Duration | None, Query(description="Width of the windows, in place of a monitor.")
    ] = None,
    as_of: Annotated[Time | None, Query(description="Answer as was known at this moment.")] = None,
    comparison: Annotated[
        str,
        Query(
            pattern=NAME_PATTERN,
            description="What the window was held against: ``reference``, or what the monitor "
            "names in ``also``.",
        ),
    ] = REFERENCE,
) -> Asked:
    return Asked(version, segment, monitor, width, as_of, comparison)


AskedDep = Annotated[Asked, Depends(_asked)]


def before(cursor: str | None) -> datetime | None:
    """Return the time that a cursor of a list of windows holds.

    Raises
    ------
    Invalid
        It is none of ours.
    """
    held = cursors.decode(cursor, str)
    if held is None:
        return None
    try:
        return parse_time(held)
    except ValueError:
        fault = Fault("is not a cursor of this list", field="cursor")
        raise Invalid("the cursor cannot be used", (fault,)) from None
