"""What a model's page shows, as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.charts.caption import (
    Caption,
    dates_of,
    keys_of_strip,
    keys_of_timeline,
    series,
    stretch,
)
from app.dashboard.charts.strip import Strip, strip
from app.dashboard.charts.timeline import Timeline
from app.dashboard.files import drawing
from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.measure import measure_of
from app.dashboard.model.page import USUAL, chosen_of, most_of, time_of
from app.dashboard.place import of
from app.dashboard.series import Scene, asked_of, resolve
from app.dashboard.states import kind_of
from app.dashboard.wording import against
from app.domain.errors import NotFound
from app.domain.telling.overview import Cell
from app.domain.telling.reports import FeaturePoint, StoredEstimate

STRIP = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One feature in one window."""

    start: datetime
    cell: Cell


@dataclass(frozen=True, slots=True)
class Said:
    """One statistic of a feature in one window."""

    point: FeaturePoint
    estimate: StoredEstimate


OVER_TIME: Columns[Said] = {
    "window_start": lambda one: one.point.start,
    "window_end": lambda one: one.point.end,
    "rows": lambda one: one.point.rows,
    "state": lambda one: one.point.verdict.state,
    "statistic": lambda one: one.estimate.statistic,
    "value": lambda one: one.estimate.value,
    "effect": lambda one: one.estimate.effect,
    "threshold": lambda one: one.estimate.threshold,
    "p_value": lambda one: one.estimate.p_value,
}


async def get_heat(request: Request) -> Response:
    """Every feature that is asked for in every window that the grid looks at, one line each."""
    form, chosen = file_of(request) or "", chosen_of(request)
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked_of(request))
        measure = measure_of(scene.monitor)
        windows = await unit.views.windows(scene.query, chosen.before, most_of(request))
        starts = {one.verdict: one.key.start for one in windows if one.verdict is not None}
        counted = scene.model.schema.counted() if scene.model.schema else ()
        wanted = chosen.text.casefold()
        names = [one.name for one in counted if wanted in one.name.casefold()]
        cells = await unit.views.cells(list(starts), names, measure.statistic)
    by_time = sorted(starts, key=lambda verdict: starts[verdict])
    found = (cells[verdict].get(name) for verdict in by_time for name in sorted(names))
    lines = [Line(starts[cell.verdict], cell) for cell in found if cell is not None]
    columns: Columns[Line] = {
        "window_start": lambda line: line.start,
        "feature": lambda line: line.cell.feature,
        "state": lambda line: line.cell.state,
        "warning": lambda line: line.cell.warning,
        measure.statistic or measure.short: lambda line: line.cell.effect,
        "verdict": lambda line: line.cell.verdict,
    }
    return as_file(request, Listing(f"{scene.model.name}-features", columns, lines), form)


async def get_timeline(request: Request) -> Response:
    """One feature over windows, one line for each statistic."""
    form, chosen = file_of(request) or "", chosen_of(request)
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked_of(request))
        points = await unit.views.points(scene.query, chosen.feature, chosen.before, USUAL)
    found = [Said(point, one) for point in points for one in point.verdict.estimates]
    return as_file(request, Listing(f"{scene.model.name}-over-time", OVER_TIME, found), form)


async def get_chart(request: Request) -> Response:
    """One feature over time; without one, the last windows as a strip."""
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked_of(request))
        chosen = chosen_of(request)
        if chosen.feature:
            start, name = chosen.start, chosen.feature
            chart = await time_of(unit, scene, name, chosen.before, start)
            if chart is None:
                raise NotFound("there is nothing to draw of this feature")
            return drawing(request, "timeline", chart, _over_time(scene, name, chart))
        windows = await unit.views.windows(scene.query, chosen.before, STRIP)
    judged = [one for one in reversed(windows) if one.verdict]
    kinds = [kind_of(one.state, one.warning) for one in judged]
    bars = strip(kinds, max(30, len(kinds)))
    starts = [one.key.start for one in judged]
    return drawing(request, "strip", bars, _windows(scene, bars, starts))


def _over_time(scene: Scene, feature: str, chart: Timeline) -> Caption:
    starts = [dot.start for dot in chart.dots]
    about = (series_of(scene), stretch(starts[0], starts[-1], windows=len(starts)))
    title = f"{scene.model.name}: {feature}, {measure_of(scene.monitor).short}"
    return Caption(title, about, keys_of_timeline(chart))


def _windows(scene: Scene, chart: Strip, starts: Sequence[datetime]) -> Caption:
    title = f"{scene.model.name}: {chart.told}"
    if not starts:
        return Caption(title, (series_of(scene),))
    about = (series_of(scene), stretch(starts[0], starts[-1], windows=len(starts)))
    dates = dates_of(chart, starts[0], starts[-1])
    return Caption(title, about, keys_of_strip(chart), dates)


def series_of(scene: Scene, baseline: int | None = None) -> str:
    """Return in words whose windows are shown, for below a title."""
    query = scene.query
    held = against(query.comparison, baseline)
    return series(query.version, query.monitor, query.segment, held)
