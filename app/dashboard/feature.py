"""One feature of one window beside its reference: shapes, bins and what changed, in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.dashboard.charts.histogram import Aside, Histogram, asides, histogram
from app.dashboard.series import Scene
from app.domain.model import Baseline, Feature, Model
from app.domain.telling.distribution import BinShare, distribution
from app.domain.telling.outputs import sides_of
from app.domain.telling.reports import StoredCounts, StoredVerdict, WindowQuery
from app.domain.telling.shape import Bar, shape
from app.domain.telling.wording import changes
from app.domain.verdicts.judgement import REFERENCE
from app.domain.verdicts.judging import fitting
from app.ports import Unit
from app.report.names import shown
from drift_core import Counts

NEAR = 5e-4
"""By how much a sum of parts may miss what was judged, for all that is shown."""
NOT_VALUES = frozenset({"missing", "invalid"})
REMOVED = "The counts of this window were removed by their age; what was said of it stays."
OTHER = "This was held against other traffic, whose shape is not kept."
FIGURE = "This figure cannot be told of this reference."
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
    is_finer: bool = False
    """Whether the chart has more bars than the PSI has bins of values."""


@dataclass(frozen=True, slots=True)
class Total:
    """What bins add up to; less what chance adds that is the effect, where both are known."""

    parts: float
    by_chance: float | None = None
    effect: float | None = None


async def counts_of(
    unit: Unit, scene: Scene, stored: StoredCounts | None, name: str, column: Feature
) -> Distribution:
    """Return the distribution of a feature, or of a figure of a column, in a window's counts."""
    model, query = scene.model, scene.query
    if query.comparison != REFERENCE:
        return Distribution(name, reason=OTHER)
    if stored is None or stored.vector is None:
        return Distribution(name, reason=REMOVED if stored and stored.removed else GRID)
    baseline = await _baseline(unit, model, query, stored)
    if baseline is None or baseline.grid_set != stored.grid_set:
        return Distribution(name, reason=GRID)
    grids = (await unit.models.grid_set(model.id, baseline.grid_set)).grids
    if column.name not in grids:
        return Distribution(name, baseline.number, reason=GRID)
    ref = grids.counts(baseline.vector, column.name)
    cur = grids.counts(stored.vector, column.name)
    sides = sides_of(baseline.schema, name, (ref, cur), scene.monitor.outputs)
    if sides is None:
        return Distribution(name, baseline.number, reason=FIGURE)
    return drawn(name, baseline.number, *sides, sensitive=column.sensitive)


def total(bins: Sequence[BinShare], verdict: StoredVerdict | None) -> Total | None:
    """Return what the bins' parts add up to, and how the effect comes of it.

    Counts go on where a window is open, so that their sum may not be the one that was judged.
    """
    parts = [one.contribution for one in bins if one.contribution is not None]
    if not parts:
        return None
    found = math.fsum(parts)
    estimates = verdict.estimates if verdict else ()
    psi = next((one for one in estimates if one.statistic == "psi"), None)
    if psi is None or psi.value is None or not math.isclose(psi.value, found, abs_tol=NEAR):
        return Total(found)
    return Total(found, psi.null_mean, psi.effect)


def drawn(
    name: str, baseline: int, ref: Counts, cur: Counts, *, sensitive: bool = False
) -> Distribution:
    """Return what two counts look like; of a sensitive feature without levels and limits."""
    bins = distribution(ref, cur, sensitive=sensitive)
    told = () if sensitive else changes(ref, cur)
    of_psi = [
        Bar(one.label, one.kind, one.reference_share, one.current_share)
        for one in bins
        if one.kind not in NOT_VALUES
    ]
    fine = () if sensitive else shape(ref, cur)
    values = [bar for bar in fine if bar.kind not in NOT_VALUES] or of_psi
    named = shown(name, 60)
    words = f"Shares of rows of {named}, reference and current. {shown('; '.join(told), 300)}"
    chart = histogram(values, words)
    is_finer = len(values) > len(of_psi)
    return Distribution(name, baseline, chart, asides(ref, cur), bins, told, is_finer=is_finer)


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
