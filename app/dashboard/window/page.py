"""``/models/{model}/windows/{start}``: all that is known of one window."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.feature import total
from app.dashboard.measure import measure_of
from app.dashboard.model.page import feature_of
from app.dashboard.model.tiles import kind_of_report, worst_first
from app.dashboard.place import of
from app.dashboard.rendering import page
from app.dashboard.series import Scene, asked_of, report_of, resolve, text_of
from app.dashboard.states import NOT_JUDGED, WORDS, kind_of
from app.dashboard.times import parse_time
from app.domain.telling.reports import StoredCounts, WindowReport
from app.domain.verdicts.quality import Finding, findings
from app.ports import Unit
from app.steps.segments import segment_changes


async def get_window(request: Request) -> Response:
    """Show one window."""
    asked, start = asked_of(request), parse_time(request.path_params["start"], "start")
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked)
        report = await report_of(unit, scene, start)
        values = await _values(unit, scene, report, text_of(request, "feature"))
    return page(request, "window.html", values, place="fleet")


async def _values(
    unit: Unit, scene: Scene, report: WindowReport, feature: str
) -> dict[str, object]:
    start = report.summary.key.start
    stored = await unit.views.counts(scene.query, start)
    features = worst_first(report.features, scene.monitor.rule)
    focus = feature or (features[0].feature if features else "")
    verdict = next((f for f in features if f.feature == focus), None)
    change = await feature_of(unit, scene, start, focus)
    baselines = await unit.models.baselines(scene.model.id)
    number = report.summary.baseline
    # a neighbour is one step away in the list of windows, which may have holes
    newer = await _newer(unit, scene, report)
    older = await unit.views.windows(scene.query, start, 1)
    return {
        "scene": scene,
        "model": scene.model,
        "report": report,
        "one": report.summary,
        "start": start,
        "kind": kind_of_report(report),
        "words": WORDS,
        "features": features,
        "unjudged": [f.feature for f in features if kind_of(f.state, f.warning) in NOT_JUDGED],
        "statistics": measure_of(scene.monitor).columns,
        "focus": focus,
        "verdict": verdict,
        "change": change,
        "total": None if change is None else total(change.bins, verdict),
        "baseline": next((b for b in baselines if b.number == number), None),
        "findings": await _findings(unit, scene, report, stored),
        "kept": stored is not None and not stored.removed,
        "older": older[0].key.start if older else None,
        "newer": newer,
    }


async def _newer(unit: Unit, scene: Scene, report: WindowReport) -> datetime | None:
    near = await unit.views.windows(scene.query, report.summary.end, 2)
    after = [one.key.start for one in near if one.key.start > report.summary.key.start]
    if after:
        return min(after)
    start = report.summary.end
    found = await unit.views.window(scene.query, start)
    return None if found is None else start


async def _findings(
    unit: Unit, scene: Scene, report: WindowReport, stored: StoredCounts | None
) -> tuple[Finding, ...]:
    grids = None
    if stored is not None and stored.grid_set is not None:
        grids = (await unit.models.grid_set(scene.model.id, stored.grid_set)).grids
    odd = findings(report.sightings, grids, stored.vector if stored else None)
    moved = await segment_changes(unit, scene.model, scene.query, report.summary, stored)
    return (*odd, *moved)
