"""Which windows a page is about: model, version, segment, monitor, and as known when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from app.dashboard.times import parse_time
from app.domain.alerts.event import rfc3339
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.model import Model, Version, VersionRole
from app.domain.monitors.monitor import DEFAULT_MONITOR, Monitor, default_monitor
from app.domain.telling.reports import WindowQuery, WindowReport
from app.domain.verdicts.judgement import REFERENCE, WindowSummary
from app.ports import Unit
from app.steps.declare import find

LONGEST = 1_024
NEWEST = 8
"""Windows that are looked at for one with a verdict: the newest are open."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The queries that all pages of windows take."""

    version: str
    segment: str
    monitor: str
    as_of: datetime | None
    comparison: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A model, and the series of its windows that is shown."""

    model: Model
    query: WindowQuery
    asked: Asked
    versions: Sequence[Version]
    monitors: Sequence[Monitor]
    monitor: Monitor
    champion: str | None

    @property
    def same(self) -> dict[str, object]:
        """Return the queries that links to the same series need."""
        as_of = None if self.asked.as_of is None else self.asked.as_of.isoformat()
        monitor = None if self.query.monitor == DEFAULT_MONITOR else self.query.monitor
        comparison = None if self.query.comparison == REFERENCE else self.query.comparison
        return {
            "version": self.asked.version,
            "segment": self.query.segment,
            "monitor": monitor,
            "as_of": as_of,
            "comparison": comparison,
        }

    @property
    def told(self) -> dict[str, object]:
        """Return the same with all names spelled out, as the API needs them."""
        return {**self.same, "version": self.query.version}


def asked_of(request: Request) -> Asked:
    """Return what an address asks for.

    Raises
    ------
    Invalid
        A part of it can be no name or time.
    """
    as_of = text_of(request, "as_of")
    return Asked(
        version=text_of(request, "version"),
        segment=text_of(request, "segment"),
        monitor=text_of(request, "monitor") or DEFAULT_MONITOR,
        as_of=parse_time(as_of, "as_of") if as_of else None,
        comparison=text_of(request, "comparison") or REFERENCE,
    )


def text_of(request: Request, name: str) -> str:
    """Return a query's text; no database takes some of what an address can hold."""
    text: str = request.query_params.get(name, "")
    if len(text) > LONGEST or "\x00" in text or (not text.isprintable() and _breaks(text)):
        raise Invalid("the address cannot be used", (Fault("is no name", field=name),))
    return text


def _breaks(text: str) -> bool:
    return any("\ud800" <= mark <= "\udfff" for mark in text)


async def resolve(unit: Unit, name: str, asked: Asked) -> Scene:
    """Return the series that is asked for; the champion's, or what was judged before it.

    Raises
    ------
    NotFound
        There is no such model, version or monitor.
    """
    model = await find(unit, name)
    frame = await unit.monitors.frame_of(model.id, asked.monitor)
    if frame is None and asked.monitor != DEFAULT_MONITOR:
        raise NotFound(f"model {name!r} has no such monitor")
    versions = await unit.models.versions(model.id)
    if asked.version and asked.version not in {version.name for version in versions}:
        raise NotFound(f"model {name!r} has no such version")
    monitors = await unit.monitors.of(model.id)
    monitor = next((one for one in monitors if one.name == asked.monitor), None)
    champion = next((v.name for v in versions if v.role is VersionRole.CHAMPION), None)
    query = WindowQuery(
        model.id,
        asked.version or champion or "",
        asked.segment,
        asked.monitor,
        asked.as_of,
        comparison=asked.comparison,
        **({} if frame is None else {"frame": frame}),
    )
    if not asked.version:
        query = await _last_judged(unit, query, versions)
    shown = monitor or default_monitor(model.settings.window)
    return Scene(model, query, asked, versions, monitors, shown, champion)


async def report_of(unit: Unit, scene: Scene, start: datetime) -> WindowReport:
    """Return a window of the series that is shown.

    Raises
    ------
    NotFound
        None starts then.
    """
    report = await unit.views.window(scene.query, start)
    if report is None:
        raise NotFound(f"no window of this series starts at {rfc3339(start)}")
    return report


async def _last_judged(unit: Unit, query: WindowQuery, versions: Sequence[Version]) -> WindowQuery:
    """Return the champion's series; where none of it is judged, that with the latest verdict."""
    newest: list[tuple[WindowSummary, WindowQuery]] = []
    others = [v.name for v in versions if v.role is not VersionRole.RETIRED]
    for version in (query.version, *others):
        series = _of(query, version)
        latest = await unit.views.windows(series, None, NEWEST)
        found = [one for one in latest if one.state is not None]
        if found and version == query.version:
            return query
        newest += [(one, series) for one in found]
    return max(newest, key=lambda one: one[0].key.start)[1] if newest else query


def _of(query: WindowQuery, version: str) -> WindowQuery:
    return WindowQuery(
        query.model_id,
        version,
        query.segment,
        query.monitor,
        query.as_of,
        query.frame,
        query.comparison,
    )
