"""Real windows whose drift is known: which rules call them drifted, before and after."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from benchmarks.scorecard import others
from benchmarks.scorecard.rates import Rate, rate
from benchmarks.scorecard.results import RealRow
from benchmarks.scorecard.tables import Tables
from benchmarks.scorecard.windows import VERDICT
from drift_core import Counts, Grid, Kind, State, judge, reference
from drift_core.judging.stacks import aside_of
from drift_core.types import FloatArray
from tests import real_data

_CHUNK = 5_000
_LOANS: Mapping[str, Kind] = {
    "car_value": "numeric",
    "debt_to_income_ratio": "numeric",
    "driver_tenure": "numeric",
    "loan_length": "numeric",
    "repaid_loan_on_prev_car": "categorical",
    "salary_range": "categorical",
    "size_of_downpayment": "categorical",
    "y_pred_proba": "numeric",
    "y_pred": "categorical",
}
_NO_FEATURES = frozenset(
    {"year", "id", "prediction", "predicted_probability", "employed", "timestamp"}
)


def _values(frame: pl.DataFrame, name: str, kind: Kind) -> list[object]:
    column = frame[name]
    return (column if kind == "numeric" else column.cast(pl.String)).to_list()


def _loans(variant: str, title: str, seed: Sequence[int]) -> RealRow:
    ref, later = (
        real_data.read(f"synthetic_car_loan_{variant}{part}.csv")
        for part in ("reference", "analysis")
    )
    windows = [later[start : start + _CHUNK] for start in range(0, later.height, _CHUNK)]
    return _row(title, ref, windows, 5, _LOANS, seed)


def car_loans(seed: Sequence[int]) -> RealRow:
    """Ten windows of 5,000 loans; the last five drifted by construction."""
    return _loans("", "car loans, 5,000 rows", seed)


def incomplete_loans(seed: Sequence[int]) -> RealRow:
    """The same with missing values that rise from 10 to 22 % in two columns."""
    return _loans("dq_", "car loans with missing values", seed)


def employment(seed: Sequence[int]) -> RealRow:
    """Three later years of a census survey against 2015: nothing that matters changed."""
    ref = real_data.read("employment_MA_reference.pq")
    later = real_data.read("employment_MA_analysis.pq")
    kinds: dict[str, Kind] = {
        name: "numeric" if name == "AGEP" else "categorical"
        for name in later.columns
        if name not in _NO_FEATURES
    }
    kinds["predicted_probability"] = "numeric"
    years = [later.filter(pl.col("year") == year) for year in (2016, 2017, 2018)]
    return _row("employment by year", ref, years, len(years), kinds, seed)


JOBS: tuple[Callable[[Sequence[int]], RealRow], ...] = (car_loans, incomplete_loans, employment)


def _row(
    title: str,
    ref: pl.DataFrame,
    windows: Sequence[pl.DataFrame],
    calm: int,
    kinds: Mapping[str, Kind],
    seed: Sequence[int],
) -> RealRow:
    known = {name: reference(_values(ref, name, kind), kind) for name, kind in kinds.items()}
    counted = [
        {name: grid.count(_values(one, name, kinds[name])) for name, (grid, _) in known.items()}
        for one in windows
    ]
    base = {name: counts for name, (_, counts) in known.items()}
    drifted = {VERDICT: np.array([judge(base, one).state is State.DRIFT for one in counted])}
    columns = [tables_of(base[name], [one[name] for one in counted]) for name in base]
    rng = np.random.default_rng(seed)
    for name, rule in others.ANY.items():
        found = np.stack([np.broadcast_to(rule(one, rng), len(windows)) for one in columns], -1)
        drifted[name] = np.asarray(found.any(-1))
        if name == others.HALF:
            drifted[f"{name}, half of the columns"] = found.mean(-1) >= 0.5
    before = {name: rate(found[:calm]) for name, found in drifted.items()}
    after: dict[str, Rate] = {}
    if calm < len(windows):
        after = {name: rate(found[calm:]) for name, found in drifted.items()}
    return RealRow(title, before, after)


def tables_of(ref: Counts, cur: Sequence[Counts]) -> Tables:
    """Set windows that were counted on a grid beside their reference."""
    grid, bins = ref.grid, ref.grid.bins(ref)
    lower, upper = _limits(grid)
    return Tables(
        grid.kind,
        ref.values[None],
        np.stack([one.values for one in cur]),
        bins.coarsen(ref.cells)[None],
        np.stack([bins.coarsen(one.cells) for one in cur]),
        aside_of(bins),
        np.ones(ref.values.size, np.bool_) if grid.points is None else grid.points,
        _places(ref, lower, upper),
        lower,
        upper,
    )


def _places(ref: Counts, lower: FloatArray, upper: FloatArray) -> FloatArray:
    # at the limit nearer to the median: the cells of the tails are wide, their rows are not far out
    middle = int(np.searchsorted(np.cumsum(ref.values), ref.values.sum() / 2))
    above = np.arange(lower.size) > middle
    places = np.where(above, lower, upper)
    finite = places[np.isfinite(places)]
    return np.asarray(np.clip(places, finite.min(), finite.max()))


def _limits(grid: Grid) -> tuple[FloatArray, FloatArray]:
    if grid.limits is not None:
        return grid.limits
    place = np.arange(grid.size - 2, dtype=np.float64)
    return place, place
