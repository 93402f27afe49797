"""What the page of a window shows, as files."""

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.charts.caption import SIDES, Caption, keys, notes_of, stretch
from app.dashboard.feature import Distribution
from app.dashboard.files import drawing, table
from app.dashboard.measure import measure_of
from app.dashboard.model.files import series_of
from app.dashboard.model.page import feature_of
from app.dashboard.model.tiles import effect_of, rules, worst_first
from app.dashboard.place import of
from app.dashboard.series import Scene, asked_of, report_of, resolve, text_of
from app.dashboard.times import parse_time
from app.domain.errors import NotFound
from app.domain.telling.reports import WindowReport


async def get_features(request: Request) -> Response:
    """Return every feature of a window with its numbers."""
    start = parse_time(request.path_params["start"], "start")
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked_of(request))
        report = await report_of(unit, scene, start)
    statistics = measure_of(scene.monitor).columns
    head = ("feature", "state", "warning", *statistics, "p_value", "p_adjusted", "rules", "reason")
    rows = (
        (
            one.feature,
            one.state,
            one.warning,
            *(effect_of(one, name) for name in statistics),
            one.p_value,
            one.p_adjusted,
            rules(one) if one.rules else "",
            one.reason,
        )
        for one in worst_first(report.features, scene.monitor.rule)
    )
    return table(request, head, rows)


async def get_bins(request: Request) -> Response:
    """Return the bins of one feature with what each adds to the PSI."""
    _, _, change = await _change(request)
    head = ("bin", "kind", "reference_rows", "rows", "reference_share", "share", "psi_part")
    rows = (
        (
            one.label,
            one.kind,
            one.reference,
            one.current,
            one.reference_share,
            one.current_share,
            one.contribution,
        )
        for one in change.bins
    )
    return table(request, head, rows)


async def get_chart(request: Request) -> Response:
    """Return one feature beside its reference as a picture."""
    scene, report, change = await _change(request)
    if change.chart is None:
        raise NotFound(change.reason or "there is nothing to draw of this feature")
    one = report.summary
    about = (series_of(scene, change.baseline), stretch(one.key.start, one.end))
    title = f"{scene.model.name}: shares of rows by {change.feature}"
    notes = notes_of(change.changes, change.asides)
    return drawing(
        request, "histogram", change.chart, Caption(title, about, keys(SIDES), notes=notes)
    )


async def _change(request: Request) -> tuple[Scene, WindowReport, Distribution]:
    start = parse_time(request.path_params["start"], "start")
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked_of(request))
        report = await report_of(unit, scene, start)
        change = await feature_of(unit, scene, start, text_of(request, "feature"))
    if change is None:
        raise NotFound("this model counts no such feature")
    return scene, report, change
