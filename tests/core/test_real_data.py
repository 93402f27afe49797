"""Verdicts on real data whose drift is known from others' work."""

from collections.abc import Iterator, Mapping

import polars as pl
import pytest

from drift_core import STATISTICS, Counts, Grid, Kind, State, WindowVerdict, judge, reference
from tests import real_data

CHUNK = 5_000
LOANS = {
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
# From the univariate drift tutorial of the package that ships the data.
PUBLISHED_KS = (
    (0.01576, 0.01268, 0.01734, 0.01280, 0.01918),
    (0.00824, 0.01058, 0.01002, 0.01068, 0.00680),
)
PUBLISHED_CHI2 = ((1.034, 5.762, 2.654, 0.071, 1.005), (455.6, 428.6, 453.2, 438.3, 474.9))


def values(frame: pl.DataFrame, name: str, kind: str) -> list[object]:
    column = frame[name]
    return (column if kind == "numeric" else column.cast(pl.String)).to_list()


def known(frame: pl.DataFrame, kinds: Mapping[str, Kind]) -> dict[str, tuple[Grid, Counts]]:
    return {name: reference(values(frame, name, kind), kind) for name, kind in kinds.items()}


def verdict(
    baseline: Mapping[str, tuple[Grid, Counts]], frame: pl.DataFrame, kinds: Mapping[str, Kind]
) -> WindowVerdict:
    cur = {
        name: grid.count(values(frame, name, kinds[name])) for name, (grid, _) in baseline.items()
    }
    return judge({name: counts for name, (_, counts) in baseline.items()}, cur)


def chunks(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    return (frame[start : start + CHUNK] for start in range(0, frame.height, CHUNK))


@pytest.fixture(scope="module")
def loans() -> tuple[pl.DataFrame, pl.DataFrame]:
    names = ("synthetic_car_loan_reference.csv", "synthetic_car_loan_analysis.csv")
    return real_data.read(names[0]), real_data.read(names[1])


def test_car_loans_are_calm_for_five_windows_and_drift_from_the_sixth(loans) -> None:
    baseline = known(loans[0], LOANS)
    verdicts = [verdict(baseline, chunk, LOANS) for chunk in chunks(loans[1])]
    assert [v.state for v in verdicts] == [State.OK] * 5 + [State.DRIFT] * 5
    assert not any(v.warning for v in verdicts[:5])
    for after in verdicts[5:]:
        drifted = {name for name, f in after.features.items() if f.state is State.DRIFT}
        assert {"car_value", "loan_length"} <= drifted
        assert "debt_to_income_ratio" not in drifted


def test_ks_of_the_car_loans_is_as_published(loans) -> None:
    # the published figures are estimates on 10,000 bins of their own
    column = loans[0]["debt_to_income_ratio"].to_numpy()
    grid = Grid.numeric(column)
    ref = grid.count(column)
    for chunk, published in zip(chunks(loans[1]), sum(PUBLISHED_KS, ()), strict=True):
        found = STATISTICS["ks"](ref, grid.count(chunk["debt_to_income_ratio"].to_numpy()))
        assert found.value == pytest.approx(published, abs=1.5e-3)


def test_chi_squared_of_the_car_loans_is_as_published(loans) -> None:
    column = loans[0]["salary_range"].to_list()
    grid = Grid.categorical(column)
    ref = grid.count(column)
    for chunk, published in zip(chunks(loans[1]), sum(PUBLISHED_CHI2, ()), strict=True):
        found = STATISTICS["chi2"](ref, grid.count(chunk["salary_range"].to_list()))
        assert found.value == pytest.approx(published, rel=1e-3, abs=6e-4)


def test_employment_stays_ok_by_whole_years_although_p_values_reject() -> None:
    ref = real_data.read("employment_MA_reference.pq")
    later = real_data.read("employment_MA_analysis.pq")
    years = sorted(later["year"].unique().to_list())
    assert years == [2016, 2017, 2018]
    skipped = {"year", "id", "prediction", "predicted_probability", "employed", "timestamp"}
    kinds: dict[str, Kind] = {
        name: "numeric" if name == "AGEP" else "categorical"
        for name in later.columns
        if name not in skipped
    }
    kinds["predicted_probability"] = "numeric"
    baseline = known(ref, kinds)
    for year in years:
        found = verdict(baseline, later.filter(pl.col("year") == year), kinds)
        assert found.state is State.OK
        assert any((f.p_adjusted or 1.0) < 1e-4 for f in found.features.values())
