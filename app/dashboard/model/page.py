"""``/models/{model}``: the six questions, in the order in which people ask them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.charts.timeline import Timeline, timeline
from app.dashboard.feature import Distribution, counts_of, total
from app.dashboard.measure import measure_of
from app.dashboard.model.head import head_of
from app.dashboard.model.heat import Heat, columns, heat, legend
from app.dashboard.model.tiles import kind_of_report, tiles, worst_first
from app.dashboard.model.told import Told, told_of
from app.dashboard.place import of
from app.dashboard.rendering import page
from app.dashboard.series import Scene, asked_of, report_of, resolve, text_of
from app.dashboard.since import since_of
from app.dashboard.states import NOT_JUDGED, WORDS, kind_of
from app.dashboard.times import parse_time
from app.domain.monitors.monitor import MonitorKind
from app.domain.retrainings.retraining import Retraining
from app.domain.telling.outputs import column_of
from app.domain.telling.reports import StoredVerdict, TallySum, WindowReport
from app.domain.verdicts.judgement import REFERENCE, WindowSummary
from app.ports import Unit
from drift_core import Thresholds

OF_DRIFT = (MonitorKind.DATA_DRIFT, MonitorKind.PREDICTION_DRIFT)
USUAL, MOST = 192, 960
"""Windows that are looked at: as many as are asked for, up to a limit."""
ALL_FEATURES, SOME_FEATURES = 60, 30


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked at closer: a window, and a feature in it."""

    start: datetime | None
    feature: str
    before: datetime | None
    text: str


async def get_model(request: Request) -> Response:
    """Show one model."""
    asked = asked_of(request)
    async with of(request).store.read() as unit:
        scene = await resolve(unit, request.path_params["model"], asked)
        values = await _values(unit, scene, chosen_of(request), most_of(request))
    return page(request, "model.html", values, place="fleet")


def chosen_of(request: Request) -> Chosen:
    """Return what an address chooses."""
    start, before = text_of(request, "window"), text_of(request, "before")
    return Chosen(
        parse_time(start, "window") if start else None,
        text_of(request, "feature"),
        parse_time(before, "before") if before else None,
        text_of(request, "q"),
    )


def most_of(request: Request) -> int:
    """Return how many windows an address asks for."""
    asked = request.query_params.get("windows", "")
    if not (asked.isascii() and asked.isdigit()):
        return USUAL
    # Python refuses to read thousands of digits
    return min(int(asked[:9]), MOST) or USUAL


async def _values(unit: Unit, scene: Scene, chosen: Chosen, most: int) -> dict[str, object]:
    found = await unit.views.windows(scene.query, chosen.before, most + 1)
    windows, has_older = found[:most], len(found) > most
    judged = [one for one in windows if one.verdict is not None]
    start = chosen.start or (judged[0].key.start if judged else None)
    report = None if start is None else await report_of(unit, scene, start)
    features = worst_first(report.features, scene.monitor.rule) if report else []
    names = _shown([one.feature for one in features], chosen.text)
    grid = await _heat(unit, scene, judged, names, report)
    focus = chosen.feature or (names[0] if names else "")
    verdict = next((one for one in features if one.feature == focus), None)
    change = await feature_of(unit, scene, start, focus)
    told = await told_of(unit, scene, report)
    run, received = await _run(unit, scene), await _received(unit, scene)
    about: dict[str, object] = {
        "scene": scene,
        "model": scene.model,
        "windows": windows,
        "judged": judged,
        "report": report,
        "chosen": chosen,
        "has_older": has_older,
        "asked_windows": None if most == USUAL else most,
        "can_widen": has_older and most == USUAL,
        "kind": kind_of_report(report),
        "head": head_of(scene, judged, report.summary if report else None, chosen.before),
        "words": WORDS,
        "tiles": tiles(
            scene.model,
            report,
            received,
            run,
            rule=scene.monitor.rule,
            is_champion=scene.query.version == scene.champion,
            others=await _others(unit, scene, told),
        ),
        "heat": grid,
        "measure": measure_of(scene.monitor),
        "legend": legend(limits_of(scene)),
        "own_limits": [one for one in names if limits_of(scene, one) != limits_of(scene)],
        "left_out": len(features) - len(names),
        "focus": focus,
        "verdict": verdict,
        "change": change,
        "total": None if change is None else total(change.bins, verdict),
        "timeline": await time_of(unit, scene, focus, chosen.before, start),
        "told": told,
        "received": received,
        "level": told.level(scene.query.monitor),
        "drifted": [one.feature for one in features if one.state == "drift"],
        "unjudged": [f.feature for f in features if kind_of(f.state, f.warning) in NOT_JUDGED],
        "since": None if start is None else await since_of(unit, scene.query, start),
    }
    return about


def limits_of(scene: Scene, feature: str = "") -> Thresholds:
    """Return the thresholds of what is drawn; a feature's own, where it has some."""
    return measure_of(scene.monitor).limits(scene.monitor, feature)


def _shown(names: Sequence[str], text: str) -> list[str]:
    if text:
        return [one for one in names if text.casefold() in one.casefold()][:ALL_FEATURES]
    return list(names if len(names) <= ALL_FEATURES else names[:SOME_FEATURES])


async def _heat(
    unit: Unit,
    scene: Scene,
    judged: Sequence[WindowSummary],
    names: Sequence[str],
    report: WindowReport | None,
) -> Heat | None:
    if not judged or not names:
        return None
    chosen = report.summary if report else judged[0]
    found = columns(judged, chosen.key.start)
    verdicts = {one for column in found for one in column.verdicts}
    earlier = None if chosen.key.start == judged[0].key.start else chosen
    if earlier is not None and earlier.verdict is not None:
        verdicts.add(earlier.verdict)
    cells = await unit.views.cells(sorted(verdicts), names, measure_of(scene.monitor).statistic)
    return heat(found, names, cells, partial(limits_of, scene), earlier)


async def feature_of(
    unit: Unit, scene: Scene, start: datetime | None, name: str
) -> Distribution | None:
    """Return one feature of one window beside its reference; None where there is no such one."""
    column = column_of(scene.model.schema, name) if scene.model.schema else None
    if column is None or not column.counted or start is None:
        return None
    stored = await unit.views.counts(scene.query, start)
    return await counts_of(unit, scene, stored, name, column)


async def time_of(
    unit: Unit,
    scene: Scene,
    name: str,
    before: datetime | None,
    start: datetime | None,
) -> Timeline | None:
    """Return one feature over windows; None where it was never judged."""
    if not name:
        return None
    points = await unit.views.points(scene.query, name, before, USUAL)
    return timeline(points, limits_of(scene, name), measure_of(scene.monitor), start)


async def _others(unit: Unit, scene: Scene, told: Told) -> dict[str, Sequence[StoredVerdict]]:
    """Return what other monitors of drift say of the features of the window that is shown.

    Nothing of a moment of the past, of which only the monitor that is shown is asked.
    """
    if scene.asked.as_of is not None or scene.is_past:
        return {}
    asked = {one.name for one in scene.monitors if one.enabled and one.kind in OF_DRIFT}
    said = {
        one.verdict: one.monitor
        for one in told.of_monitors(scene.query.version, scene.query.segment)
        if one.monitor in asked - {scene.query.monitor} and one.comparison == REFERENCE
    }
    features = await unit.views.features(list(said))
    return {monitor: features.get(verdict, ()) for verdict, monitor in said.items()}


async def _run(unit: Unit, scene: Scene) -> Retraining | None:
    found = await unit.retrainings.page(scene.model.id, None, None, 1)
    return found[0] if found else None


async def _received(unit: Unit, scene: Scene) -> TallySum | None:
    tallies = await unit.views.tallies(scene.model.id)
    return next((one for one in tallies if one.version == scene.query.version), None)
