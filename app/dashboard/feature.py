"""One feature of one window beside its reference: shapes, bins and what changed, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.dashboard.charts.histogram import Aside, Histogram, asides, histogram
from app.domain.model import Baseline, Feature, Model
from app.domain.telling.distribution import BinShare, distribution
from app.domain.telling.reports import StoredCounts, WindowQuery
from app.domain.telling.shape import Bar, shape
from app.domain.telling.wording import changes
from app.domain.verdicts.judgement import REFERENCE
from app.domain.verdicts.judging import fitting
from app.ports import Unit
from app.report.names import shown
from drift_core import Counts

NOT_VALUES = frozenset({"missing", "invalid"})
REMOVED = "The counts of this window were removed by their age; what was said of it stays."
OTHER = "This was held against other traffic, whose shape is not kept."
GRID = "The window was counted on another grid than the reference, so they cannot be drawn."


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is shown of one feature."""

    feature: str
    baseline: int | None = None
    chart: Histogram | None = None
    asides: tuple[Aside, ...] = ()
    bins: tuple[BinShare, ...] = ()
    changes: tuple[str, ...] = ()
    reason: str | None = None
    """Why there is none."""


async def counts_of(
    unit: Unit, model: Model, query: WindowQuery, stored: StoredCounts | None, feature: Feature
) -> Distribution:
    """Return the distribution of a feature in a window's counts."""
    if query.comparison != REFERENCE:
        return Distribution(feature.name, reason=OTHER)
    if stored is None or stored.vector is None:
        return Distribution(feature.name, reason=REMOVED if stored and stored.removed else GRID)
    baseline = await _baseline(unit, model, query, stored)
    if baseline is None or baseline.grid_set != stored.grid_set:
        return Distribution(feature.name, reason=GRID)
    grids = (await unit.models.grid_set(model.id, baseline.grid_set)).grids
    if feature.name not in grids:
        return Distribution(feature.name, baseline.number, reason=GRID)
    ref = grids.counts(baseline.vector, feature.name)
    cur = grids.counts(stored.vector, feature.name)
    return drawn(feature, baseline.number, ref, cur)


def drawn(feature: Feature, baseline: int, ref: Counts, cur: Counts) -> Distribution:
    """Return what two counts look like; of a sensitive feature without levels and limits."""
    bins = distribution(ref, cur, sensitive=feature.sensitive)
    if feature.sensitive:
        bars: Sequence[Bar] = [
            Bar(one.label, one.kind, one.reference_share, one.current_share) for one in bins
        ]
        told: tuple[str, ...] = ()
    else:
        bars, told = shape(ref, cur), changes(ref, cur)
    values = [bar for bar in bars if bar.kind not in NOT_VALUES]
    named = shown(feature.name, 60)
    words = f"Shares of rows of {named}, reference and current. {shown('; '.join(told), 300)}"
    chart = histogram(values, words)
    return Distribution(feature.name, baseline, chart, asides(ref, cur), bins, told)


async def _baseline(
    unit: Unit, model: Model, query: WindowQuery, stored: StoredCounts
) -> Baseline | None:
    """Return the reference that a window was judged on, or would be now."""
    number = stored.baseline
    if number is None:
        if model.active_baseline is None:
            return None
        heads = await unit.models.baseline_heads(model.id)
        number = fitting(heads, model.active_baseline, stored.grid_set).number
    found = await unit.models.baseline(model.id, number)
    if found is not None and query.segment:
        return await unit.segments.reference(model.id, found, query.segment)
    return found
