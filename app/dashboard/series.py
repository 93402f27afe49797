"""Which windows a page is about: model, version, segment, monitor, and as known when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request

from app.dashboard.times import parse_time
from app.domain.alerts.event import rfc3339
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.model import Model, Version, VersionRole
from app.domain.monitors.monitor import DEFAULT_MONITOR, NO_FRAME, Monitor, default_monitor
from app.domain.retrainings.retraining import State
from app.domain.telling.overview import Judged
from app.domain.telling.reports import WindowQuery, WindowReport
from app.domain.verdicts.judgement import REFERENCE
from app.ports import Unit
from app.steps.declare import find
from app.steps.segments import counted_segments

LONGEST = 1_024
FURTHEST = 960
"""Windows among which a comparison is looked for that is not declared any more."""
PROMOTIONS = 100
"""Retrainings that are looked at for who was champion at a moment of the past."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The queries that all pages of windows take."""

    version: str
    segment: str
    monitor: str
    """Empty: the page chooses."""
    as_of: datetime | None
    comparison: str
    is_window: bool = False
    """Whether one window is asked for, which not every monitor has."""


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
    """That of the moment that is asked for, as far as promotions of retrainings tell it."""
    worst: Judged | None = None
    """What is said now by the worst of all enabled monitors."""
    deleted_at: datetime | None = None
    """Since when the monitor that is shown is deleted."""

    @property
    def is_past(self) -> bool:
        """Whether what the monitor said last is no word on how the model stands now."""
        return self.deleted_at is not None or not self.monitor.enabled

    @property
    def is_before(self) -> bool:
        """Whether the page chose a version before the champion, which was not judged yet."""
        chosen = not self.asked.version and self.champion is not None
        return chosen and self.query.version != self.champion

    @property
    def same(self) -> dict[str, object]:
        """Return the queries that links to the same series need."""
        as_of = None if self.asked.as_of is None else rfc3339(self.asked.as_of)
        comparison = None if self.query.comparison == REFERENCE else self.query.comparison
        return {
            "version": self.asked.version,
            "segment": self.query.segment,
            # always, since which one is shown without a name changes with what they say
            "monitor": self.query.monitor,
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
        monitor=text_of(request, "monitor"),
        as_of=parse_time(as_of, "as_of") if as_of else None,
        comparison=text_of(request, "comparison") or REFERENCE,
        is_window=bool(text_of(request, "window") or "start" in request.path_params),
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
        There is no such model, version, monitor, segment or comparison.
    """
    model = await find(unit, name)
    monitors = await unit.monitors.of(model.id)
    standing = await unit.views.standing(model.id)
    worst = standing.latest if standing else None
    wanted = asked.monitor or usual(monitors, worst, asked)
    known = await unit.monitors.known(model.id, wanted)
    if (known is None and wanted != DEFAULT_MONITOR) or (known and known.frame == NO_FRAME):
        raise NotFound(f"model {name!r} has no such monitor")
    versions = await unit.models.versions(model.id)
    if asked.version and asked.version not in {version.name for version in versions}:
        raise NotFound(f"model {name!r} has no such version")
    champion = await _champion(unit, model, versions, asked.as_of)
    query = WindowQuery(
        model.id,
        asked.version or champion or "",
        asked.segment,
        wanted,
        asked.as_of,
        comparison=asked.comparison,
        **({} if known is None else {"frame": known.frame}),
    )
    shown = known.monitor if known else default_monitor(model.settings.window)
    await _refuse_unknown(unit, model, query, shown)
    if not asked.version:
        query = await last_judged(unit, query, versions)
    deleted_at = known.deleted_at if known else None
    return Scene(model, query, asked, versions, monitors, shown, champion, worst, deleted_at)


async def _refuse_unknown(unit: Unit, model: Model, query: WindowQuery, monitor: Monitor) -> None:
    """Tell apart what has no windows yet from what there is not, and never was."""
    now = replace(query, as_of=None, comparison=REFERENCE)
    is_counted = not query.segment or query.segment in await counted_segments(unit, model)
    if not is_counted and not await unit.views.windows(now, None, 1):
        raise NotFound(f"model {model.name!r} has no such segment: {query.segment!r}")
    if query.comparison != REFERENCE and query.comparison not in {one.name for one in monitor.also}:
        found = await unit.views.windows(replace(now, comparison=query.comparison), None, FURTHEST)
        if all(one.verdict is None for one in found):
            raise NotFound(f"this monitor holds nothing against {query.comparison!r}")


def usual(monitors: Sequence[Monitor], worst: Judged | None, asked: Asked) -> str:
    """Return the monitor that a page shows where none is named: the one that says the worst.

    For one window it is the usual one, as long as that is enabled.
    """
    enabled = [one.name for one in monitors if one.enabled]
    if worst is None or (asked.is_window and DEFAULT_MONITOR in enabled):
        return min(enabled, key=lambda one: (one != DEFAULT_MONITOR, one), default=DEFAULT_MONITOR)
    return worst.monitor


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


async def _champion(
    unit: Unit, model: Model, versions: Sequence[Version], as_of: datetime | None
) -> str | None:
    """Return the champion, at a moment of the past the one that promotions since then replaced."""
    champion = next((v.name for v in versions if v.role is VersionRole.CHAMPION), None)
    if as_of is None:
        return champion
    runs = await unit.retrainings.page(model.id, State.PROMOTED, None, PROMOTIONS)
    later = [run for run in runs if run.changed_at > as_of]
    return min(later, key=lambda run: run.changed_at).version if later else champion


async def last_judged(unit: Unit, query: WindowQuery, versions: Sequence[Version]) -> WindowQuery:
    """Return the champion's series; where none of it is judged, that with the latest verdict.

    Of a moment of the past also that of a version that was retired since then.
    """
    if await unit.views.last_judged(query) is not None:
        return query
    shown = [v for v in versions if query.as_of or v.role is not VersionRole.RETIRED]
    found: list[tuple[datetime, WindowQuery]] = []
    for series in (replace(query, version=version.name) for version in shown):
        start = await unit.views.last_judged(series)
        found += [] if start is None else [(start, series)]
    return max(found, key=lambda one: one[0])[1] if found else query
