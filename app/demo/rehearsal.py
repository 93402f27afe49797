"""The story judged by the core alone: what the service must find, without a service."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from app.demo.story import TIME, Story, weeks
from drift_core import Counts, Grid, Kind, State, judge, reference


def drifted_weeks(story: Story, key: bytes = b"leeway") -> dict[str, list[datetime]]:
    """Return, for each feature, the starts of the weeks whose verdict is drift.

    ``key`` draws the part of the reference that chooses the levels, which the service draws by the
    reference's content.
    """
    baseline = {name: reference(*values(story.reference, name), key=key) for name in story.features}
    grids = {name: grid for name, (grid, _) in baseline.items()}
    known = {name: counts for name, (_, counts) in baseline.items()}
    drifted: dict[str, list[datetime]] = {name: [] for name in story.features}
    for start, rows in weeks(story):
        for name, verdict in judge(known, count(grids, rows)).features.items():
            if verdict.state is State.DRIFT:
                drifted[name].append(start)
    return drifted


def count(grids: Mapping[str, Grid], rows: pl.DataFrame) -> dict[str, Counts]:
    return {name: grid.count(values(rows, name)[0]) for name, grid in grids.items() if name != TIME}


def values(rows: pl.DataFrame, name: str) -> tuple[object, Kind]:
    """Return a column's values and its kind as the service infers it: text is categorical."""
    column = rows[name]
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).to_numpy(), "numeric"
    return column.to_list(), "categorical"
