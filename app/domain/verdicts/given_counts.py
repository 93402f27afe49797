"""Counts behind a verdict as anybody may read them: all cells, but not what sensitive ones mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.domain.model import Feature, Kind, Schema
from app.domain.verdicts.verdict import Evidence
from drift_core import CategoricalGrid, NumericGrid

FORM = "leeway.counts/1"


@dataclass(frozen=True, slots=True)
class FeatureCounts:
    """One feature's cells: missing, invalid, and then those of its values."""

    feature: str
    kind: Kind
    sensitive: bool
    grid: dict[str, Any] | None
    points: list[int] | None
    own_bins: int | None
    reference: list[int] | None
    window: list[int]


@dataclass(frozen=True, slots=True)
class GivenCounts:
    """All features; ``reason`` says why there are none."""

    features: tuple[FeatureCounts, ...]
    reason: str | None = None


def given_counts(evidence: Evidence, schema: Schema | None) -> GivenCounts:
    """Return the cells of window and reference.

    A feature is sensitive where the model says so now, or said so when the baseline was made: the
    knots and levels of such a one are values of its rows, and stay here. Its counts do not.
    """
    counts, grids = evidence.counts, evidence.grids
    if counts.vector is None or grids is None:
        return GivenCounts((), "removed" if counts.removed else "grid")
    baseline = evidence.baseline
    fits = baseline is not None and baseline.grid_set == counts.grid_set
    reference = baseline.vector if baseline and fits else None
    if evidence.traffic is not None:
        other = evidence.traffic
        reference = other.vector if other.grid_set == counts.grid_set else None
    before = {} if baseline is None else baseline.schema.by_name()
    now = {} if schema is None else schema.by_name()
    made = []
    for name, grid in grids.grids.grids:
        place = grids.grids.slice(name)
        sensitive = any(_sensitive(side, name) for side in (before, now))
        made.append(
            FeatureCounts(
                feature=name,
                kind=Kind(grid.kind),
                sensitive=sensitive,
                grid=None if sensitive else grid.to_json(),
                points=_points(grid),
                own_bins=grid.own_bins if isinstance(grid, CategoricalGrid) else None,
                reference=None if reference is None else reference[place].tolist(),
                window=counts.vector[place].tolist(),
            )
        )
    return GivenCounts(tuple(made))


def _points(grid: object) -> list[int] | None:
    return np.flatnonzero(grid.points).tolist() if isinstance(grid, NumericGrid) else None


def _sensitive(columns: Mapping[str, Feature], name: str) -> bool:
    column = columns.get(name)
    return column is not None and column.sensitive
