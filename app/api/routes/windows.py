"""Windows: verdicts, one feature's distribution, and its estimates over time."""

from datetime import datetime

from app.api import cursors
from app.api.parameters import Cursor, FeaturePath, Limit, ModelName, WindowStart
from app.api.router import new_router
from app.api.schemas.features import (
    BinAnswer,
    DistributionAnswer,
    FeatureVerdictAnswer,
    PointAnswer,
    PointPage,
    statistics_of,
)
from app.api.schemas.outputs import outputs_of
from app.api.schemas.windows import (
    ComparisonAnswer,
    FindingAnswer,
    RevisionAnswer,
    WindowAnswer,
    WindowLine,
    WindowPage,
)
from app.api.series import AskedDep, before
from app.api.state import ApiDep
from app.domain.alerts.event import rfc3339
from app.domain.alike import LONGEST, way_out
from app.domain.errors import NotFound
from app.domain.model import Baseline, Feature, Model
from app.domain.telling.distribution import BinShare, distribution
from app.domain.telling.outputs import column_of, sides_of
from app.domain.telling.reports import StoredCounts, WindowQuery, WindowReport
from app.domain.verdicts.judgement import REFERENCE
from app.domain.verdicts.judging import fitting
from app.domain.verdicts.quality import findings
from app.ports import Unit
from app.steps.segments import segment_changes
from drift_core import State

router = new_router("windows")


@router.get("/v1/models/{model}/windows", summary="List windows")
async def list_windows(
    api: ApiDep, asked: AskedDep, model: ModelName, limit: Limit = 50, cursor: Cursor = None
) -> WindowPage:
    """Return windows with their verdicts, newest first; open ones have none yet."""
    until = before(cursor)
    async with api.store.read() as unit:
        _, query = await asked.resolve(unit, model)
        found = await unit.views.windows(query, until, limit + 1)
    shown, following = cursors.page(found, limit, lambda line: rfc3339(line.key.start))
    return WindowPage(items=[WindowLine.of(line) for line in shown], next_cursor=following)


@router.get("/v1/models/{model}/windows/{start}", summary="Read a window")
async def get_window(
    api: ApiDep, asked: AskedDep, model: ModelName, start: WindowStart
) -> WindowAnswer:
    """Return one window with all its features, data-quality findings and earlier revisions."""
    async with api.store.read() as unit:
        found, query = await asked.resolve(unit, model)
        report = await _report(unit, found, query, start)
        stored = await unit.views.counts(query, start)
        grids = None
        if stored is not None and stored.grid_set is not None:
            grids = (await unit.models.grid_set(found.id, stored.grid_set)).grids
        moved = await segment_changes(unit, found, query, report.summary, stored)
    declared = found.schema.by_name() if found.schema else {}
    odd = findings(report.sightings, grids, stored.vector if stored else None)
    return WindowAnswer.of(
        report.summary,
        features=[
            FeatureVerdictAnswer.of(verdict, declared.get(verdict.feature))
            for verdict in report.features
        ],
        outputs=outputs_of(report.features, declared),
        quality=[FindingAnswer.of(finding) for finding in (*odd, *moved)],
        revisions=[RevisionAnswer.of(revision) for revision in report.revisions],
        comparisons=[ComparisonAnswer.of(one) for one in report.comparisons],
        counts_kept=stored is not None and not stored.removed,
    )


@router.get(
    "/v1/models/{model}/windows/{start}/features/{feature:tail}",
    summary="Compare a feature with its reference",
)
async def get_window_feature(
    api: ApiDep, asked: AskedDep, model: ModelName, start: WindowStart, feature: FeaturePath
) -> DistributionAnswer:
    """Return the rows of each bin in the window and in the reference, and what each contributes."""
    async with api.store.read() as unit:
        found, query = await asked.resolve(unit, model)
        column = _counted(found, feature)
        report = await _report(unit, found, query, start)
        stored = await unit.views.counts(query, start)
        shown = stored if query.comparison == REFERENCE else None
        baseline, bins = await _bins(unit, found, query, (feature, column), shown)
    verdict = next((one for one in report.features if one.feature == feature), None)
    key = report.summary.key
    return DistributionAnswer(
        start=key.start,
        end=report.summary.end,
        version=key.version,
        segment=key.segment,
        monitor=report.summary.monitor,
        revision=report.summary.revision,
        baseline=baseline.number if baseline else None,
        feature=feature,
        state=State(verdict.state) if verdict else None,
        statistics=statistics_of(verdict) if verdict else {},
        bins=[BinAnswer.of(share) for share in bins],
        reason=None if bins else _no_bins(query, stored),
    )


@router.get("/v1/models/{model}/estimates/{feature:tail}", summary="Follow a feature over time")
async def list_estimates(
    api: ApiDep,
    asked: AskedDep,
    model: ModelName,
    feature: FeaturePath,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PointPage:
    """Return one feature's statistics in every judged window, newest first."""
    until = before(cursor)
    async with api.store.read() as unit:
        found, query = await asked.resolve(unit, model)
        _counted(found, feature)
        points = await unit.views.points(query, feature, until, limit + 1)
    shown, following = cursors.page(points, limit, lambda point: rfc3339(point.start))
    return PointPage(items=[PointAnswer.of(point) for point in shown], next_cursor=following)


def _no_bins(query: WindowQuery, stored: StoredCounts | None) -> str:
    if query.comparison != REFERENCE:
        return "comparison"
    return "removed" if stored and stored.removed else "grid"


async def _report(unit: Unit, model: Model, query: WindowQuery, start: datetime) -> WindowReport:
    report = await unit.views.window(query, start)
    if report is not None:
        return report
    if model.removed_until is not None and start < model.removed_until:
        detail = f"windows that ended by {rfc3339(model.removed_until)} were removed by their age"
        raise NotFound(detail, code="removed")
    raise NotFound(f"no window of this series starts at {rfc3339(start)}")


def _counted(model: Model, name: str) -> Feature:
    """Return the column of a feature, or of a figure; only counted ones have distributions."""
    feature = column_of(model.schema, name) if model.schema else None
    if feature is None:
        known = [one.name for one in model.schema.counted()] if model.schema else []
        said = f"model {model.name!r} has no feature {name[:LONGEST]!r}"
        raise NotFound(said + way_out(name, known))
    if not feature.counted:
        raise NotFound(f"this column is not counted: {feature.why}")
    return feature


async def _bins(
    unit: Unit,
    model: Model,
    query: WindowQuery,
    asked: tuple[str, Feature],
    stored: StoredCounts | None,
) -> tuple[Baseline | None, tuple[BinShare, ...]]:
    """Return the baseline and the bins; none where the rows lie on another grid set."""
    if stored is None or (stored.vector is None and not stored.removed):
        return None, ()
    baseline = await _compared_with(unit, model, stored)
    if baseline is not None and query.segment:
        baseline = await unit.segments.reference(model.id, baseline, query.segment)
    if baseline is None or stored.vector is None or baseline.grid_set != stored.grid_set:
        return baseline, ()
    grids = (await unit.models.grid_set(model.id, baseline.grid_set)).grids
    name, column = asked
    if column.name not in grids:
        return baseline, ()
    both = tuple(grids.counts(side, column.name) for side in (baseline.vector, stored.vector))
    monitor = await unit.monitors.get(model.id, query.monitor)
    outputs = monitor.monitor.outputs if monitor else None
    shown = sides_of(baseline.schema, name, (both[0], both[1]), outputs)
    if shown is None:
        return baseline, ()
    return baseline, distribution(*shown, sensitive=column.sensitive)


async def _compared_with(unit: Unit, model: Model, stored: StoredCounts) -> Baseline | None:
    """Return the baseline a window was judged on, or would be now."""
    if stored.baseline is not None:
        return await unit.models.baseline(model.id, stored.baseline)
    if model.active_baseline is None:
        return None
    heads = await unit.models.baseline_heads(model.id)
    fits = fitting(heads, model.active_baseline, stored.grid_set)
    return await unit.models.baseline(model.id, fits.number)
