"""What a model's page shows, as files."""

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.charts.strip import strip
from app.dashboard.files import drawing, table
from app.dashboard.measure import measure_of
from app.dashboard.model.page import USUAL, chosen_of, time_of
from app.dashboard.place import of
from app.dashboard.series import asked_of, resolve
from app.dashboard.states import kind_of
from app.domain.alerts.event import rfc3339
from app.domain.errors import NotFound

STRIP = 60


async def get_heat(request: Request) -> Response:
    """Every feature in every window that the grid looks at, one line each."""
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked_of(request))
        measure = measure_of(scene.monitor)
        windows = await unit.views.windows(scene.query, chosen_of(request).before, USUAL)
        starts = {one.verdict: one.key.start for one in windows if one.verdict is not None}
        names = [one.name for one in scene.model.schema.counted()] if scene.model.schema else []
        cells = await unit.views.cells(list(starts), names, measure.statistic)
    by_time = sorted(starts, key=lambda verdict: starts[verdict])
    found = (cells[verdict].get(name) for verdict in by_time for name in sorted(names))
    head = (
        "window_start",
        "feature",
        "state",
        "warning",
        measure.statistic or measure.short,
        "verdict",
    )
    rows = (
        (rfc3339(starts[one.verdict]), one.feature, one.state, one.warning, one.effect, one.verdict)
        for one in found
        if one is not None
    )
    return table(request, head, rows)


async def get_timeline(request: Request) -> Response:
    """One feature over windows, one line for each statistic."""
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked_of(request))
        chosen = chosen_of(request)
        points = await unit.views.points(scene.query, chosen.feature, chosen.before, USUAL)
    head = ("window_start", "window_end", "rows", "state", "statistic", "value", "effect")
    rows = (
        (
            rfc3339(point.start),
            rfc3339(point.end),
            point.rows,
            point.verdict.state,
            one.statistic,
            one.value,
            one.effect,
        )
        for point in points
        for one in point.verdict.estimates
    )
    return table(request, (*head, "threshold", "p_value"), rows)


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
            short = measure_of(scene.monitor).short
            return drawing(request, "timeline", chart, f"{scene.model.name}: {name}, {short}")
        windows = await unit.views.windows(scene.query, chosen.before, STRIP)
    kinds = [kind_of(one.state, one.warning) for one in reversed(windows) if one.verdict]
    return drawing(request, "strip", strip(kinds, max(30, len(kinds))), scene.model.name)
